"""Template tags and filters; `{% load weidai %}`."""
