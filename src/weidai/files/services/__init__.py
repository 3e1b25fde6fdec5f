"""What files do, one file per use case."""

from weidai.files.services.erasure import customer_files_erase, receipt_issue
from weidai.files.services.keeping import OpenedFile, file_delete, file_open, file_store
from weidai.files.services.retention import orphans_remove, retention_run

__all__ = [
    "OpenedFile",
    "customer_files_erase",
    "file_delete",
    "file_open",
    "file_store",
    "orphans_remove",
    "receipt_issue",
    "retention_run",
]
