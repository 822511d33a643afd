"""tf.train.Checkpoint saves and resumes the exact position, with the elements in hand or, where asked for, without."""

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

from .conftest import PIXELS, ROWS, Cache, Hollow, Proxy, Server, eventually, run_python, stats

KILOBYTES = 16 << 10
#: What TensorFlow may save of rows that it holds, beside the position.
ROWS_IN_HAND = 256 << 10

#: Checkpoints with the elements that TensorFlow holds, which is the default, and without: then they are read again.
symbolic = pytest.mark.parametrize("symbolic", [False, True], ids=["default", "symbolic"])

#: name: (pipeline, elements of it, bounds of the checkpoint's size: by default, and symbolic, None where TensorFlow
#: can't do without the elements)
PIPELINES = {
    "rows": (lambda d: d, ROWS, ROWS_IN_HAND, KILOBYTES),
    "batch": (lambda d: d.batch(32), 32, KILOBYTES, KILOBYTES),
    "batch map": (lambda d: d.batch(32).map(lambda e: e["val"]["pixels"]), 32, KILOBYTES, KILOBYTES),
    "batch unbatch": (lambda d: d.batch(32).unbatch(), ROWS, KILOBYTES, KILOBYTES),
    "map": (lambda d: d.map(lambda e: e["key"]), ROWS, ROWS_IN_HAND, KILOBYTES),
    "parallel map": (lambda d: d.map(lambda e: e["key"], num_parallel_calls=4), ROWS, ROWS_IN_HAND, KILOBYTES),
    "prefetch": (lambda d: d.prefetch(8), ROWS, ROWS_IN_HAND, KILOBYTES),
    "repeat": (lambda d: d.repeat(2), 2 * ROWS, ROWS_IN_HAND, KILOBYTES),
    "shuffle": (lambda d: d.map(lambda e: e["key"]).shuffle(50, seed=3), ROWS, ROWS_IN_HAND, KILOBYTES),
    "shuffle rows": (lambda d: d.shuffle(50, seed=3), ROWS, ROWS_IN_HAND, 64 << 10),
    "shuffle most rows": (lambda d: d.shuffle(500, seed=3), ROWS, 2 * ROWS_IN_HAND, None),
    "shuffle prefetch": (lambda d: d.shuffle(50, seed=3).prefetch(8), ROWS, ROWS_IN_HAND, 64 << 10),
    "shuffle repeat": (
        lambda d: d.map(lambda e: e["key"]).shuffle(50, seed=3).repeat(2),
        2 * ROWS,
        ROWS_IN_HAND,
        KILOBYTES,
    ),
    "filter": (lambda d: d.filter(lambda e: e["key"] % 2 == 0), ROWS // 2, ROWS_IN_HAND, KILOBYTES),
    "zip": (lambda d: tf.data.Dataset.zip((d, tf.data.Dataset.range(ROWS))), ROWS, ROWS_IN_HAND, KILOBYTES),
    "stock batch": (lambda d: d.map(lambda e: e).batch(10), ROWS // 10, ROWS_IN_HAND, KILOBYTES),
    "cache": (lambda d: d.map(lambda e: e["key"]).cache().repeat(2), 2 * ROWS, ROWS_IN_HAND, None),
    "window": (lambda d: d.map(lambda e: e["key"]).window(10).flat_map(lambda w: w), ROWS, ROWS_IN_HAND, None),
    "parallel interleave": (
        lambda d: d.take(100).interleave(
            lambda e: tf.data.Dataset.from_tensor_slices(e["val"]["pixels"]), cycle_length=4, num_parallel_calls=2
        ),
        100 * PIXELS,
        ROWS_IN_HAND,
        None,
    ),
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


def plain(elements: Any) -> list[Any]:
    return [[np.asarray(t.numpy()).tolist() for t in tf.nest.flatten(e)] for e in elements]


WAYS = [(name, way) for name, (_, _, *bounds) in PIPELINES.items() for way in (False, True) if bounds[way]]


@pytest.mark.parametrize(("name", "symbolic"), WAYS)
def test_rest_after_restore_is_the_rest(digits: Cache, tmp_path: pathlib.Path, name: str, symbolic: bool) -> None:
    make, elements, *bounds = PIPELINES[name]
    iterator = iter(make(digits.dataset(symbolic_checkpoint=symbolic)))
    places = [min(max(elements * place // 100, 1), elements - 1) for place in PLACES]
    saved = {}
    seen: list[Any] = []
    for at in places:
        seen += plain(next(iterator) for _ in range(at - len(seen)))
        saved[at] = tf.train.Checkpoint(iterator=iterator).save(str(tmp_path / str(at) / "at"))
        assert size_of(tmp_path / str(at)) < (bounds[symbolic] or 0)
    seen += plain(iterator)
    assert len(seen) == elements
    for at in places:
        restored = iter(make(digits.dataset(symbolic_checkpoint=symbolic)))
        tf.train.Checkpoint(iterator=restored).restore(saved[at])
        assert plain(restored) == seen[at:]


def size_of(folder: pathlib.Path) -> int:
    return sum(f.stat().st_size for f in folder.iterdir())


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
        assert size_of(path / str(at)) < ROWS_IN_HAND


@symbolic
@pytest.mark.parametrize("step", BELOW)
def test_resume_inside_of_a_batch_without_arrays(
    digits: Cache, tmp_path: pathlib.Path, step: str, symbolic: bool
) -> None:
    """Such rows are taken out of their batches in another way than those with arrays."""
    fields = ["key", "val.label", "val.name", "val.score", "val.odd"]
    check_resume(lambda: BELOW[step](digits.dataset(fields=fields, symbolic_checkpoint=symbolic)), tmp_path, 2)


@symbolic
@pytest.mark.parametrize("step", BELOW)
def test_resume_inside_of_a_batch_of_arrays_of_length_0(
    hollow: Hollow, tmp_path: pathlib.Path, step: str, symbolic: bool
) -> None:
    check_resume(lambda: BELOW[step](hollow.dataset(symbolic_checkpoint=symbolic)), tmp_path, 2)


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
        found: list[Any] = []

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
