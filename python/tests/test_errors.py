"""Whatever is wrong gives one clear exception within its deadline, and the process lives on."""

from __future__ import annotations

import gc
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import kindling
from kindling import _library, errors
from kindling.tensorflow import IgniteDataset

from .conftest import ROWS, Cache, Proxy, Server, eventually, stats, streams


@contextmanager
def within(seconds: float) -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def test_table_of_classes_is_the_library_s() -> None:
    table = _library.call("errors", {})
    for row in table:
        kind = getattr(errors, row["class"])
        assert [b.__name__ for b in kind.__bases__] == [p.rpartition(".")[2] for p in row["parents"]]
        assert isinstance(errors.from_answer(row["class"], "text"), kind)
        assert row["code"] not in (tf.errors.UNAVAILABLE, tf.errors.ABORTED, tf.errors.OUT_OF_RANGE)
    ours = {n for n, k in vars(errors).items() if isinstance(k, type) and issubclass(k, errors.IgniteError)}
    assert ours - {row["class"] for row in table} == {"LibraryError"}


def test_wrong_port() -> None:
    port = free_port()
    with within(15), pytest.raises(errors.ConnectError, match=f"{port}.*refused") as caught:
        IgniteDataset("ANY", host="127.0.0.1", port=port)
    assert isinstance(caught.value, ConnectionError)


def test_wrong_host() -> None:
    with within(15), pytest.raises(errors.ConnectError, match=r"no-such-host\.invalid"):
        IgniteDataset("ANY", host="no-such-host.invalid")


def test_server_that_does_not_answer() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        port = deaf.getsockname()[1]
        with within(20), pytest.raises(errors.ConnectError, match=str(port)):
            kindling.connect("127.0.0.1", port)


def test_wrong_cache_name(server: Server) -> None:
    with within(15), pytest.raises(errors.CacheNotFoundError, match="NO_SUCH_CACHE") as caught:
        IgniteDataset("NO_SUCH_CACHE", **server.where)
    assert isinstance(caught.value, LookupError)


def test_wrong_partition(digits: Cache) -> None:
    dataset = digits.dataset(part=100_000)
    with within(15), pytest.raises(tf.errors.InvalidArgumentError, match="partition 100000"):
        list(dataset)
    with pytest.raises(errors.ArgumentError, match="part -7"):
        digits.dataset(part=-7)


def test_type_that_does_not_fit_a_stated_schema(digits: Cache) -> None:
    dataset = digits.dataset(schema={"key": "long", "val": {"name": "int"}})
    with within(15), pytest.raises(tf.errors.InvalidArgumentError, match=r"SchemaError.*DIGITS.*name"):
        list(dataset)


def test_unknown_field_and_type(digits: Cache) -> None:
    with pytest.raises(errors.SchemaError, match=r"val\.colour"):
        digits.dataset(fields=["val.colour"])
    with pytest.raises(errors.IgniteError, match="quaternion"):
        digits.dataset(schema={"key": "long", "val": {"label": "quaternion"}})


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"cardinality": "maybe"}, "cardinality"),
        ({"nulls": "maybe"}, "nulls"),
        ({"request_timeout": 0}, "request_timeout"),
        ({"page_size": -1}, "pageRows"),
        ({"lanes": -1}, "lanes"),
    ],
)
def test_wrong_argument(digits: Cache, arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(errors.ArgumentError, match=text):
        digits.dataset(**arguments)


def test_server_that_closes_in_the_middle_of_an_epoch() -> None:
    node = kindling.EmbeddedNode()
    with node.connect() as client:
        client.load("GONE", {"id": np.arange(ROWS), "x": np.zeros((ROWS, 1000), np.uint8)}, key="id")
    dataset = IgniteDataset("GONE", port=node.port, buffer_bytes=1, page_size=1, request_timeout=5)
    iterator = iter(dataset)
    next(iterator)
    node.close()
    with within(30), pytest.raises(tf.errors.FailedPreconditionError, match=rf"ConnectError.*{node.port}"):
        list(iterator)
    assert eventually(lambda: streams() == 0)
    with kindling.EmbeddedNode() as another, another.connect() as client:
        assert client.caches() == []


def test_server_that_is_gone_before_the_first_row() -> None:
    with kindling.EmbeddedNode() as node, node.connect() as client:
        client.load("GONE", {"id": np.arange(3), "x": np.arange(3)}, key="id")
        dataset = IgniteDataset("GONE", port=node.port)
    with within(30), pytest.raises(tf.errors.FailedPreconditionError, match="ConnectError"):
        list(dataset)


@pytest.mark.parametrize("size", [0, 4])
def test_cancelled_while_waiting(server: Server, digits: Cache, size: int) -> None:
    """A prefetching thread waits in the op for a server that went silent; ending the iterator does not wait for it."""
    proxy = Proxy(server)
    try:
        dataset = IgniteDataset(digits.name, "127.0.0.1", proxy.port, page_size=1, buffer_bytes=1, local=True)
        iterator = iter((dataset.batch(size) if size else dataset).prefetch(2 * ROWS))
        next(iterator)
        proxy.freeze()
        before = stats("waits")
        assert eventually(lambda: stats("waits") > before + 2)
        with within(3):
            del iterator
            gc.collect()
    finally:
        proxy.close()
    assert eventually(lambda: streams() == 0)


def test_interrupted_call_is_cancelled(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    waited = _library._wait

    def interrupt(library: Any, number: int, millis: int) -> Any:
        if millis == _library.WAIT_MILLIS:
            raise KeyboardInterrupt
        return waited(library, number, millis)

    with server.connect() as client:
        monkeypatch.setattr(_library, "_wait", interrupt)
        with pytest.raises(KeyboardInterrupt):
            client.caches()
        monkeypatch.undo()
        assert isinstance(client.caches(), list)


def test_timeout_of_a_call() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        address = f"127.0.0.1:{deaf.getsockname()[1]}"
        with within(5), pytest.raises((errors.TimeoutError, errors.ConnectError), match=address):
            _library.call("open", {"addresses": [address]}, timeout=0.3)


def test_unknown_method_and_request() -> None:
    with pytest.raises(errors.ArgumentError, match='no method "fly"'):
        _library.call("fly", {})
    with pytest.raises(errors.ArgumentError, match="wings"):
        _library.call("open", {"wings": 2})
    with pytest.raises(errors.ClosedError):
        _library.call("caches", {"client": 10**9})
