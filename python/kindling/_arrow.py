"""Rows between libkindling and pyarrow, through Arrow's C stream interface."""

from __future__ import annotations

import ctypes
import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kindling import _library, errors

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
    rows = to_reader(data)
    holder = _Stream()
    rows._export_to_c(ctypes.addressof(holder))
    return ctypes.addressof(holder), (holder, rows)


def to_reader(data: Any) -> Any:
    """Make a ``pyarrow.RecordBatchReader`` of whatever holds rows."""
    module = pyarrow()
    if isinstance(data, module.RecordBatchReader):
        return data
    if isinstance(data, module.RecordBatch):
        data = module.Table.from_batches([data])
    if isinstance(data, module.Table):
        return data.to_reader()
    if isinstance(data, Mapping):
        return _table_of_columns(module, data).to_reader()
    if type(data).__module__.partition(".")[0] == "pandas":
        return module.Table.from_pandas(data, preserve_index=False).to_reader()
    if hasattr(data, "__arrow_c_stream__"):
        return module.RecordBatchReader.from_stream(data)
    if isinstance(data, Sequence) and all(isinstance(row, Mapping) for row in data):
        if not data:
            raise errors.ArgumentError("there are no rows to load, so their columns are not known")
        return module.Table.from_pylist([dict(row) for row in data]).to_reader()
    raise errors.ArgumentError(
        f"{type(data).__name__} is not a table: give a pyarrow Table or reader, a pandas DataFrame, "
        "a dict of arrays, or a list of dicts"
    )


def _table_of_columns(module: Any, columns: Mapping[str, Any]) -> Any:
    table = {name: _column(module, name, values) for name, values in columns.items()}
    lengths = {name: len(values) for name, values in table.items()}
    if len(set(lengths.values())) > 1:
        raise errors.ArgumentError(f"the columns have different lengths: {lengths}")
    return module.table(table)


def _column(module: Any, name: str, values: Any) -> Any:
    """Make an Arrow array of a column: rows of more than one dimension become lists."""
    if not isinstance(values, np.ndarray) or values.ndim < 2:
        return values if isinstance(values, module.ChunkedArray) else module.array(values)
    if values.dtype.hasobject:
        raise errors.ArgumentError(f"column {name!r}: an array of objects has one dimension, this one {values.ndim}")
    flat = np.ascontiguousarray(values).reshape(-1)
    width = flat.size // len(values) if len(values) else 0
    offsets = np.arange(len(values) + 1, dtype=np.int64) * width
    return module.LargeListArray.from_arrays(module.array(offsets), module.array(flat))
