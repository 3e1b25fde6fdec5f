"""One module per area; each has `urlpatterns` and `MENU`. Add its name to `AREAS` in `console/urls.py`."""
