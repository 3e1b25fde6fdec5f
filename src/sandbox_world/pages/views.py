"""Placeholder blueprint until the pages stand."""

from flask import Blueprint

blueprint = Blueprint("pages", __name__)
