"""Reading is bounded in memory: by ``buffer_bytes`` and 64 MiB, above what TensorFlow takes, whatever the rows are."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

import kindling

from .conftest import Server, kinds, real_ignite

MIB = 1 << 20
#: What the Go runtime, the pool's rounding and the connections may take beside the buffers.
BESIDE = 64 * MIB

has_proc = pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process's memory is read from /proc")

#: Reads a cache in a process of its own and prints the peak of its memory above what it had before.
READER = """
import json, sys, time
import tensorflow as tf
from kindling.tensorflow import IgniteDataset

def memory(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith(name + ":"))

order = json.loads(sys.argv[1])
for _ in tf.data.Dataset.range(4).batch(2):
    pass
dataset = IgniteDataset(order["cache"], host=order["host"], port=order["port"], buffer_bytes=order["buffer"])
dataset = dataset.batch(order["batch"]) if order["batch"] else dataset
options = tf.data.Options()
options.experimental_optimization.inject_prefetch = False  # TensorFlow's own buffer of elements
dataset = dataset.with_options(options)
before = memory("VmRSS")
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")
rows = size = 0
for element in dataset.repeat(order["passes"]):
    if not rows:
        time.sleep(order["sleep"])
    rows += int(element["key"].shape[0]) if order["batch"] else 1
    size += sum(int(tf.size(value)) * value.dtype.size for value in tf.nest.flatten(element["val"]))
print(json.dumps({"rows": rows, "bytes": size, "peak": memory("VmHWM") - before}))
"""


def fill(server: Server, cache: str, rows: int, size: int) -> None:
    """Load rows of so many bytes each, a few at a time: the test must not need the memory itself."""
    at_once = max(min(rows, 16 * MIB // size), 1)
    with server.connect() as client:
        for start in range(0, rows, at_once):
            keys = np.arange(start, min(start + at_once, rows))
            client.load(cache, {"id": keys, "data": [bytes([k % 251]) * size for k in keys.tolist()]}, key="id")


def read(server: Server, cache: str, buffer: int, batch: int, sleep: float, passes: int = 1) -> dict[str, int]:
    order = {**server.where, "cache": cache, "buffer": buffer, "batch": batch, "sleep": sleep, "passes": passes}
    done = subprocess.run(
        [sys.executable, "-c", READER, json.dumps(order)], capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module", params=kinds())
def roomy(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Give a server with room for these rows: the one that other tests share has half a GiB."""
    kind = request.param
    with kindling.EmbeddedNode() if kind == "embedded" else real_ignite("--heap", "1g", "--region", "2048") as server:
        yield Server(kind, server.host, server.port)


@has_proc
@pytest.mark.parametrize(
    ("size", "rows", "batch", "buffer"),
    [
        pytest.param(10, 100_000, 256, 16, id="10 B"),
        pytest.param(4096, 30_000, 256, 64, id="4 KiB"),
        pytest.param(4095, 20_000, 0, 32, id="4 KiB, row by row"),
        pytest.param(MIB, 200, 8, 64, id="1 MiB"),
    ],
)
def test_memory_is_bounded_while_the_consumer_sleeps(
    roomy: Server, size: int, rows: int, batch: int, buffer: int
) -> None:
    """A consumer that sleeps after its first element lets everything be read ahead that may be."""
    check(roomy, size, rows, batch, buffer)


@has_proc
@pytest.mark.parametrize("kind", kinds())
def test_rows_of_100_mib(kind: str) -> None:
    """The default of 256 MiB has room for the row in hand, the one that is ready, and a page."""
    with kindling.EmbeddedNode() if kind == "embedded" else real_ignite("--heap", "2g", "--region", "1536") as server:
        check(Server(kind, server.host, server.port), 100 * MIB, 6, 1, 256)


@pytest.mark.skipif("ignite" not in kinds(), reason="KINDLING_IGNITE=off: no Java heap to fill")
@pytest.mark.parametrize("partitions", [1024, 32, 2])
def test_a_server_with_a_heap_of_1_gib_survives(partitions: int) -> None:
    """1,000 rows of 1 MiB are loaded and read twice, and the server lives.

    Pages are bounded by bytes, and so are the cursors: each keeps a leaf of its partition's tree on the heap, up to 300
    rows.
    """
    rows = 1000
    with real_ignite("--heap", "1g", "--region", "1536", "--cache", f"HEAP:{partitions}") as server:
        fill(server, "HEAP", rows, MIB)
        for _ in range(2):
            found = read(server, "HEAP", 256 * MIB, 8, sleep=0)
            assert (found["rows"], found["bytes"]) == (rows, rows * MIB)
        with server.connect() as client:
            assert client.size("HEAP") == rows


@has_proc
@pytest.mark.skipif("ignite" not in kinds(), reason="KINDLING_IGNITE=off: an embedded node is a cluster of one")
def test_memory_does_not_grow_from_pass_to_pass() -> None:
    """Three nodes have the most lanes, and the ends of their partitions need buffers of many sizes."""
    rows, passes = 900, 6
    with real_ignite("--nodes", "3", "--heap", "1g", "--region", "1024", "--cache", "PASSES:96") as server:
        fill(server, "PASSES", rows, MIB)
        found = read(server, "PASSES", 256 * MIB, 8, sleep=0, passes=passes)
    assert (found["rows"], found["bytes"]) == (rows * passes, rows * passes * MIB)
    assert found["peak"] <= 256 * MIB + BESIDE, f"{found['peak'] / MIB:.0f} MiB"


def check(server: Server, size: int, rows: int, batch: int, buffer: int) -> None:
    cache = f"MEMORY_{size}"
    fill(server, cache, rows, size)
    found = read(server, cache, buffer * MIB, batch, sleep=1)
    assert (found["rows"], found["bytes"]) == (rows, rows * size)
    assert found["peak"] <= buffer * MIB + BESIDE, f"{found['peak'] / MIB:.0f} MiB"
