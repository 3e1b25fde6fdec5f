"""Console tags; `{% load console %}`."""
