"""Reads tensors from a file PyTorch wrote before its zip format, without PyTorch and without running what the file says.

Such a file is five pickles (mark, version, machine, the names of tensors, the order of their stores) and then the numbers.
Only the three names a plain file of tensors needs are known here; any other name ends the reading.
"""

from __future__ import annotations

import io
import pickle
import struct
from collections import OrderedDict
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

_MARK, _VERSION = 0x1950A86A20F9469CFC6C, 1001
_LARGEST_FILE = 64 * 1024 * 1024


class WeightsUnreadable(Exception):
    """Not a file of float tensors in the format this reader knows."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A tensor as the file describes it; its numbers stand in a store further down."""

    store: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        known = {("collections", "OrderedDict"): OrderedDict, ("torch._utils", "_rebuild_tensor_v2"): _wanted,
                 ("torch", "FloatStorage"): "float32"}
        if (module, name) not in known:
            raise WeightsUnreadable(f"{module}.{name}")
        return known[module, name]

    def persistent_load(self, pid: Any) -> str:
        kind, number_type, key, _place, _count, *_view = pid
        if kind != "storage" or number_type != "float32":
            raise WeightsUnreadable("store")
        return str(key)


def _wanted(store: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_rest: Any) -> _Wanted:
    return _Wanted(store, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


def tensors_read(path: Path, *, part: str) -> dict[str, np.ndarray]:
    """Return the float tensors under the key `part` of the dictionary in the file."""
    if path.stat().st_size > _LARGEST_FILE:
        raise WeightsUnreadable("size")
    stream = io.BytesIO(path.read_bytes())
    try:
        if [_Reader(stream).load() for _ in range(2)] != [_MARK, _VERSION]:
            raise WeightsUnreadable("mark")
        if not _Reader(stream).load()["little_endian"]:
            raise WeightsUnreadable("byte order")
        described = _Reader(stream).load()[part]
        stores = {str(key): _store(stream) for key in _Reader(stream).load()}
        return {name: _tensor(stores[wanted.store], wanted) for name, wanted in described.items() if isinstance(wanted, _Wanted)}
    except WeightsUnreadable:
        raise
    except (pickle.UnpicklingError, EOFError, struct.error, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise WeightsUnreadable("format") from error


def _store(stream: io.BytesIO) -> np.ndarray:
    (count,) = struct.unpack("<q", stream.read(8))
    if not 0 <= count <= _LARGEST_FILE // 4:
        raise WeightsUnreadable("store")
    return np.frombuffer(stream.read(4 * count), dtype="<f4", count=count)


def _tensor(store: np.ndarray, wanted: _Wanted) -> np.ndarray:
    plain = tuple(prod(wanted.shape[number + 1:]) for number in range(len(wanted.shape)))
    if wanted.strides != plain or not 0 <= wanted.offset <= len(store):
        raise WeightsUnreadable("strides")
    count = prod(wanted.shape)
    return store[wanted.offset:wanted.offset + count].reshape(wanted.shape)
