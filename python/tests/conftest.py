"""Servers to test against: the embedded node, and a real Apache Ignite in a process of its own.

The environment variable KINDLING_IGNITE says what the absence of a real one means: "require" makes it a failure, "off"
leaves it out, unset takes it where "make ignite" has built its program. KINDLING_TEST_ADDRESS (host:port) names a
running server to test against instead of starting one.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import kindling
from kindling import _library

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
for _name in [n for n in os.environ if n.startswith("IGNITE_DATASET_")]:
    del os.environ[_name]

ROOT = pathlib.Path(__file__).resolve().parents[2]
IGNITE_SERVER = ROOT / ".build" / "bin" / ("ignite-server.exe" if sys.platform == "win32" else "ignite-server")


def kinds() -> list[str]:
    """Return the kinds of servers to test against."""
    if os.environ.get("KINDLING_TEST_ADDRESS"):
        return ["given"]
    wanted = os.environ.get("KINDLING_IGNITE", "")
    if wanted == "off" or (wanted != "require" and not IGNITE_SERVER.exists()):
        return ["embedded"]
    return ["embedded", "ignite"]


@dataclasses.dataclass
class Server:
    """A running server."""

    kind: str
    host: str
    port: int
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def where(self) -> dict[str, Any]:
        """The arguments that lead to it."""
        return {"host": self.host, "port": self.port}

    def connect(self) -> kindling.Client:
        """Return a client of it."""
        return kindling.connect(self.host, self.port)


@contextmanager
def real_ignite(*flags: str) -> Iterator[Server]:
    """Run a real Ignite of one's own."""
    if not IGNITE_SERVER.exists():
        pytest.fail(f"{IGNITE_SERVER} is missing: make ignite")
    command = [str(IGNITE_SERVER), *flags]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            pytest.fail(f"ignite-server ended with code {process.wait(60)}")
        facts = json.loads(line)
        host, _, port = facts["address"].rpartition(":")
        yield Server("ignite", host, int(port), facts)
    finally:
        process.stdin.close()
        process.wait(60)


@pytest.fixture(scope="session", params=kinds())
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of each kind, shared by all tests: each has caches of its own names."""
    if request.param == "embedded":
        with kindling.EmbeddedNode() as node:
            yield Server("embedded", node.host, node.port)
    elif request.param == "given":
        host, _, port = os.environ["KINDLING_TEST_ADDRESS"].rpartition(":")
        yield Server("given", host, int(port))
    else:
        # The hundred caches of all tests take more than a node has unless stated: it ends for lack of memory.
        with real_ignite("--heap", "1g", "--region", "4096") as ignite:
            yield ignite


ROWS = 1000
PIXELS = 48


def digit_columns(rows: int = ROWS) -> dict[str, Any]:
    """Return columns of every kind that a row has."""
    rng = np.random.default_rng(7)
    number = np.arange(rows)
    return {
        "id": number.astype(np.int64),
        "label": (number % 10).astype(np.int32),
        "name": np.array([f"digit {n}" for n in number]),
        "pixels": rng.integers(0, 256, (rows, PIXELS), np.uint8),
        "score": rng.random(rows),
        "weights": rng.random((rows, 3)).astype(np.float32),
        "odd": number % 2 == 1,
    }


@dataclasses.dataclass
class Cache:
    """A cache with rows that the test knows."""

    name: str
    server: Server
    columns: dict[str, Any]

    def dataset(self, **arguments: Any) -> Any:
        """Return it as an IgniteDataset."""
        from kindling.tensorflow import IgniteDataset

        return IgniteDataset(self.name, **{**self.server.where, **arguments})


@pytest.fixture(scope="session")
def digits(server: Server) -> Cache:
    """A cache with ROWS rows, keys 0 to ROWS - 1."""
    columns = digit_columns()
    with server.connect() as client:
        client.load("DIGITS", columns, key="id", overwrite=True)
    return Cache("DIGITS", server, columns)


HOLLOW = {
    "all rows": lambda _: 0,
    "some rows": lambda row: row % 3,
    "first rows": lambda row: 0 if row < 100 else 4,
    "last rows": lambda row: 4 if row < 100 else 0,
}


@dataclasses.dataclass
class Hollow:
    """A cache whose rows hold arrays of length 0, beside strings and a nested object; ``lengths`` by key."""

    name: str
    server: Server
    lengths: list[int]

    def dataset(self, **arguments: Any) -> Any:
        """Return it as an IgniteDataset."""
        from kindling.tensorflow import IgniteDataset

        return IgniteDataset(self.name, **{**self.server.where, **arguments})

    def row(self, key: int) -> dict[str, Any]:
        """Return the value of a row, with lists for arrays."""
        n = self.lengths[key]
        return {
            "flags": [True] * n,
            "meta": {"file": f"{key}.png", "points": [float(key)] * n},
            "name": f"row {key} with a name that is not short",
            "tags": list(range(n)),
            "words": ["w"] * n,
        }


@pytest.fixture(scope="session", params=HOLLOW)
def hollow(server: Server, request: pytest.FixtureRequest) -> Hollow:
    """A cache for each place that arrays of length 0 may have."""
    cache = Hollow(
        "HOLLOW_" + request.param.replace(" ", "_").upper(), server, [HOLLOW[request.param](k) for k in range(300)]
    )
    # Typed, for a list without values does not say what it would be a list of.
    types = pa.schema(
        {
            "id": pa.int64(),
            "flags": pa.list_(pa.bool_()),
            "meta": pa.struct({"file": pa.string(), "points": pa.list_(pa.float64())}),
            "name": pa.string(),
            "tags": pa.list_(pa.int64()),
            "words": pa.list_(pa.string()),
        }
    )
    rows = [{"id": key, **cache.row(key)} for key in range(len(cache.lengths))]
    with server.connect() as client:
        client.load(cache.name, pa.Table.from_pylist(rows, types), key="id", overwrite=True)
    return cache


def stats(name: str) -> int:
    """Return a number that libkindling counts."""
    return int(_library.call("stats", {})[name])


def streams() -> int:
    """Return the number of read positions that are open in this process."""
    return stats("streams")


class Proxy:
    """A way to a server that can be slow, or frozen: then no byte passes any more, and no connection ends."""

    def __init__(self, server: Server) -> None:
        """Listen on a free port."""
        #: Seconds by which whatever passes is late.
        self.delay = 0.0
        self._server = server
        self._open = threading.Event()
        self._open.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets = [self._listener]
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def freeze(self) -> None:
        """Let nothing pass from now on."""
        self._open.clear()

    def thaw(self) -> None:
        """Let everything pass again."""
        self._open.set()

    def close(self) -> None:
        """End all connections."""
        self._open.set()
        for s in self._sockets:
            with suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
            s.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection((self._server.host, self._server.port))
                self._sockets += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                self._open.wait()
                time.sleep(self.delay)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait until a condition holds, at most for some time, and say whether it does."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def run_python(code: str, *arguments: str, timeout: float = 120, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run a program in another Python, with this package, and return how it ended."""
    path = os.pathsep.join([str(ROOT / "python"), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": path, **extra},
        capture_output=True,
        text=True,
        timeout=timeout,
    )
