"""How a multipart body is read: never more than the largest kind in memory, nothing in the clear on a disk (R9.6)."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from weidai.files.policy import MOST_MB

MOST_BYTES = MOST_MB * 1024 * 1024
MOST_BODY_BYTES = 512 * 1024 * 1024  # beyond it reading on is no courtesy any more


class BoundedUploadHandler(FileUploadHandler):
    """Keeps a file up to the bound; of a larger one only counts the bytes, so that the page can say how large it was."""

    def handle_raw_input(self, _input: Any, _meta: Any, content_length: int, *_rest: Any, **_more: Any) -> None:
        """Give up at once on a body nobody sends by mistake."""
        if content_length > MOST_BODY_BYTES:
            raise StopUpload(connection_reset=True)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin one file."""
        super().new_file(*args, **kwargs)
        self.kept, self.total = io.BytesIO(), 0

    def receive_data_chunk(self, raw_data: bytes, _start: int) -> None:
        """Keep a piece, or drop everything once the bound is passed."""
        self.total += len(raw_data)
        if self.total <= MOST_BYTES:
            self.kept.write(raw_data)
        elif self.kept.tell():
            self.kept = io.BytesIO()

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return the file; one beyond the bound has its true size and no content."""
        self.kept.seek(0)
        return InMemoryUploadedFile(
            file=self.kept, field_name=self.field_name, name=self.file_name or "file", content_type=self.content_type or "",
            size=file_size, charset=self.charset, content_type_extra=self.content_type_extra)
