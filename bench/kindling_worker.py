"""Reads caches through IgniteDataset, into batches and row by row."""

from __future__ import annotations

import copy
import platform
from typing import Any

import kindling
import measured
import tensorflow as tf
from kindling.tensorflow import IgniteDataset

#: Rows a second, row by row: a first guess, then what was seen.
FIRST_ROWS = 5_000
_pace: dict[str, float] = {}
_datasets: dict[tuple[str, str], IgniteDataset] = {}
_batches: dict[str, Any] = {}
#: Bytes of a cache that stay in memory where that is asked for.
KEPT_BYTES = 32 << 20
_kept: dict[str, tf.data.Dataset] = {}


def dataset(request: dict[str, Any]) -> IgniteDataset:
    """Return the dataset of a cache. Its schema is found out once, outside of the measured time."""
    key = (request["address"], request["cache"])
    if key not in _datasets:
        _datasets[key] = IgniteDataset(request["cache"], addresses=[request["address"]])
    return _datasets[key]


def one_batch(request: dict[str, Any]) -> Any:
    """Return the first batch of a cache; it is read once."""
    if request["cache"] not in _batches:
        _batches[request["cache"]] = next(
            iter(dataset(request).batch(request["batch_rows"]))
        )
    return _batches[request["cache"]]


def in_memory(request: dict[str, Any]) -> tf.data.Dataset:
    """Return whole batches of a cache, in memory once they were read; too many to stay in a processor's own cache."""
    if request["cache"] not in _kept:
        size = request["batch_rows"]
        source = dataset(request).batch(size, drop_remainder=True)
        kept = source.take(max(KEPT_BYTES // (size * request["row_bytes"]), 2)).cache()
        for _ in kept:
            pass
        _kept[request["cache"]] = kept
    return _kept[request["cache"]]


def batches(request: dict[str, Any]) -> measured.Pass:
    """Read whole batches.

    The batches are consumed by TensorFlow itself: ``skip`` draws all of them and hands none on. A loop in Python would
    cost more than small batches do. With ``count`` it is such a loop after all, to see that the rows are all there.

    The iterator outlives the measured time: TensorFlow may wait for its own tuning thread, for seconds, when it
    destroys one.
    """
    source = dataset(request).batch(request["batch_rows"])
    done = measured.Pass()
    if request.get("count"):
        with done:
            iterator = iter(source)
            for batch in iterator:
                done.first()
                done.rows += int(tf.nest.flatten(batch)[0].shape[0])
        return done
    with done:
        iterator = iter(source.skip(10**9))
        for _ in iterator:
            pass
    done.rows = request["rows"]
    return done


def rows(request: dict[str, Any]) -> measured.Pass:
    """Read row by row: each row is an element of its own inside of TensorFlow."""
    return through_rows(dataset(request), request)


def rows_stated(request: dict[str, Any]) -> measured.Pass:
    """Read row by row, with a schema that says how long the arrays are: they need not be cut then."""
    return through_rows(_stated(request), request)


def rows_symbolic(request: dict[str, Any]) -> measured.Pass:
    """Read the same with symbolic checkpoints: TensorFlow then notes its state with each row."""
    return through_rows(_stated(request, symbolic=True), request)


def _stated(request: dict[str, Any], symbolic: bool = False) -> IgniteDataset:
    key = (request["address"], f"{request['cache']}, lengths stated, {symbolic}")
    if key not in _datasets:
        schema = copy.deepcopy(dataset(request)._spec["schema"])
        for part, values in one_batch(request).items():
            _state(schema[part], values)
        _datasets[key] = IgniteDataset(
            request["cache"],
            addresses=[request["address"]],
            schema=schema,
            symbolic_checkpoint=symbolic,
        )
    return _datasets[key]


def _state(field: dict[str, Any], values: Any) -> None:
    """State the lengths of the arrays of a field, those of a batch."""
    if field["type"].endswith("[]"):
        field["type"] = f"{field['type'][:-2]}[{values.shape[1]}]"
    for inner in field.get("fields", ()):
        _state(inner, values[inner["name"]])


def through_rows(source: tf.data.Dataset, request: dict[str, Any]) -> measured.Pass:
    """Draw single elements for about so many seconds.

    ``skip`` draws them inside of TensorFlow, as in ``batches``, and ``take`` has each of them made: right behind
    ``unbatch`` they would only be counted. How many a pass has to draw shows the pass before it.
    """
    name = request["op"]
    count = min(int(request["seconds"] * _pace.get(name, FIRST_ROWS)), request["rows"])
    drawn = source.take(count).skip(count)
    done = measured.Pass()
    with done:
        iterator = iter(drawn)
        for _ in iterator:
            pass
    done.rows = count
    _pace[name] = count / done.seconds
    return done


def main() -> None:
    """Warm TensorFlow up, and serve."""
    for _ in tf.data.Dataset.range(4).batch(2).prefetch(1):
        pass
    about = {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "kindling": kindling.__version__,
    }
    measured.serve(
        about,
        {
            "batches": batches,
            "rows": rows,
            "rows-stated": rows_stated,
            "rows-symbolic": rows_symbolic,
        },
    )


if __name__ == "__main__":
    main()
