"""Addresses for machines: partners' callbacks, and later the JSON API."""
