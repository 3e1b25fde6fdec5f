"""Django's handle on the tables of files."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Stored files and the receipts of what was deleted."""

    name = "weidai.files"
    label = "files"
