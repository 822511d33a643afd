"""Whatever holds rows as Arrow: tables, frames, arrays and dictionaries."""

from __future__ import annotations

import decimal
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kindling import errors
from kindling._arguments import is_missing


def to_reader(module: Any, data: Any) -> Any:
    """Make a ``pyarrow.RecordBatchReader`` of whatever holds rows; ``module`` is pyarrow."""
    if isinstance(data, module.RecordBatchReader):
        return data
    if isinstance(data, module.RecordBatch):
        data = module.Table.from_batches([data])
    if isinstance(data, module.Table):
        return data.to_reader()
    if isinstance(data, Mapping):
        return _table(module, [(str(name), values) for name, values in data.items()]).to_reader()
    if type(data).__module__.partition(".")[0] == "pandas" and hasattr(data, "index"):
        return _table(module, _frame_columns(data)).to_reader()
    if hasattr(data, "__arrow_c_stream__"):
        return module.RecordBatchReader.from_stream(data)
    if isinstance(data, Sequence) and all(isinstance(row, Mapping) for row in data):
        return _table(module, _row_columns(data)).to_reader()
    raise errors.ArgumentError(
        f"{type(data).__name__} is not a table: give a pyarrow Table or reader, a pandas DataFrame, "
        "a dict of arrays, or a list of dicts"
    )


def _row_columns(rows: Sequence[Mapping[Any, Any]]) -> list[tuple[str, Any]]:
    """Return the columns of rows: the fields of all of them, None where a row lacks one."""
    if not rows:
        raise errors.ArgumentError("there are no rows to load, so their columns are not known")
    names = dict.fromkeys(name for row in rows for name in row)
    return [(str(name), [row.get(name) for row in rows]) for name in names]


def _frame_columns(frame: Any) -> list[tuple[str, Any]]:
    """Return the columns of a DataFrame or Series, with the levels of its index first.

    A number for each row without a name is none of them: that is what pandas has where no index was set.
    """
    if not hasattr(frame, "columns"):  # a Series
        frame = frame.to_frame()
    index = frame.index
    levels = [] if index.nlevels == 1 and index.name is None and index.dtype.kind in "iu" else index.names
    if None in levels:
        raise errors.ArgumentError(
            "a level of the frame's index has no name: give it one, to load it as a column, with rename_axis(), "
            "or leave the index out with reset_index(drop=True)"
        )
    columns = [(str(name), index.get_level_values(i)) for i, name in enumerate(levels)]
    return columns + [(str(name), frame.iloc[:, i]) for i, name in enumerate(frame.columns)]


def _table(module: Any, columns: list[tuple[str, Any]]) -> Any:
    names = [name for name, _ in columns]
    if twice := {name for name in names if names.count(name) > 1}:
        raise errors.ArgumentError(f"two columns are named {min(twice)!r}; the levels of an index are columns, too")
    arrays = [_column(module, name, values) for name, values in columns]
    lengths = dict(zip(names, map(len, arrays), strict=True))
    if len(set(lengths.values())) > 1:
        raise errors.ArgumentError(f"the columns have different lengths: {lengths}")
    return module.table(arrays, names=names)


def _column(module: Any, name: str, values: Any) -> Any:
    """Make an Arrow array of a column; what has no exact one is an error that names the column."""
    if isinstance(values, module.Array | module.ChunkedArray):
        return values
    of_pandas = type(values).__module__.partition(".")[0] == "pandas"
    if of_pandas and isinstance(values.dtype, np.dtype):
        values = values.to_numpy()
    try:
        if isinstance(values, np.ndarray):
            return _numpy(module, values, of_pandas)
        array = module.array(values)
    except (TypeError, ValueError, OverflowError, NotImplementedError) as error:  # pyarrow's own derive from them
        return _mixed(module, name, values, error)
    kind = getattr(array.type, "extension_name", "")
    if kind.startswith("pandas."):
        raise errors.ArgumentError(f"column {name!r}: Ignite has no {kind[7:]}; convert it, such as by astype(str)")
    return array


def _numpy(module: Any, values: np.ndarray, of_pandas: bool) -> Any:
    """Make an Arrow array of NumPy's: rows of more than one dimension become lists, flat in the order of C."""
    if values.ndim > 1:
        if values.dtype.hasobject:
            raise TypeError(f"an array of objects has one dimension, this one {values.ndim}")
        flat = np.ascontiguousarray(values).reshape(-1)
        width = flat.size // len(values) if len(values) else 0
        offsets = np.arange(len(values) + 1, dtype=np.int64) * width
        return module.LargeListArray.from_arrays(module.array(offsets), _numpy(module, flat, of_pandas))
    if values.dtype.kind in "SU":  # Arrow ends them at a zero
        return module.array(values.tolist())
    if values.dtype.kind == "M" and np.datetime_data(values.dtype)[0] in ("Y", "M", "W", "h", "m"):
        values = values.astype("datetime64[s]")
    exact = module.array(values)
    if of_pandas and values.dtype.hasobject and module.types.is_floating(exact.type):
        loose = module.array(values, from_pandas=True)
        return exact if module.types.is_floating(loose.type) else loose  # whole numbers and NaN: a missing one
    return exact


def _mixed(module: Any, name: str, values: Any, error: Exception) -> Any:
    """Make an Arrow array of Python's values that Arrow did not take as they are."""
    items = [None if _is_absent(v) else v for v in values]
    for change in (_same, _wider, _flat):
        try:
            return module.array([None if v is None else change(v) for v in items])
        except (TypeError, ValueError, OverflowError, NotImplementedError):
            continue
    raise errors.ArgumentError(f"column {name!r}: {error}") from None


def _same(value: Any) -> Any:
    return value


def _wider(value: Any) -> Any:
    """Return a whole number as a decimal, which has as many digits as there are, and a NumPy time as Python's."""
    if isinstance(value, np.datetime64) and np.datetime_data(value.dtype)[0] not in ("ns", "ps", "fs", "as"):
        return value.item()
    if isinstance(value, int) and not isinstance(value, bool):
        return decimal.Decimal(value)
    raise TypeError


def _flat(value: Any) -> Any:
    """Return an array in one dimension, in the order of C."""
    return np.asarray(value).reshape(-1) if isinstance(value, np.ndarray) else value


def _is_absent(value: Any) -> bool:
    return value is None or is_missing(value) or (isinstance(value, float) and value != value)
