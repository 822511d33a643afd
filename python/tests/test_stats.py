"""What datasets count: ``stats()`` and the metrics for Prometheus."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request

import pytest

from kindling.tensorflow import IgniteDataset

from .conftest import PIXELS, ROWS, Cache, Proxy, Server, eventually, run_python

#: Numbers that grow and never shrink.
COUNTS = ["rows", "batches", "batch_bytes", "pages", "page_rows", "bytes", "readers"]
WAITS = [f"wait_{cause}_seconds" for cause in ("server", "network", "decode", "consumer", "starved")]
STATES = ["buffered_bytes", "buffered_peak_bytes", "open_readers"]
RATES = ["rows_per_second", "bytes_per_second", "pages_per_second"]


def test_a_dataset_that_nobody_read_counts_nothing(digits: Cache) -> None:
    found = digits.dataset(lanes=3).stats()
    assert set(found) == {*COUNTS, *WAITS, *STATES, *RATES, "elapsed_seconds", "nodes", "partitions"}
    assert not any(found[name] for name in COUNTS + WAITS + RATES)
    assert found["nodes"] == {}
    assert not any(sum(found["partitions"][name]) for name in ("rows", "bytes", "pages"))
    assert json.loads(json.dumps(found)) == found


def test_rows_add_up(digits: Cache) -> None:
    dataset = digits.dataset(lanes=5)
    before, began = dataset.stats(), time.monotonic()
    assert sum(1 for _ in dataset) == ROWS
    found, seconds = dataset.stats(), time.monotonic() - began
    assert (before["rows"], found["rows"], found["page_rows"], found["readers"]) == (0, ROWS, ROWS, 1)
    assert found["bytes"] > ROWS * PIXELS
    assert found["batch_bytes"] > ROWS * PIXELS
    assert found["open_readers"] == 0
    assert found["buffered_bytes"] == 0
    assert found["buffered_peak_bytes"] > 0
    for name in ("pages", "bytes"):
        assert sum(node[name] for node in found["nodes"].values()) == found[name]
    assert sum(node["rows"] for node in found["nodes"].values()) == ROWS
    partitions = found["partitions"]
    assert (sum(partitions["rows"]), sum(partitions["pages"])) == (ROWS, found["pages"])
    part = max(range(len(partitions["rows"])), key=lambda n: partitions["rows"][n])
    assert sum(1 for _ in digits.dataset(part=part)) == partitions["rows"][part]
    for name in ("wait_server_seconds", "wait_decode_seconds"):
        assert found[name] > 0
    # Five lanes wait at the same time at most; decoding and the consumer are one goroutine's.
    assert all(0 <= found[name] <= 5 * seconds for name in WAITS)


def test_counts_are_summed_over_epochs_and_batches(digits: Cache) -> None:
    dataset = digits.dataset(lanes=6)
    batches = dataset.batch(100)
    for _ in range(2):
        assert sum(1 for _ in batches) == 10
    found = batches.stats()
    assert (found["rows"], found["batches"], found["readers"]) == (2 * ROWS, 20, 2)
    whole = dataset.batch(300, drop_remainder=True)
    assert sum(1 for _ in whole) == 3
    assert (whole.stats()["rows"], whole.stats()["page_rows"]) == (900, ROWS)
    assert batches.stats()["rows"] == 2 * ROWS
    assert dataset.stats()["rows"] == 2 * ROWS + 900
    assert dataset.batch(100).stats()["rows"] == 0, "a new dataset begins at 0"
    assert dataset.stats()["rows"] == 2 * ROWS + 900
    assert sum(1 for _ in dataset) == ROWS
    assert dataset.stats()["rows"] == 3 * ROWS + 900


def test_a_bounded_number_of_tiny_batches_lies_ready(digits: Cache) -> None:
    dataset = digits.dataset(lanes=8).batch(1)
    iterator = iter(dataset)
    next(iterator)
    assert eventually(lambda: dataset.stats()["batches"] >= 200)
    assert not eventually(lambda: dataset.stats()["batches"] > 400, seconds=1)
    assert sum(1 for _ in iterator) == ROWS - 1
    assert dataset.stats()["batches"] == ROWS


def test_starved_is_the_time_that_steps_wait(digits: Cache) -> None:
    import tensorflow as tf

    proxy = Proxy(digits.server)
    try:
        dataset = IgniteDataset(digits.name, "127.0.0.1", proxy.port, local=True, lanes=1, page_size=20).batch(20)
        proxy.delay = 0.001
        options = tf.data.Options()
        options.experimental_optimization.inject_prefetch = False  # it asks for batches before the test does
        options.autotune.enabled = False  # so does TensorFlow 2.16 where it tunes
        waited, rows = 0.0, 0
        iterator = iter(dataset.with_options(options))
        while True:
            before = time.monotonic()
            batch = next(iterator, None)
            waited += time.monotonic() - before
            if batch is None:
                break
            rows += len(batch["key"])
            if rows == 20:
                time.sleep(1)
    finally:
        proxy.close()
    found = dataset.stats()
    assert rows == ROWS
    # The library waits for pages all the time, the steps do not wait while nobody asks for a batch.
    assert found["wait_server_seconds"] > waited + 0.5
    assert waited * 0.8 < found["wait_starved_seconds"] <= waited


def test_a_part_that_is_a_tensor_counts_for_its_dataset(digits: Cache) -> None:
    import tensorflow as tf

    dataset = digits.dataset(part=tf.constant(3), lanes=7)
    other = digits.dataset(part=4, lanes=7)
    rows = sum(1 for _ in dataset)
    found = dataset.stats()
    assert found["rows"] == rows > 0
    assert found["partitions"]["rows"][3] == rows
    assert other.stats()["rows"] == 0


def test_the_environment_does_not_hide_a_dataset(digits: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = digits.dataset(port=1, schema_port=digits.server.port, cardinality=None, lanes=2)
    monkeypatch.setenv("IGNITE_DATASET_PORT", str(digits.server.port))
    assert sum(1 for _ in dataset) == ROWS
    assert dataset.stats()["rows"] == ROWS


READ = """
import json, sys, time, urllib.request
from kindling import _library
from kindling.tensorflow import IgniteDataset

dataset = IgniteDataset("DIGITS", sys.argv[1], int(sys.argv[2]))
rows = sum(1 for _ in dataset.batch(64).unbatch())
address, end = _library.call("stats", {}).get("metrics"), time.monotonic() + 20
while address is None and time.monotonic() < end and sys.argv[3] == "serve":
    address = _library.call("stats", {}).get("metrics")
text = urllib.request.urlopen(f"http://{address}/metrics", timeout=20).read().decode() if address else ""
print(json.dumps({"rows": rows, "text": text, "stats": dataset.stats(), "address": address}))
"""


def test_metrics_are_served(digits: Cache, server: Server) -> None:
    done = run_python(READ, server.host, str(server.port), "serve", KINDLING_METRICS=":0")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["rows"] == ROWS
    assert found["address"].startswith("127.0.0.1:")
    values = {}
    for line in found["text"].splitlines():
        if line.startswith("kindling_"):
            name, _, value = line.rpartition(" ")
            values[name] = float(value)
    assert values['kindling_rows_total{cache="DIGITS"}'] == ROWS
    assert values['kindling_batches_total{cache="DIGITS"}'] == found["stats"]["batches"]
    assert values['kindling_readers_total{cache="DIGITS"}'] == 1
    assert values['kindling_open_readers{cache="DIGITS"}'] == 0
    assert values['kindling_buffered_bytes{cache="DIGITS"}'] == 0
    nodes = found["stats"]["nodes"]
    for name in ("bytes", "pages"):
        served = {k: v for k, v in values.items() if k.startswith(f'kindling_{name}_total{{cache="DIGITS",node=')}
        assert sorted(served.values()) == sorted(node[name] for node in nodes.values())
    for cause in ("server", "network", "decode", "consumer", "starved"):
        wait = values[f'kindling_wait_seconds_total{{cache="DIGITS",cause="{cause}"}}']
        assert wait == pytest.approx(found["stats"][f"wait_{cause}_seconds"])
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://{found['address']}/metrics", timeout=5)


def test_a_bad_address_for_metrics_is_a_warning(digits: Cache, server: Server) -> None:
    done = run_python(READ, server.host, str(server.port), "no", KINDLING_METRICS="127.0.0.1:none")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["rows"], found["address"]) == (ROWS, None)
    assert [line for line in done.stderr.splitlines() if "KINDLING_METRICS=127.0.0.1:none" in line]
    assert done.stderr.count("KINDLING_METRICS") == 1


def test_a_dataset_is_what_its_arguments_are(digits: Cache) -> None:
    first = IgniteDataset("DIGITS", lanes=9, **digits.server.where)
    second = IgniteDataset("DIGITS", lanes=9, **digits.server.where)
    assert sum(1 for _ in first) == ROWS
    assert (first.stats()["rows"], second.stats()["rows"]) == (ROWS, ROWS)
    assert IgniteDataset("DIGITS", lanes=9, **digits.server.where).stats()["rows"] == 0
