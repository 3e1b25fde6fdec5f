"""One module per area; each has `urlpatterns`. Add its name to `AREAS` in `h5/urls.py`."""
