"""Reading a labelled table as it is: Parquet, CSV or TSV, any usual encoding and separator, everything as text first."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from weidai.assessment.scorecards.errors import ColumnUnknown, TableUnreadable, TrainingGroupMissing

if TYPE_CHECKING:
    import polars

_PARQUET_MAGIC = b"PAR1"
_CANDIDATES = (",", "\t", ";", "|")
_MOST_BYTES = 4 * 1024**3


def table_read(path: Path) -> polars.DataFrame:
    """Return the table of a file with trimmed column names; a damaged or empty file is refused with the reason."""
    pl = polars_ready()
    if not path.is_file():
        raise TableUnreadable(path=path, detail="不存在 / no such file")
    if path.stat().st_size > _MOST_BYTES:
        raise TableUnreadable(path=path, detail="超过 4 GiB / larger than 4 GiB")
    with path.open("rb") as stream:
        head = stream.read(4)
    if not head:
        raise TableUnreadable(path=path, detail="空文件 / empty file")
    try:
        frame = pl.read_parquet(path) if head == _PARQUET_MAGIC else _text_read(path)
    except TableUnreadable:
        raise
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise TableUnreadable(path=path, detail=str(error).splitlines()[0][:300]) from error
    except BaseException as error:  # the reader's panic on a damaged file is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise TableUnreadable(path=path, detail="文件损坏 / the file is damaged") from error
    if frame.width == 0 or frame.height == 0:
        raise TableUnreadable(path=path, detail="没有数据行 / no rows")
    return _named(frame)


def table_hash(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def column_named(frame: polars.DataFrame, name: str) -> str:
    """Return the column of that name; case and outer spaces do not matter when only one fits."""
    if name in frame.columns:
        return name
    wanted = name.strip().casefold()
    alike = [column for column in frame.columns if column.casefold() == wanted]
    if len(alike) == 1:
        return alike[0]
    raise ColumnUnknown(column=name, columns=", ".join(frame.columns[:40]))


def polars_ready():  # type: ignore[no-untyped-def]
    """Return the table library, or say what to install."""
    try:
        import polars as pl
    except ImportError as error:
        raise TrainingGroupMissing(package="polars") from error
    return pl


def training_ready() -> None:
    """Say at once, before any work, which library of model building is missing."""
    from importlib.util import find_spec

    for package in ("numpy", "polars", "lightgbm", "onnx", "onnxruntime"):
        if find_spec(package) is None:
            raise TrainingGroupMissing(package=package)


def _text_read(path: Path) -> polars.DataFrame:
    import io

    pl = polars_ready()
    text = _decoded(path)
    separator = _separator(text)
    return pl.read_csv(
        io.BytesIO(text.encode()),
        separator=separator,
        infer_schema=False,
        truncate_ragged_lines=True,
        null_values=[""],
        quote_char='"',
    )


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    if b"\x00" in content[:4096] and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise TableUnreadable(path=path, detail="不是文本，也不是 Parquet / neither text nor Parquet")
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030", "cp1252")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableUnreadable(path=path, detail="字符编码无法识别 / the encoding is not known")


def _separator(text: str) -> str:
    """Return the separator that cuts the first lines into the most, equally many, columns."""
    lines = [line for line in text[:200_000].splitlines()[:20] if line.strip()]

    def quality(separator: str) -> tuple[int, int]:
        counts = [line.count(separator) for line in lines]
        return sum(count == counts[0] for count in counts) * (counts[0] > 0), counts[0]

    return max(_CANDIDATES, key=quality) if lines else ","


def _named(frame: polars.DataFrame) -> polars.DataFrame:
    names: list[str] = []
    for position, column in enumerate(frame.columns):
        name = column.strip().lstrip("\ufeff") or f"column_{position + 1}"
        while name in names:
            name += "_2"
        names.append(name)
    frame.columns = names
    return frame
