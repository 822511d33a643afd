"""tf.train.Checkpoint saves and resumes the exact position, in kilobytes."""

from __future__ import annotations

import json
import pathlib
import random
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from kindling.tensorflow import IgniteDataset

from .conftest import ROWS, Cache, Hollow, Proxy, Server, eventually, run_python, stats

KILOBYTES = 16 << 10

#: name: (pipeline, elements of it, an upper bound of the checkpoint's size)
PIPELINES = {
    "rows": (lambda d: d, ROWS, KILOBYTES),
    "batch": (lambda d: d.batch(32), 32, KILOBYTES),
    "batch map": (lambda d: d.batch(32).map(lambda e: e["val"]["pixels"]), 32, KILOBYTES),
    "batch unbatch": (lambda d: d.batch(32).unbatch(), ROWS, KILOBYTES),
    "map": (lambda d: d.map(lambda e: e["key"]), ROWS, KILOBYTES),
    "parallel map": (lambda d: d.map(lambda e: e["key"], num_parallel_calls=4), ROWS, KILOBYTES),
    "prefetch": (lambda d: d.prefetch(8), ROWS, KILOBYTES),
    "repeat": (lambda d: d.repeat(2), 2 * ROWS, KILOBYTES),
    "shuffle": (lambda d: d.map(lambda e: e["key"]).shuffle(50, seed=3), ROWS, KILOBYTES),
    "shuffle rows": (lambda d: d.shuffle(50, seed=3), ROWS, 64 << 10),
    "shuffle repeat": (lambda d: d.map(lambda e: e["key"]).shuffle(50, seed=3).repeat(2), 2 * ROWS, KILOBYTES),
    "filter": (lambda d: d.filter(lambda e: e["key"] % 2 == 0), ROWS // 2, KILOBYTES),
    "zip": (lambda d: tf.data.Dataset.zip((d, tf.data.Dataset.range(ROWS))), ROWS, KILOBYTES),
    "stock batch": (lambda d: d.map(lambda e: e).batch(10), ROWS // 10, KILOBYTES),
}
PLACES = (1, 37, 61, 99)  # percent of the elements

#: Steps under which the rows of other caches are resumed.
BELOW: dict[str, Callable[[Any], Any]] = {
    "rows": lambda d: d,
    "shuffle": lambda d: d.shuffle(7, seed=3),
    "repeat": lambda d: d.repeat(2),
    "shuffle repeat": lambda d: d.shuffle(7, seed=3).repeat(2),
    "prefetch": lambda d: d.prefetch(4),
    "map": lambda d: d.map(lambda e: e, num_parallel_calls=2),
    "interleave": lambda d: tf.data.Dataset.range(2).interleave(lambda _: d, cycle_length=2, block_length=3),
}


def plain(elements: Any) -> list[str]:
    return [repr(tf.nest.map_structure(lambda t: t.numpy(), e)) for e in elements]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", PIPELINES)
def test_rest_after_restore_is_the_rest(digits: Cache, tmp_path: pathlib.Path, name: str, place: int) -> None:
    make, elements, bound = PIPELINES[name]
    dataset = make(digits.dataset())
    iterator = iter(dataset)
    at = min(max(elements * place // 100, 1), elements - 1)
    for _ in range(at):
        next(iterator)
    saved = tf.train.Checkpoint(iterator=iterator).save(str(tmp_path / "at"))
    size = sum(f.stat().st_size for f in tmp_path.iterdir())
    rest = plain(iterator)
    assert len(rest) == elements - at
    assert size < bound, f"{size} bytes"
    restored = iter(make(digits.dataset()))
    tf.train.Checkpoint(iterator=restored).restore(saved)
    assert plain(restored) == rest


def check_resume(make: Callable[[], Any], path: pathlib.Path, places: int) -> None:
    """Save and resume at random elements, each time with a new dataset: a shuffled one differs from pass to pass."""
    whole = plain(make())
    for at in random.Random(5).sample(range(1, len(whole)), places):
        iterator = iter(make())
        for _ in range(at):
            next(iterator)
        saved = tf.train.Checkpoint(iterator=iterator).save(str(path / str(at) / "at"))
        restored = iter(make())
        tf.train.Checkpoint(iterator=restored).restore(saved)
        assert plain(restored) == whole[at:]
        size = sum(f.stat().st_size for f in (path / str(at)).iterdir())
        assert size < 4 * KILOBYTES, f"{size} bytes"


@pytest.mark.parametrize("step", BELOW)
def test_resume_inside_of_a_batch_without_arrays(digits: Cache, tmp_path: pathlib.Path, step: str) -> None:
    """Such rows are taken out of their batches in another way than those with arrays."""
    fields = ["key", "val.label", "val.name", "val.score", "val.odd"]
    check_resume(lambda: BELOW[step](digits.dataset(fields=fields)), tmp_path, 2)


@pytest.mark.parametrize("step", BELOW)
def test_resume_inside_of_a_batch_of_arrays_of_length_0(hollow: Hollow, tmp_path: pathlib.Path, step: str) -> None:
    check_resume(lambda: BELOW[step](hollow.dataset()), tmp_path, 2)


@pytest.mark.parametrize("size", [0, 16])
def test_restore_while_the_server_is_slow(digits: Cache, tmp_path: pathlib.Path, size: int) -> None:
    """A read that has to wait gives control back in between; what is restored meanwhile must not lose its place."""
    proxy = Proxy(digits.server)
    try:
        dataset = IgniteDataset(digits.name, "127.0.0.1", proxy.port, local=True).map(lambda e: e["key"])
        dataset = dataset.batch(size) if size else dataset
        iterator = iter(dataset)
        for _ in range(10):
            next(iterator)
        saved = tf.train.Checkpoint(iterator=iterator).save(str(tmp_path / "at"))
        rest = plain(iterator)
        found: list[str] = []

        def resume() -> None:
            restored = iter(dataset)
            tf.train.Checkpoint(iterator=restored).restore(saved)
            found.extend(plain(restored))

        proxy.freeze()
        before = stats("waits")
        thread = threading.Thread(target=resume)
        thread.start()
        assert eventually(lambda: stats("waits") > before + 2)
        proxy.thaw()
        thread.join(60)
        assert found == rest
    finally:
        proxy.close()


def test_resume_of_a_cache_of_one_batch(server: Server, tmp_path: pathlib.Path) -> None:
    """Below ``shuffle`` and ``repeat``, where ``flat_map`` over the one batch has TensorFlow save for ever."""
    with server.connect() as client:
        client.load("ONE_BATCH", {"id": np.arange(80), "label": np.arange(80)}, key="id", overwrite=True)
    check_resume(lambda: BELOW["shuffle repeat"](IgniteDataset("ONE_BATCH", **server.where)), tmp_path, 4)


def test_restore_in_another_process(digits: Cache, tmp_path: pathlib.Path) -> None:
    iterator = iter(digits.dataset().map(lambda e: e["key"]).repeat(2))
    for _ in range(1400):
        next(iterator)
    saved = tf.train.Checkpoint(iterator=iterator).save(str(tmp_path / "at"))
    rest = [int(k) for k in iterator]
    code = """
import json, sys
import tensorflow as tf
from kindling.tensorflow import IgniteDataset
name, host, port, saved = sys.argv[1:]
iterator = iter(IgniteDataset(name, host, int(port)).map(lambda e: e["key"]).repeat(2))
tf.train.Checkpoint(iterator=iterator).restore(saved)
print(json.dumps([int(k) for k in iterator]))
"""
    done = run_python(code, digits.name, digits.server.host, str(digits.server.port), saved)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == rest
