"""Rows between libkindling and pyarrow, through Arrow's C stream interface."""

from __future__ import annotations

import ctypes
import importlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kindling import _library, _table, errors

if TYPE_CHECKING:
    import pyarrow as pa


class _Stream(ctypes.Structure):
    """``struct ArrowArrayStream``: five pointers."""

    _fields_ = [(name, ctypes.c_void_p) for name in ("get_schema", "get_next", "get_last_error", "release", "private")]


def pyarrow() -> Any:
    """Import pyarrow, or say how to get it."""
    try:
        return importlib.import_module("pyarrow")
    except ImportError as error:
        raise ImportError("rows need pyarrow: pip install 'kindling-ignite[arrow]'") from error


def reader(stream: int) -> pa.RecordBatchReader:
    """Return the rows of a stream handle of libkindling, which it takes over."""
    module = pyarrow()
    holder = _Stream()
    if _library.load().kindling_export(stream, ctypes.addressof(holder)):
        raise errors.ClosedError("the stream of rows is closed")
    with translated():
        return module.RecordBatchReader._import_from_c(ctypes.addressof(holder))


def batches(rows: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """Yield the batches; the errors are Kindling's own, and Ctrl-C ends it between two batches."""
    try:
        while True:
            with translated():
                batch = rows.read_next_batch()
            yield batch
    except StopIteration:
        return
    finally:
        rows.close()


class translated:
    """A context in which pyarrow's errors become those of :mod:`kindling.errors`."""

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Raise the error that libkindling named."""
        if not isinstance(error, Exception) or isinstance(error, StopIteration):
            return
        match = re.search(r"\b([A-Z][A-Za-z]+Error): (.*)", str(error), re.DOTALL)
        if match:
            raise errors.from_answer(match[1], match[2]) from None


def export(data: Any) -> tuple[int, object]:
    """Give rows to libkindling: the address of a stream, and what must live until it has been read."""
    rows = _table.to_reader(pyarrow(), data)
    holder = _Stream()
    rows._export_to_c(ctypes.addressof(holder))
    return ctypes.addressof(holder), (holder, rows)
