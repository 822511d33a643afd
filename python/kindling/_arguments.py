"""Parameters of SQL statements, as libkindling reads them."""

from __future__ import annotations

import base64
import datetime
import decimal
import math
import uuid
from typing import Any

import numpy as np

from kindling import errors

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
#: Kinds of NumPy's whole numbers, each the narrowest signed type of Ignite that holds it; the others are longs.
_NUMBERS = {"int8": "byte", "int16": "short", "int32": "int", "uint8": "short", "uint16": "int"}
#: Kinds of arrays. Bytes are bytes, whatever their sign.
_ARRAYS = {"int16": "short[]", "int32": "int[]", "int64": "long[]", "float32": "float[]", "float64": "double[]"}
#: Nanoseconds of NumPy's units of time, and how many units a nanosecond has where they are finer.
_NANOSECONDS = {"W": 604800 * 10**9, "D": 86400 * 10**9, "h": 3600 * 10**9, "m": 60 * 10**9, "s": 10**9}
_NANOSECONDS |= {"ms": 10**6, "us": 10**3, "ns": 1}
_FINER = {"ps": 10**3, "fs": 10**6, "as": 10**9}


def argument(value: Any) -> Any:
    """Return a parameter as JSON: plain, or ``{kind: text}`` for what JSON has no type for.

    NumPy's and pandas' values for "missing" (``NaT``, ``pandas.NA``) are NULL; NaN is the number.
    """
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, np.generic):
        return _scalar(value)
    if value is None or is_missing(value):
        return None
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return _whole(int(value))
    if isinstance(value, float):
        return value if math.isfinite(value) else {"double": repr(value)}
    if isinstance(value, bytes | bytearray | memoryview):
        return {"bytes": base64.b64encode(bytes(value)).decode()}
    return _object(value)


def is_missing(value: Any) -> bool:
    """Say whether a value is one of pandas' for "missing": ``NaT`` or ``NA``."""
    return type(value).__name__ in ("NaTType", "NAType")


def _object(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return {"timestamp": str(_nanoseconds(value))}
    if isinstance(value, datetime.date):
        return {"date": str((value - _EPOCH.date()).days)}
    if isinstance(value, datetime.time):
        return {"time": str(_milliseconds(value))}
    if isinstance(value, uuid.UUID):
        return {"uuid": str(value)}
    if isinstance(value, decimal.Decimal):
        return {"decimal": str(value)}
    if isinstance(value, datetime.timedelta):
        raise _no_duration()
    raise _no_parameter(value)


def _whole(value: int) -> int:
    if not -(2**63) <= value < 2**63:
        raise errors.ArgumentError(f"{value} does not fit into a long; pass a decimal.Decimal")
    return value


def _scalar(value: np.generic) -> Any:
    kind = value.dtype.kind
    if kind in "iu":
        number = int(value)
        if name := _NUMBERS.get(value.dtype.name):
            return {name: str(number)}
        return number if number < 2**63 else {"decimal": str(number)}
    if kind == "f" and value.dtype.itemsize <= 8:
        return {"double" if value.dtype.itemsize == 8 else "float": repr(float(value))}
    if kind == "M":
        return _datetime64(value)
    if kind == "m":
        raise _no_duration()
    if kind in "bSU":
        return argument(value.item())
    raise _no_parameter(value)


def _array(value: np.ndarray) -> Any:
    if value.ndim == 0:
        return argument(value[()])
    if value.ndim > 1:
        raise errors.ArgumentError(
            f"an array of {value.ndim} dimensions can't be a parameter; pass it flat: .reshape(-1)"
        )
    name = value.dtype.name
    kind = "bytes" if name in ("uint8", "int8") else "boolean[]" if name == "bool" else _ARRAYS.get(name)
    if kind is None:
        raise errors.ArgumentError(f"an array of {name} can't be a parameter of a statement")
    content = np.ascontiguousarray(value, value.dtype.newbyteorder("<")).tobytes()
    return {kind: base64.b64encode(content).decode()}


def _datetime64(value: Any) -> Any:
    if np.isnat(value):
        return None
    unit, count = np.datetime_data(value.dtype)
    if unit in ("Y", "M"):
        value, unit, count = value.astype("datetime64[D]"), "D", 1
    number = int(value.astype(np.int64)) * count
    if unit == "D":
        return {"date": str(number)}
    if unit in _NANOSECONDS:
        return {"timestamp": str(number * _NANOSECONDS[unit])}
    nanoseconds, rest = divmod(number, _FINER.get(unit, 1))
    if rest or unit not in _FINER:
        raise errors.ArgumentError(f"{value} is finer than the nanoseconds of Ignite's Timestamp")
    return {"timestamp": str(nanoseconds)}


def _nanoseconds(value: datetime.datetime) -> int:
    """Return nanoseconds since 1970; a time without a zone is in UTC, as Ignite's timestamps are read."""
    if value.tzinfo is None:
        value = value.replace(tzinfo=datetime.timezone.utc)
    since = value - _EPOCH
    whole = (since.days * 86400 + since.seconds) * 10**9 + since.microseconds * 1000
    return int(whole) + int(getattr(value, "nanosecond", 0))  # which pandas' timestamps have


def _milliseconds(value: datetime.time) -> int:
    if value.tzinfo is not None:
        raise errors.ArgumentError(f"{value} has a time zone, and Ignite's Time has none")
    if value.microsecond % 1000:
        raise errors.ArgumentError(f"{value} has more digits than the milliseconds of Ignite's Time")
    return (value.hour * 3600 + value.minute * 60 + value.second) * 1000 + value.microsecond // 1000


def _no_duration() -> errors.ArgumentError:
    return errors.ArgumentError("Ignite has no durations; pass a number in the unit of the column")


def _no_parameter(value: Any) -> errors.ArgumentError:
    return errors.ArgumentError(f"a {type(value).__name__} can't be a parameter of a statement")
