"""Thin views: read the request, call one service or selector, return its row. One file per part of the product."""
