"""Every type in and out: what goes in by load comes back as it was, or is refused by name."""

from __future__ import annotations

import datetime
import decimal
import math
import uuid
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import kindling
from kindling import errors

from .conftest import Cache, Server

UTC = datetime.timezone.utc
ID = uuid.UUID("01020304-0506-0708-090a-0b0c0d0e0f10")
#: Of each pandas dtype: values with a missing one where the dtype has any, and the values that come back when they are
#: others, as documented.
FRAME: dict[str, tuple[Any, Any]] = {
    "bool": (np.array([True, False, True]), None),
    "int8": (np.array([-128, 0, 127], np.int8), None),
    "int16": (np.array([-(2**15), 0, 2**15 - 1], np.int16), None),
    "int32": (np.array([-(2**31), 0, 2**31 - 1], np.int32), None),
    "int64": (np.array([-(2**63), 2**53 + 1, 2**63 - 1]), None),
    "uint8": (np.array([0, 1, 255], np.uint8), None),
    "uint16": (np.array([0, 1, 2**16 - 1], np.uint16), None),
    "uint32": (np.array([0, 1, 2**32 - 1], np.uint32), None),
    "uint64": (np.array([0, 1, 2**63 - 1], np.uint64), None),
    "float16": (np.array([1.5, math.nan, math.inf], np.float16), None),
    "float32": (np.array([0.1, math.nan, -math.inf], np.float32), None),
    "float64": (np.array([0.1, math.nan, 1e300]), None),
    "Int64": (pd.array([1, None, 3], "Int64"), [1, None, 3]),
    "Float64": (pd.array([1.5, None, 3.5], "Float64"), [1.5, None, 3.5]),
    "boolean": (pd.array([True, None, False], "boolean"), [True, None, False]),
    "str": (pd.Series(["a", None, "caf\u00e9"]), ["a", None, "caf\u00e9"]),
    "object": (pd.Series(["a", math.nan, None], dtype=object), ["a", None, None]),
    "floats": (pd.Series([1.5, math.nan, None], dtype=object), [1.5, math.nan, None]),
    "whole": (pd.Series([2**53 + 1, math.nan, None], dtype=object), [2**53 + 1, None, None]),
    "large": (pd.Series([2**70, 1, None], dtype=object), [str(2**70), "1", None]),
    "bytes": (pd.Series([b"\0a", b"", None], dtype=object), [[0, 97], [], None]),
    "category": (pd.Categorical(["x", "y", None]), ["x", "y", None]),
    "datetime[ns]": (
        pd.to_datetime(["2020-01-02T03:04:05.123456789", None, "1969-12-31T23:59:59.999999999"]),
        [pd.Timestamp("2020-01-02T03:04:05.123456789", tz="UTC"), None, pd.Timestamp(-1, tz="UTC")],
    ),
    "datetime[s]": (
        pd.to_datetime(["2020-01-02", "1970-01-01", None]).astype("datetime64[s]"),
        [pd.Timestamp("2020-01-02", tz="UTC"), pd.Timestamp(0, tz="UTC"), None],
    ),
    "zoned": (
        pd.to_datetime(["2020-01-02T03:04:05", "2020-07-02T00:00:00", None]).tz_localize("Europe/Berlin"),
        [pd.Timestamp("2020-01-02T02:04:05", tz="UTC"), pd.Timestamp("2020-07-01T22:00", tz="UTC"), None],
    ),
    "date": (pd.Series([datetime.date(1, 1, 1), datetime.date(9999, 12, 31), None], dtype=object), None),
    "time": (pd.Series([datetime.time(0), datetime.time(23, 59, 59, 999000), None], dtype=object), None),
    "timedelta": (pd.to_timedelta([1, -1, 0], "us").astype("timedelta64[us]"), [1, -1, 0]),
    "decimal": (
        pd.Series([decimal.Decimal("1.50"), decimal.Decimal("-2.25"), None], dtype=object),
        ["1.50", "-2.25", None],
    ),
    "uuid": (pd.Series([ID, None, uuid.UUID(int=0)], dtype=object), [str(ID), None, str(uuid.UUID(int=0))]),
    "sparse": (pd.arrays.SparseArray([0.0, 1.5, 0.0]), [0.0, 1.5, 0.0]),
    "arrays": (pd.Series([np.array([1, 2], np.int32), np.array([], np.int32), None], dtype=object), [[1, 2], [], None]),
    "matrices": (pd.Series([np.eye(2), np.ones((1, 2)), None], dtype=object), [[1, 0, 0, 1], [1, 1], None]),
    "nan_arrays": (
        pd.Series([np.array([1.0, math.nan]), None, np.array([])], dtype=object),
        [[1.0, math.nan], None, []],
    ),
}


@pytest.fixture(scope="module")
def client(server: Server) -> Any:
    with server.connect() as client:
        yield client


def plain(value: Any) -> Any:
    """Return a cell so that equal ones compare equal: NaN by name, missing values as None, arrays as lists."""
    if isinstance(value, float | np.floating) and math.isnan(value):
        return "NaN"
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, np.ndarray | list):
        return [plain(v) for v in value]
    if isinstance(value, bytes):
        return list(value)
    return value


def loaded(client: kindling.Client, name: str, data: Any, **arguments: Any) -> pa.Table:
    """Load rows with the key ``id`` and return the values, flat, in its order."""
    client.load(name, data, key="id", overwrite=True)
    return client.scan(name, **arguments).to_arrow().sort_by("key").flatten()


@pytest.mark.parametrize("name", FRAME)
def test_every_dtype_comes_back(client: kindling.Client, name: str) -> None:
    values, want = FRAME[name]
    cache = f"DTYPE_{name}"
    frame = pd.DataFrame({"id": [1, 2, 3], "v": values})
    column = loaded(client, cache, frame)["val.v"]
    if want is None:
        want = list(frame["v"])
    assert [plain(v) for v in column.to_pylist()] == [plain(v) for v in want]
    out = client.scan(cache).to_pandas().sort_values("key")["val.v"]
    if column.null_count == 0:  # pandas has NaN for the missing ones of some types
        assert [plain(v) for v in out] == [plain(v) for v in want]


def test_types_of_the_columns(client: kindling.Client) -> None:
    columns = {"i": FRAME["int8"][0], "d": FRAME["date"][0], "t": FRAME["time"][0], "z": FRAME["zoned"][0]}
    client.load("TYPES", pd.DataFrame({"id": [1, 2, 3], **columns}), key="id", overwrite=True)
    value = client.scan("TYPES").to_arrow().schema.field("val").type
    assert {f.name: f.type for f in value} == {
        "i": pa.int8(),
        "d": pa.date32(),
        "t": pa.time32("ms"),
        "z": pa.timestamp("ns", "UTC"),
    }
    rows = client.sql('SELECT D, T, Z FROM "TYPES"."TYPES"').to_arrow()
    assert rows.schema.types == [pa.date32(), pa.time32("ms"), pa.timestamp("ns", "UTC")]


def test_rows_have_the_fields_of_all(client: kindling.Client) -> None:
    table = loaded(client, "UNION", [{"id": 1, "a": 1}, {"id": 2, "a": 2, "b": "x"}, {"b": "y", "id": 3}])
    assert table.to_pydict() == {"key": [1, 2, 3], "val.a": [1, 2, None], "val.b": [None, "x", "y"]}


def test_nan_of_lists_and_arrays_stays(client: kindling.Client) -> None:
    columns = {"id": [1, 2], "a": [math.nan, None], "b": np.array([math.nan, 1]), "c": pd.Series([math.nan, 1])}
    table = loaded(client, "NAN", columns)
    found = {name: [plain(v) for v in values] for name, values in table.to_pydict().items()}
    assert found == {"key": [1, 2], "val.a": ["NaN", None], "val.b": ["NaN", 1], "val.c": ["NaN", 1]}


def test_index_of_a_frame(client: kindling.Client) -> None:
    frame = pd.DataFrame({"id": [1, 2], "x": [3, 4]})
    assert loaded(client, "INDEX_NONE", frame[frame.x > 3]).column_names == ["key", "val.x"]
    assert loaded(client, "INDEX_KEY", frame.set_index("id"))["val.x"].to_pylist() == [3, 4]
    named = frame.set_index(pd.Index(["a", "b"], name="word"))
    assert loaded(client, "INDEX_NAMED", named)["val.word"].to_pylist() == ["a", "b"]
    levels = frame.set_index(pd.MultiIndex.from_arrays([["a", "b"], [5.5, 6.5]], names=["word", "n"]))
    table = loaded(client, "INDEX_LEVELS", levels)
    assert (table["val.word"].to_pylist(), table["val.n"].to_pylist()) == (["a", "b"], [5.5, 6.5])
    assert loaded(client, "SERIES", frame.set_index("id")["x"])["val.x"].to_pylist() == [3, 4]
    with pytest.raises(errors.ArgumentError, match="rename_axis"):
        client.load("INDEX_BAD", frame.set_index(pd.Index(["a", "b"])))
    with pytest.raises(errors.ArgumentError, match="two columns are named 'x'"):
        client.load("INDEX_BAD", frame.set_index(pd.Index([1, 2], name="x")))


def test_signed_bytes(client: kindling.Client) -> None:
    columns = {
        "id": [1],
        "s": np.array([[-1, 127]], np.int8),
        "u": np.array([[255, 127]], np.uint8),
        "n": np.array([-1], np.int8),
    }
    table = loaded(client, "SIGNED", columns, types={"val.s": "sbyte[]"})
    assert table["val.s"].type == pa.large_list(pa.int8())
    assert table["val.u"].type == pa.large_list(pa.uint8())
    assert table.to_pydict() == {"key": [1], "val.s": [[-1, 127]], "val.u": [[255, 127]], "val.n": [-1]}
    schema = {"key": "long", "val": {"s": "sbyte[2]"}}
    assert client.scan("SIGNED", schema=schema).to_arrow().flatten()["val.s"].to_pylist() == [[-1, 127]]
    with pytest.raises(errors.SchemaError, match=r"val\.none"):
        client.scan("SIGNED", types={"val.none": "sbyte[]"}).to_arrow()


def test_signed_bytes_of_a_dataset(server: Server, client: kindling.Client) -> None:
    client.load("SIGNED_TF", {"id": [1], "s": np.array([[-1, 127]], np.int8)}, key="id")
    for arguments in ({"types": {"val.s": "sbyte[]"}}, {"schema": {"key": "long", "val": {"s": "sbyte[2]"}}}):
        (row,) = Cache("SIGNED_TF", server, {}).dataset(**arguments)
        assert row["val"]["s"].dtype.name == "int8"
        assert row["val"]["s"].numpy().tolist() == [-1, 127]


def test_arrays_go_in_flat(client: kindling.Client) -> None:
    images = np.arange(32, dtype=np.int16).reshape(2, 4, 4)
    table = loaded(client, "FLAT", {"id": [1, 2], "image": images})
    assert table["val.image"].to_pylist() == images.reshape(2, 16).tolist()


FAR = [datetime.datetime(9999, 12, 31, 23, 59, 59, 123456), datetime.datetime(1, 1, 1, 0, 0, 0, 1)]


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_times_beyond_nanoseconds(client: kindling.Client, unit: str) -> None:
    cut = {"s": 0, "ms": -1000, "us": None}[unit]
    times = [
        t.replace(microsecond=0 if cut == 0 else t.microsecond // -cut * -cut if cut else t.microsecond) for t in FAR
    ]
    name = f"FAR_{unit.upper()}"
    data = pa.table({"id": [1, 2], "t": pa.array(times, pa.timestamp(unit))})
    want = [t.replace(tzinfo=UTC) for t in times]
    out = "ms" if unit == "s" else unit
    assert loaded(client, name, data, types={"val.t": f"timestamp[{out}]"})["val.t"].to_pylist() == want
    with pytest.raises(errors.SchemaError, match=r"timestamp\[us\]"):
        client.scan(name).to_arrow()
    rows = client.sql(f'SELECT T FROM "{name}"."{name}" ORDER BY _KEY').to_arrow()
    assert rows.schema.types == [pa.timestamp("us", "UTC")]
    assert rows["T"].to_pylist() == want


def test_times_that_no_unit_holds(client: kindling.Client) -> None:
    client.sql("CREATE TABLE NO_UNIT (ID INT PRIMARY KEY, T TIMESTAMP)")
    client.sql("INSERT INTO NO_UNIT VALUES (1, ?)", FAR[0])
    client.sql("INSERT INTO NO_UNIT VALUES (2, ?)", np.datetime64("2020-01-01T00:00:00.000000001"))
    with pytest.raises(errors.IgniteError, match="CAST"):
        client.sql("SELECT T FROM NO_UNIT").to_arrow()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (pa.array([1_000_001], pa.time64("us")), "v: 00:00:01.000001 has more digits"),
        (pa.array([2**63], pa.uint64()), "v: 9223372036854775808 does not fit"),
        (pd.period_range("2020", periods=1, freq="M"), "column 'v': Ignite has no period"),
        (np.array([1j]), "column 'v'"),
        ([1, "a"], "column 'v'"),
    ],
)
def test_what_has_no_exact_value_is_refused(client: kindling.Client, values: Any, message: str) -> None:
    name = f"REFUSED_{abs(hash(message))}"
    with pytest.raises(errors.IgniteError, match=message):
        client.load(name, {"id": [1] if len(values) == 1 else [1, 2], "v": values}, key="id")


def test_decimals_and_views(client: kindling.Client) -> None:
    wide = decimal.Decimal("1234567890123456789012345678901234567890.12345")
    data = pa.table(
        {
            "id": [1],
            "d": pa.array([wide], pa.decimal256(60, 5)),
            "s": pa.array(["a text that is not short"], pa.string_view()),
            "t": pa.array([5], pa.duration("ms")),
        }
    )
    table = loaded(client, "WIDE", data)
    assert table.to_pydict() == {"key": [1], "val.d": [str(wide)], "val.s": ["a text that is not short"], "val.t": [5]}


def test_zeros_in_texts_of_numpy(client: kindling.Client) -> None:
    columns = {"id": [1], "b": np.array([b"a\0b"]), "s": np.array(["a\0b"])}
    assert loaded(client, "ZEROS", columns)["val.s"].to_pylist() == ["a\0b"]
    assert loaded(client, "ZEROS", columns)["val.b"].to_pylist() == [[97, 0, 98]]


def test_key_in_any_order(client: kindling.Client) -> None:
    client.sql('CREATE TABLE KEYED (B INT, A INT, V INT, PRIMARY KEY (A, B)) WITH "CACHE_NAME=KEYED"')
    client.sql("INSERT INTO KEYED (A, B, V) VALUES (1, 2, 0)")
    row = {name: np.array([v], np.int32) for name, v in (("A", 1), ("B", 2), ("V", 3))}
    client.load("KEYED", row, key=["A", "B"], overwrite=True)
    client.load("KEYED", row, key=["B", "A"], overwrite=True)
    assert client.sql("SELECT A, B, V FROM KEYED").to_arrow().to_pylist() == [{"A": 1, "B": 2, "V": 3}]
    with pytest.raises(errors.SchemaError, match="made of B, A"):
        client.load("KEYED", row, key="A")


#: A column's type, and parameters that are equal to its value.
PARAMETERS: dict[str, tuple[Any, list[Any]]] = {
    "BOOLEAN": (True, [np.bool_(True), np.array(True)]),
    "TINYINT": (-5, [np.int8(-5), np.int16(-5), np.int64(-5), np.array(-5)]),
    "SMALLINT": (200, [np.uint8(200), np.int16(200)]),
    "INT": (60000, [np.uint16(60000), np.int32(60000)]),
    "BIGINT": (2**53 + 1, [np.int64(2**53 + 1), np.uint64(2**53 + 1)]),
    "REAL": (0.5, [np.float16(0.5), np.float32(0.5), np.float64(0.5)]),
    "DOUBLE": (0.1, [np.float64(0.1)]),
    "VARCHAR": ("caf\u00e9", [np.str_("caf\u00e9")]),
    "DECIMAL(40, 2)": (decimal.Decimal("12345678901234567890.01"), []),
    "UUID": (ID, []),
    "BINARY(4)": (
        b"\0\xff",
        [np.bytes_(b"\0\xff"), np.array([0, 255], np.uint8), np.array([0, -1], np.int8), bytearray(b"\0\xff")],
    ),
    "DATE": (datetime.date(2020, 2, 29), [np.datetime64("2020-02-29")]),
    "TIME": (datetime.time(1, 2, 3), []),
    "TIMESTAMP": (
        datetime.datetime(2020, 2, 29, 12, tzinfo=UTC),
        [
            datetime.datetime(2020, 2, 29, 12),
            datetime.datetime(2020, 2, 29, 13, tzinfo=datetime.timezone(datetime.timedelta(hours=1))),
            np.datetime64("2020-02-29T12:00", "ns"),
            np.datetime64("2020-02-29T12"),
            pd.Timestamp("2020-02-29T13:00", tz="Europe/Berlin"),
        ],
    ),
}


@pytest.mark.parametrize("kind", PARAMETERS)
def test_parameters_are_what_they_are(client: kindling.Client, kind: str) -> None:
    value, equal = PARAMETERS[kind]
    name = "PARAMETER_" + kind.partition("(")[0]
    client.sql(f"CREATE TABLE {name} (ID INT PRIMARY KEY, V {kind})")
    for i, parameter in enumerate([value, *equal]):
        client.sql(f"INSERT INTO {name} VALUES (?, ?)", np.int32(i), parameter)
    client.sql(f"INSERT INTO {name} VALUES (-1, ?)", None)
    rows = client.sql(f"SELECT V FROM {name} WHERE ID >= 0").to_arrow()["V"].to_pylist()
    want = str(value) if isinstance(value, decimal.Decimal | uuid.UUID) else value
    assert rows == [want] * len(rows)
    for parameter in [value, *equal]:
        found = client.sql(f"SELECT ID FROM {name} WHERE V = ?", parameter).to_arrow()
        assert found.num_rows == 1 + len(equal), repr(parameter)


def test_missing_parameters_and_nan(client: kindling.Client) -> None:
    client.sql("CREATE TABLE MISSING (ID INT PRIMARY KEY, V DOUBLE, T TIMESTAMP)")
    for i, (v, t) in enumerate([(None, pd.NaT), (pd.NA, np.datetime64("NaT")), (math.inf, None), (-math.inf, None)]):
        client.sql("INSERT INTO MISSING VALUES (?, ?, ?)", i, v, t)
    assert client.sql("SELECT ID FROM MISSING WHERE V IS NULL AND T IS NULL").to_arrow().num_rows == 2
    assert client.sql("SELECT V FROM MISSING WHERE V = ?", np.float64(math.inf)).to_arrow()["V"].to_pylist() == [
        math.inf
    ]
    client.sql("INSERT INTO MISSING (ID, V) VALUES (9, ?)", math.nan)
    cache = client.scan("SQL_PUBLIC_MISSING").to_arrow().flatten()
    values = dict(zip(cache["key"].to_pylist(), cache["val.V"].to_pylist(), strict=True))
    assert math.isnan(values[9])


def test_arrays_as_parameters(client: kindling.Client) -> None:
    client.load("ARRAYS", {"id": [1], "v": np.array([[1, 2]], np.float32)}, key="id")
    client.sql('INSERT INTO "ARRAYS"."ARRAYS" (_KEY, V) VALUES (2, ?)', np.array([0.5, 1.5], np.float32))
    assert client.scan("ARRAYS").to_arrow().sort_by("key").flatten()["val.v"].to_pylist() == [[1, 2], [0.5, 1.5]]


@pytest.mark.parametrize(
    "value",
    [
        object(), 2**63, 1j, [1], datetime.timedelta(1), np.timedelta64(1, "s"), np.complex64(1), np.longdouble(1),
        np.ones((2, 2)), np.array(["a"]), datetime.time(1, 2, 3, 4), datetime.time(1, tzinfo=UTC),
        np.datetime64(1, "ps"), np.void(b"a"),
    ],
)  # fmt: skip
def test_parameters_that_are_refused(client: kindling.Client, value: Any) -> None:
    with pytest.raises(errors.ArgumentError):
        client.sql("SELECT ?", value)
