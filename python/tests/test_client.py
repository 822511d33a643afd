"""The client without TensorFlow: Arrow and pandas in both directions, SQL, the embedded node."""

from __future__ import annotations

import datetime
import decimal
import pathlib
import uuid
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import kindling
from kindling import _library, errors

from .conftest import PIXELS, ROWS, Cache, Server, run_python


@pytest.fixture(scope="module")
def client(server: Server) -> Any:
    with server.connect() as client:
        yield client


def test_caches_size_and_schema(client: kindling.Client, digits: Cache) -> None:
    assert digits.name in client.caches()
    assert client.size(digits.name) == ROWS
    schema = client.schema(digits.name)
    assert schema["key"]["type"] == "long"
    assert [f["name"] for f in schema["val"]["fields"]] == ["label", "name", "pixels", "score", "weights", "odd"]


def test_scan_to_arrow(client: kindling.Client, digits: Cache) -> None:
    table = client.scan(digits.name).to_arrow()
    table.validate(full=True)
    assert table.num_rows == ROWS
    table = table.sort_by("key").flatten()
    columns = digits.columns
    assert table["key"].to_pylist() == list(range(ROWS))
    for name in ("label", "name", "score", "odd"):
        assert table[f"val.{name}"].to_pylist() == columns[name].tolist()
    for name in ("pixels", "weights"):
        assert table[f"val.{name}"].to_pylist() == columns[name].tolist()
    assert table["val.pixels"].type == pa.large_list(pa.uint8())


def test_scan_twice_and_by_batches(client: kindling.Client, digits: Cache) -> None:
    scan = client.scan(digits.name, fields=["key", "val.label"])
    assert scan.to_arrow().num_rows == scan.to_arrow().num_rows == ROWS
    assert sum(b.num_rows for b in scan.to_batches()) == ROWS
    assert [f.name for f in scan.to_arrow().schema.field("val").type] == ["label"]


def test_rows_outlive_client_and_reader(server: Server, digits: Cache) -> None:
    with server.connect() as client:
        table = client.scan(digits.name).to_arrow()
    assert table["key"].to_numpy().sum() == ROWS * (ROWS - 1) // 2


def test_scan_to_pandas(client: kindling.Client, digits: Cache) -> None:
    frame = client.scan(digits.name).to_pandas().set_index("key").sort_index()
    assert isinstance(frame, pd.DataFrame)
    assert frame["val.label"].tolist() == digits.columns["label"].tolist()
    assert len(frame["val.pixels"].iloc[0]) == PIXELS


def test_scan_of_a_partition(client: kindling.Client, digits: Cache) -> None:
    parts = [client.scan(digits.name, part=p).to_arrow().num_rows for p in range(3)]
    assert all(0 <= n < ROWS for n in parts)


def test_leaving_a_scan_closes_it(client: kindling.Client, digits: Cache) -> None:
    before = _library.call("stats", {})["handles"]
    for _ in client.scan(digits.name, page_size=1).to_batches():
        break
    assert _library.call("stats", {})["handles"] == before


def test_arrow_capsule(client: kindling.Client, digits: Cache) -> None:
    assert pa.table(client.scan(digits.name, fields=["key"])).num_rows == ROWS


def test_nulls_stay_nulls(client: kindling.Client) -> None:
    rows = [{"id": i, "n": None if i % 3 else i, "s": None if i % 2 else str(i), "b": i % 5 == 0} for i in range(50)]
    client.load("ARROW_NULLS", rows, key="id")
    table = client.scan("ARROW_NULLS").to_arrow().sort_by("key").flatten()
    table.validate(full=True)
    assert table["val.n"].to_pylist() == [r["n"] for r in rows]
    assert table["val.s"].to_pylist() == [r["s"] for r in rows]
    assert table["val.b"].to_pylist() == [r["b"] for r in rows]


def test_load_kinds_of_tables(client: kindling.Client) -> None:
    number = np.arange(10)
    columns: dict[str, Any] = {"id": number, "x": number * 2.5}
    table = pa.table(columns)
    kinds = {
        "dict": columns,
        "table": table,
        "batch": table.to_batches()[0],
        "reader": table.to_reader(3),
        "frame": pd.DataFrame(columns),
        "rows": [{"id": int(i), "x": float(i) * 2.5} for i in number],
    }
    for name, data in kinds.items():
        result = client.load(f"LOAD_{name}", data, key="id")
        assert (result.rows, result.stored, result.known) == (10, 10, 0)
        assert result.bytes > 0
        found = client.scan(f"LOAD_{name}").to_arrow().sort_by("key").flatten()
        assert found["key"].to_pylist() == number.tolist(), name
        assert found["val.x"].to_pylist() == (number * 2.5).tolist(), name


def test_load_options(client: kindling.Client) -> None:
    client.load("LOAD_NUMBERED", {"x": np.arange(5)}, first_row=100)
    assert sorted(client.scan("LOAD_NUMBERED").to_arrow()["key"].to_pylist()) == [100, 101, 102, 103, 104]
    client.load("LOAD_PLAIN", {"id": ["a", "b"], "x": [1.5, 2.5]}, key="id", plain=True)
    assert dict(zip(*client.scan("LOAD_PLAIN").to_arrow().to_pydict().values(), strict=True)) == {"a": 1.5, "b": 2.5}
    result = client.load("LOAD_PLAIN", {"id": ["a", "c", "c"], "x": [9.5, 1.5, 1.5]}, key="id", plain=True)
    assert (result.rows, result.stored, result.known) == (3, 1, 2)
    result = client.load("LOAD_PLAIN", {"id": ["b", "c"], "x": [9.5, 1.5]}, key="id", plain=True, overwrite=True)
    assert (result.rows, result.stored, result.known) == (2, 0, 2)
    assert dict(zip(*client.scan("LOAD_PLAIN").to_arrow().to_pydict().values(), strict=True)) == {
        "a": 1.5,
        "b": 9.5,
        "c": 1.5,
    }


def test_load_of_nonsense(client: kindling.Client) -> None:
    with pytest.raises(errors.SchemaError, match="colour"):
        client.load("LOAD_BAD", {"id": [1]}, key="colour")
    with pytest.raises(errors.ArgumentError, match="different lengths"):
        client.load("LOAD_BAD", {"id": [1, 2], "x": [1]})
    with pytest.raises(errors.ArgumentError, match="int is not a table"):
        client.load("LOAD_BAD", 7)
    with pytest.raises(errors.ArgumentError, match="no rows"):
        client.load("LOAD_BAD", [])


def test_sql(client: kindling.Client) -> None:
    client.sql("CREATE TABLE KITTENS (ID LONG PRIMARY KEY, NAME VARCHAR, WEIGHT DOUBLE)")
    for i, name in enumerate(["WARM KITTY", "SOFT KITTY", "LITTLE BALL OF FUR"], 1):
        client.sql("INSERT INTO KITTENS (ID, NAME, WEIGHT) VALUES (?, ?, ?)", i, name, i / 2)
    table = client.sql("SELECT ID, NAME, WEIGHT FROM KITTENS WHERE ID > ? ORDER BY ID", 1).to_arrow()
    table.validate(full=True)
    assert table.to_pydict() == {"ID": [2, 3], "NAME": ["SOFT KITTY", "LITTLE BALL OF FUR"], "WEIGHT": [1.0, 1.5]}
    assert client.sql("SELECT NAME FROM KITTENS WHERE ID = -1").to_arrow().num_rows == 0
    assert "SQL_PUBLIC_KITTENS" in client.caches()


def test_sql_types(client: kindling.Client) -> None:
    client.sql(
        "CREATE TABLE KINDS (ID LONG PRIMARY KEY, I INT, D DOUBLE, B BOOLEAN, S VARCHAR, U UUID, N DECIMAL(10,2), "
        "T TIMESTAMP, X BINARY(4))"
    )
    key = uuid.UUID(int=7)
    when = datetime.datetime(2020, 2, 3, 4, 5, 6, 789000, tzinfo=datetime.timezone.utc)
    values = (1, 2, 3.5, True, "text", key, decimal.Decimal("12.34"), when, b"\x01\x02")
    client.sql("INSERT INTO KINDS VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *values)
    client.sql("INSERT INTO KINDS (ID) VALUES (2)")
    table = client.sql("SELECT * FROM KINDS ORDER BY ID").to_arrow()
    first, second = (list(row.values()) for row in table.to_pylist())
    assert first == [1, 2, 3.5, True, "text", str(key), "12.34", when, b"\x01\x02"]
    assert second == [2, *[None] * 8]


def test_sql_rows_are_read_once_and_errors_are_the_server_s(client: kindling.Client) -> None:
    rows = client.sql("SELECT 1 AS ONE")
    assert rows.to_arrow().to_pydict() == {"ONE": [1]}
    with pytest.raises(errors.ClosedError, match="again"):
        rows.to_arrow()
    with pytest.raises(errors.ServerError, match="NOSUCHTABLE"):
        client.sql("SELECT * FROM NOSUCHTABLE")
    with pytest.raises(errors.ArgumentError, match="object"):
        client.sql("SELECT ?", object())


def test_many_rows_of_sql(client: kindling.Client, digits: Cache) -> None:
    client.sql('CREATE TABLE MANY (ID LONG PRIMARY KEY, V LONG) WITH "CACHE_NAME=MANY"')
    client.load("MANY", {"ID": np.arange(20_000), "V": np.arange(20_000) % 7}, key="ID")
    table = client.sql("SELECT V, COUNT(*) AS C FROM MANY GROUP BY V ORDER BY V").to_arrow()
    assert sum(table["C"].to_pylist()) == 20_000
    assert client.sql("SELECT ID FROM MANY").to_arrow().num_rows == 20_000


def test_closed_client(server: Server, digits: Cache) -> None:
    client = server.connect()
    client.close()
    client.close()
    with pytest.raises(errors.ClosedError):
        client.caches()


def test_embedded_node(tmp_path: pathlib.Path) -> None:
    with kindling.EmbeddedNode(data_dir=tmp_path) as node:
        assert node.address == f"127.0.0.1:{node.port}"
        with node.connect() as client:
            client.load("KEPT", {"id": [1, 2], "x": [3, 4]}, key="id")
    assert "closed" in repr(node)
    with pytest.raises(errors.ConnectError):
        node.connect()
    with kindling.EmbeddedNode(data_dir=tmp_path) as again, again.connect() as client:
        assert client.size("KEPT") == 2


def test_library_without_tensorflow() -> None:
    code = """
import sys, kindling
with kindling.EmbeddedNode() as node, node.connect() as client:
    client.load("C", {"id": [1], "x": [2]}, key="id")
    assert client.scan("C").to_pandas().shape == (1, 2)
assert "tensorflow" not in sys.modules
"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr


def test_missing_library_is_named(tmp_path: pathlib.Path) -> None:
    code = "import kindling; kindling.EmbeddedNode()"
    done = run_python(code, KINDLING_LIBRARY=str(tmp_path / "libnothing.so"))
    assert "LibraryError" in done.stderr
    assert "libnothing.so" in done.stderr
    assert "make build" in done.stderr
