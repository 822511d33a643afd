"""Pipelines as users write them, over the rows of a cache and over the same rows in memory."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import keras
import measured
import numpy as np
import tensorflow as tf
from kindling.tensorflow import IgniteDataset, _op

AUTOTUNE = tf.data.AUTOTUNE
#: Batches in which rows are read into memory, and in which ``unbatch`` gets them.
MEMORY_BATCH = 256
#: Epochs of a pass: as many as fit into its seconds, by the pace that was seen.
MOST_EPOCHS = 16
_pace: dict[tuple[Any, ...], float] = {}


class Source:
    """The rows of a cache, or the same rows in memory with the same ``element_spec``."""

    def __init__(self, request: dict[str, Any]) -> None:
        """Find out the schema; nothing of it is measured."""
        self.batch = request["batch_rows"]
        self.buffer = request.get("buffer", 0)
        self.count = request["rows"]
        self.partitions = request["partitions"]
        self.width = request["row_bytes"] - 1

    def rows(self) -> tf.data.Dataset:
        """Return the rows."""
        raise NotImplementedError

    def part(self, number: tf.Tensor) -> tf.data.Dataset:
        """Return the rows of one partition."""
        raise NotImplementedError

    def example(self, row: Any) -> tuple[tf.Tensor, tf.Tensor]:
        """Turn a row, or a batch of them, into what a net takes."""
        pixels = row["val"]["pixels"]
        if isinstance(pixels, tf.RaggedTensor):
            pixels = pixels.to_tensor()
        scaled = tf.cast(pixels, tf.float32) / 128.0
        shape = [*scaled.shape[:-1], self.width]
        return tf.ensure_shape(scaled, shape), tf.cast(row["val"]["label"], tf.int32)


class CacheSource(Source):
    """The rows of a cache, with default arguments."""

    def __init__(self, request: dict[str, Any]) -> None:
        """Describe the dataset."""
        super().__init__(request)
        self._where = {"addresses": [request["address"]]}
        self._cache = request["cache"]
        self._rows = IgniteDataset(self._cache, **self._where)

    def rows(self) -> tf.data.Dataset:
        """Return the rows."""
        return self._rows

    def part(self, number: tf.Tensor) -> tf.data.Dataset:
        """Return the rows of one partition."""
        return IgniteDataset(self._cache, part=number, **self._where)


class MemorySource(Source):
    """The same rows as tensors."""

    def __init__(self, request: dict[str, Any]) -> None:
        """Read them."""
        super().__init__(request)
        cache = source({**request, "memory": False}).rows()
        self._spec = cache.element_spec
        read = list(cache.batch(MEMORY_BATCH).as_numpy_iterator())
        self.tensors = tf.nest.map_structure(
            lambda *parts: tf.constant(np.concatenate(parts)), *read
        )

    def rows(self) -> tf.data.Dataset:
        """Return the rows."""
        return self._relaxed(tf.data.Dataset.from_tensor_slices(self.tensors))

    def part(self, number: tf.Tensor) -> tf.data.Dataset:
        """Return as many rows as a partition has, on average."""
        first = number * self.count // self.partitions
        last = (number + 1) * self.count // self.partitions
        some = tf.nest.map_structure(lambda t: t[first:last], self.tensors)
        return self._relaxed(tf.data.Dataset.from_tensor_slices(some))

    def _relaxed(self, rows: tf.data.Dataset) -> tf.data.Dataset:
        variant = tf.data.experimental.to_variant(rows)
        return tf.data.experimental.from_variant(variant, self._spec)


_sources: dict[tuple[str, bool], Source] = {}


def source(request: dict[str, Any]) -> Source:
    """Return where rows come from."""
    memory = bool(request.get("memory"))
    key = (request["cache"], memory)
    if key not in _sources:
        _sources[key] = (MemorySource if memory else CacheSource)(request)
    made = _sources[key]
    made.buffer = request.get("buffer", 0)
    return made


def map_shuffle_batch(s: Source) -> tf.data.Dataset:
    """Decode, shuffle, batch, prefetch."""
    mapped = s.rows().map(s.example, num_parallel_calls=AUTOTUNE)
    return mapped.shuffle(s.buffer).batch(s.batch).prefetch(AUTOTUNE)


def shuffle_map_batch(s: Source) -> tf.data.Dataset:
    """Shuffle rows, decode, batch."""
    return s.rows().shuffle(s.buffer).map(s.example).batch(s.batch)


def shuffle_batch(s: Source) -> tf.data.Dataset:
    """Shuffle rows and batch them."""
    return s.rows().shuffle(s.buffer).batch(s.batch)


def batch_map(s: Source) -> tf.data.Dataset:
    """Decode whole batches."""
    return s.rows().batch(s.batch).map(s.example)


def cache(s: Source) -> tf.data.Dataset:
    """Keep decoded batches in memory; the first of two epochs reads."""
    return batch_map(s).cache()


def padded(s: Source) -> tf.data.Dataset:
    """Batch rows whose arrays may differ in length, filled up."""
    return s.rows().padded_batch(s.batch)


def ragged(s: Source) -> tf.data.Dataset:
    """Batch rows whose arrays may differ in length, as ragged tensors."""
    return s.rows().ragged_batch(s.batch)


def repeat(s: Source) -> tf.data.Dataset:
    """Repeat for ever; an epoch is a number of steps."""
    return batch_map(s).repeat()


def zipped(s: Source) -> tf.data.Dataset:
    """Add a number to each row."""
    pairs = tf.data.Dataset.zip((s.rows(), tf.data.Dataset.range(2**40)))
    return pairs.batch(s.batch).map(lambda row, _: s.example(row))


def interleave(s: Source) -> tf.data.Dataset:
    """Read four partitions at a time."""
    parts = tf.data.Dataset.range(s.partitions)
    rows = parts.interleave(s.part, cycle_length=4, num_parallel_calls=AUTOTUNE)
    return rows.batch(s.batch)


def window(s: Source) -> tf.data.Dataset:
    """Cut decoded rows into windows, and make a batch of each."""
    windows = s.rows().map(s.example).window(s.batch)
    return windows.flat_map(
        lambda x, y: tf.data.Dataset.zip((x.batch(s.batch), y.batch(s.batch)))
    )


def sample(s: Source) -> tf.data.Dataset:
    """Draw from two kinds of rows in equal parts."""
    low = s.rows().filter(lambda row: row["val"]["label"] < 5)
    high = s.rows().filter(lambda row: row["val"]["label"] >= 5)
    return tf.data.Dataset.sample_from_datasets([low, high], [0.5, 0.5]).batch(s.batch)


def shard(s: Source) -> tf.data.Dataset:
    """Take every other row, as one of two workers."""
    return s.rows().shard(2, 0).batch(s.batch)


IDIOMS: dict[str, Callable[[Source], tf.data.Dataset]] = {
    "map-shuffle-batch-prefetch": map_shuffle_batch,
    "shuffle-map-batch": shuffle_map_batch,
    "shuffle-batch": shuffle_batch,
    "batch-map": batch_map,
    "batch-map-cache": cache,
    "padded_batch": padded,
    "ragged_batch": ragged,
    "repeat, steps_per_epoch": repeat,
    "zip": zipped,
    "interleave": interleave,
    "window": window,
    "sample_from_datasets": sample,
    "shard": shard,
}


class Passes:
    """What a pass draws: the same pipeline for some epochs."""

    def __init__(self, request: dict[str, Any]) -> None:
        """Describe the pipeline, as a program does once."""
        self.name = request["idiom"]
        self.source = source(request)
        self.pipeline = IDIOMS[self.name](self.source)
        rows = request["rows"] // (2 if self.name == "shard" else 1)
        self.batches = -(-rows // request["batch_rows"])
        self.steps = self.batches if self.name.startswith("repeat") else None
        self._request = request
        self._key = (request["op"], self.name, self.source.buffer, type(self.source))

    def epochs(self) -> int:
        """Return how many epochs a pass has."""
        if self.name == "batch-map-cache":
            return 2
        seconds = self._request["seconds"]
        return int(min(max(seconds / _pace.get(self._key, seconds), 1), MOST_EPOCHS))

    def ended(self, done: measured.Pass, epochs: int, batches: int) -> measured.Pass:
        """Check a pass and say what it has read."""
        if batches != epochs * self.batches:
            raise ValueError(
                f"{self.name}: {batches} batches, not {epochs} times {self.batches}"
            )
        done.rows = epochs * self._request["rows"]
        _pace[self._key] = done.seconds / epochs
        return done


def loop(request: dict[str, Any]) -> measured.Pass:
    """Draw batches in a Python loop.

    The iterators outlive the measured time: TensorFlow may wait for its own tuning thread, for seconds, when it
    destroys one.
    """
    passes = Passes(request)
    epochs, batches = passes.epochs(), 0
    pipeline = passes.pipeline
    if passes.steps:
        pipeline = pipeline.take(passes.steps)
    kept: list[Iterable[Any]] = []
    done = measured.Pass()
    with done:
        for _ in range(epochs):
            kept.append(iter(pipeline))
            for _ in kept[-1]:
                batches += 1
    return passes.ended(done, epochs, batches)


class Batches(keras.callbacks.Callback):
    """Counts batches; the optimizer may count the step that finds the end of the data, too."""

    ended = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Count one."""
        self.ended += 1


@functools.cache
def net(width: int) -> keras.Model:
    """Return a small net."""
    pixels = keras.Input([width])
    hidden = keras.layers.Dense(16, activation="relu")(pixels)
    model = keras.Model(pixels, keras.layers.Dense(10)(hidden))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss)
    return model


def fit(request: dict[str, Any]) -> measured.Pass:
    """Train on the batches, each epoch by a call of ``fit`` of its own.

    The clock stops when the last step ends: ``fit`` then destroys its iterator.
    """
    passes = Passes(request)
    pipeline = passes.pipeline
    if isinstance(pipeline.element_spec, dict):
        pipeline = pipeline.map(passes.source.example)
    elif isinstance(pipeline.element_spec[0], dict):
        pipeline = pipeline.map(lambda row, _: passes.source.example(row))
    model = net(passes.source.width)
    epochs, batches = passes.epochs(), Batches()
    total = measured.Pass()
    for _ in range(epochs):
        done = measured.Pass()
        end = keras.callbacks.LambdaCallback(on_train_end=lambda _, d=done: d.stop())
        with done:
            model.fit(
                pipeline,
                steps_per_epoch=passes.steps,
                verbose=0,
                callbacks=[batches, end],
            )
        total.add(done)
    return passes.ended(total, epochs, batches.ended)


def slices(request: dict[str, Any]) -> measured.Pass:
    """Draw rows that TensorFlow cuts off tensors in memory."""
    return _draw(source(request).rows(), request)


def unbatch(request: dict[str, Any]) -> measured.Pass:
    """Draw rows that TensorFlow takes out of batches in memory."""
    return _draw(_batches(request, lengths=False).unbatch(), request)


def cut(request: dict[str, Any]) -> measured.Pass:
    """Draw them with a function called for each row, as arrays need that may differ in length."""
    rows = _batches(request, lengths=True).unbatch()
    columns = source({**request, "memory": False}).rows()._columns
    return _draw(_op._cut(rows, columns), request)


def _batches(request: dict[str, Any], lengths: bool) -> tf.data.Dataset:
    """Return batches of the rows in memory, with the lengths of the pixels behind them."""
    made = source(request)
    if not isinstance(made, MemorySource):
        raise TypeError("these rows are not in memory")
    tensors = tf.nest.flatten(made.tensors)
    if lengths:
        tensors.append(tf.fill([made.count, 1], tf.constant(made.width, tf.int64)))
    size = request["batch_rows"]
    batches = [tf.reshape(t, [-1, size, *t.shape[1:]]) for t in tensors]
    return tf.data.Dataset.from_tensor_slices(tuple(batches))


def _draw(rows: tf.data.Dataset, request: dict[str, Any]) -> measured.Pass:
    """Draw all rows inside of TensorFlow; ``take`` has each of them made, ``skip`` hands none on."""
    drawn = rows.take(request["rows"]).skip(request["rows"])
    done = measured.Pass()
    with done:
        iterator = iter(drawn)
        for _ in iterator:
            pass
    done.rows = request["rows"]
    return done


if __name__ == "__main__":
    # Keras finds the number of steps by running into the end of the first epoch.
    warnings.filterwarnings("ignore", message="Your input ran out of data")
    for _ in tf.data.Dataset.range(4).batch(2).prefetch(1):
        pass
    measured.serve(
        {"keras": keras.__version__, "tensorflow": tf.__version__},
        {"loop": loop, "fit": fit, "slices": slices, "unbatch": unbatch, "cut": cut},
    )
