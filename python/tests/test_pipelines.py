"""Pipelines as programs have them: each idiom in a loop and in ``fit``, and costs that do not grow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from kindling.tensorflow import IgniteDataset

from .conftest import PIXELS, ROWS, Cache, Server, eventually, streams

BATCH = 50


def example(row: Any) -> tuple[tf.Tensor, tf.Tensor]:
    pixels = row["val"]["pixels"]
    if isinstance(pixels, tf.RaggedTensor):
        pixels = pixels.to_tensor()
    scaled = tf.cast(pixels, tf.float32) / 255.0
    return tf.ensure_shape(scaled, [*scaled.shape[:-1], PIXELS]), row["val"]["label"]


def halves(dataset: Any) -> Any:
    """Rows with odd labels and rows with even ones, in equal parts."""
    parts = [dataset.filter(lambda e, odd=odd: e["val"]["odd"] == odd) for odd in (False, True)]
    return tf.data.Dataset.sample_from_datasets(parts, [0.5, 0.5])


#: name: the batches, and how many rows of the cache they hold
IDIOMS: dict[str, tuple[Callable[[Any], Any], int]] = {
    "map-shuffle-batch-prefetch": (
        lambda d: d.map(example, num_parallel_calls=tf.data.AUTOTUNE).shuffle(100).batch(BATCH).prefetch(2),
        ROWS,
    ),
    "shuffle-map-batch": (lambda d: d.shuffle(ROWS).map(example).batch(BATCH), ROWS),
    "shuffle-batch": (lambda d: d.shuffle(100).batch(BATCH).map(example), ROWS),
    "batch-map": (lambda d: d.batch(BATCH).map(example), ROWS),
    "batch-map-cache": (lambda d: d.batch(BATCH).map(example).cache(), ROWS),
    "padded_batch": (lambda d: d.padded_batch(BATCH).map(example), ROWS),
    "ragged_batch": (lambda d: d.ragged_batch(BATCH).map(example), ROWS),
    "zip": (
        lambda d: tf.data.Dataset.zip((d, tf.data.Dataset.range(ROWS))).batch(BATCH).map(lambda e, _: example(e)),
        ROWS,
    ),
    "interleave": (
        lambda d: (
            tf.data.Dataset.range(2)
            .interleave(lambda n: d.shard(2, n), cycle_length=2, num_parallel_calls=tf.data.AUTOTUNE)
            .batch(BATCH)
            .map(example)
        ),
        ROWS,
    ),
    "window": (
        lambda d: (
            d.map(example).window(BATCH).flat_map(lambda x, y: tf.data.Dataset.zip((x.batch(BATCH), y.batch(BATCH))))
        ),
        ROWS,
    ),
    "sample_from_datasets": (lambda d: halves(d).batch(BATCH).map(example), ROWS),
    "shard": (lambda d: d.shard(2, 0).batch(BATCH).map(example), ROWS // 2),
    "take": (lambda d: d.take(ROWS // 4).batch(BATCH).map(example), ROWS // 4),
}


@pytest.fixture(scope="module")
def net() -> Any:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.layers.Input([PIXELS]), keras.layers.Dense(10, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=False)
    return model


def steps(net: Any, batches: Any, **more: Any) -> int:
    """Train and count the steps; the optimizer may count the one that finds the end of the data, too."""
    ended: list[int] = []
    count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: ended.append(batch))
    net.fit(batches, callbacks=[count], verbose=0, **more)
    return len(ended)


@pytest.mark.parametrize("name", IDIOMS)
def test_an_idiom_in_a_loop_and_twice_in_fit(digits: Cache, net: Any, name: str) -> None:
    make, rows = IDIOMS[name]
    batches = make(digits.dataset())
    known = {digits.columns["pixels"][n].tobytes(): n for n in range(ROWS)}
    for _ in range(2):
        seen = []
        for pixels, labels in batches:
            of_batch = [known[row.tobytes()] for row in np.rint(pixels.numpy() * 255).astype(np.uint8)]
            assert labels.numpy().tolist() == [n % 10 for n in of_batch]
            seen += of_batch
        assert len(seen) == len(set(seen)) == rows
    for _ in range(2):
        assert steps(net, batches, epochs=2) == 2 * rows // BATCH


def test_fit_with_validation_class_weights_and_steps(digits: Cache, net: Any) -> None:
    dataset = digits.dataset()
    train = dataset.skip(200).shuffle(100).batch(BATCH).map(example)
    valid = dataset.take(200).batch(BATCH).map(example)
    weights = {label: 1.0 + label for label in range(10)}
    history = net.fit(train, epochs=2, validation_data=valid, class_weight=weights, verbose=0).history
    assert len(history["val_loss"]) == 2
    endless = dataset.batch(BATCH).map(example).repeat()
    assert steps(net, endless, epochs=2, steps_per_epoch=30, validation_data=endless, validation_steps=2) == 60


def test_cache_reads_the_rows_once(digits: Cache) -> None:
    dataset = digits.dataset(lanes=2)
    kept = dataset.map(lambda e: e["key"]).cache().shuffle(ROWS).batch(BATCH)
    for _ in range(3):
        assert sum(len(keys) for keys in kept) == ROWS
    assert dataset.stats()["rows"] == ROWS


def test_a_loop_that_is_left_early_closes_what_it_read(digits: Cache) -> None:
    assert eventually(lambda: streams() == 0)
    for make, _ in IDIOMS.values():
        for _ in make(digits.dataset(idle_timeout=600)):
            break
    assert eventually(lambda: streams() == 0)


def test_rows_with_nulls_below_shuffle(server: Server) -> None:
    rows = [{"id": n, "x": None if n % 3 else [float(n)] * 2, "label": None if n % 2 else n} for n in range(60)]
    with server.connect() as client:
        client.load("NULLS_BELOW_SHUFFLE", rows, key="id")
    dataset = IgniteDataset("NULLS_BELOW_SHUFFLE", nulls="default", defaults={"val.label": -1}, **server.where)
    found = {}
    for batch in dataset.shuffle(20).padded_batch(7):
        for key, x, label in zip(batch["key"], batch["val"]["x"], batch["val"]["label"], strict=True):
            found[int(key)] = (x.numpy().tolist(), int(label))
    for n in range(60):
        x, label = found.pop(n)
        assert x in ([0.0, 0.0], []) if n % 3 else x == [float(n)] * 2
        assert label == (-1 if n % 2 else n)
    assert not found


def test_the_option_is_the_users_own(digits: Cache) -> None:
    """Where two datasets are put together TensorFlow refuses options that contradict each other."""
    for dataset in (digits.dataset(), digits.dataset().batch(10)):
        assert dataset.options().experimental_symbolic_checkpoint is None
    for dataset in (digits.dataset(symbolic_checkpoint=True), digits.dataset(symbolic_checkpoint=True).batch(10)):
        assert dataset.options().experimental_symbolic_checkpoint is True
    options = tf.data.Options()
    options.experimental_symbolic_checkpoint = False
    other = tf.data.Dataset.range(ROWS).with_options(options)
    assert sum(1 for _ in tf.data.Dataset.zip((digits.dataset(), other))) == ROWS


#: Rows of the cache whose reading is timed, and how much longer one of many may take than one of few.
MANY = 8000
GROWTH = 3

#: What has an iterator for each element or batch, or a buffer. An element is one row.
LONG: dict[str, Callable[[Any], Any]] = {
    "rows": lambda d: d.map(lambda e: e["key"]),
    "batch": lambda d: d.batch(1).map(lambda e: e["key"]),
    "unbatch": lambda d: d.batch(2).unbatch().map(lambda e: e["key"]),
    "flat_map": lambda d: d.flat_map(lambda e: tf.data.Dataset.from_tensors(e["key"])),
    "interleave": lambda d: d.interleave(lambda e: tf.data.Dataset.from_tensors(e["key"]), cycle_length=8),
    "shuffle": lambda d: d.shuffle(MANY // 4).map(lambda e: e["key"]),
    "repeat": lambda d: d.take(MANY // 20).repeat(20).map(lambda e: e["key"]),
}


@pytest.fixture(scope="module")
def many(server: Server) -> Any:
    number = np.arange(MANY)
    columns = {"id": number, "x": np.zeros((MANY, 8), np.float32), "label": number % 10}
    with server.connect() as client:
        client.load("MANY_ELEMENTS", columns, key="id", overwrite=True)
    return IgniteDataset("MANY_ELEMENTS", **server.where)


@pytest.mark.parametrize("name", LONG)
def test_no_element_costs_more_than_those_before(many: Any, name: str) -> None:
    """Time does not grow with the number of elements, batches or iterators; they are drawn inside of TensorFlow."""
    few, all_of_them = (
        min(cpu(LONG[name](many).take(rows).skip(rows)) for _ in range(2)) for rows in (MANY // 8, MANY)
    )
    assert all_of_them < GROWTH * 8 * few


def test_an_epoch_does_not_cost_more_with_a_larger_buffer(many: Any) -> None:
    small, large = (min(cpu(many.shuffle(buffer).batch(64)) for _ in range(2)) for buffer in (MANY // 80, MANY))
    assert large < GROWTH * small


def cpu(elements: Iterator[Any]) -> float:
    """Return the seconds of CPU that a loop takes."""
    before = time.process_time()
    for _ in elements:
        pass
    return time.process_time() - before
