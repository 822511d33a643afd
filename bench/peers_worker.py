"""What TensorFlow does without Kindling: rows out of batches in memory, and TFRecord files of the same rows."""

from __future__ import annotations

import atexit
import contextlib
import os
import pathlib
import tempfile
from collections.abc import Callable
from typing import Any

import kindling_worker
import measured
import tensorflow as tf

#: A file holds at most so many bytes of values, and so many rows.
FILE_BYTES = 256 << 20
FILE_ROWS = 100_000
_files: dict[str, tuple[str, int, Callable[[tf.Tensor], Any]]] = {}


def unbatch(request: dict[str, Any]) -> measured.Pass:
    """Draw rows out of batches in memory, again and again: what ``unbatch`` can do at most."""
    rows = kindling_worker.in_memory(request).repeat().unbatch()
    return kindling_worker.through_rows(rows, request)


def tfrecord(request: dict[str, Any]) -> measured.Pass:
    """Read a file of the same rows, in memory, into batches of the same tensors."""
    name, rows, decode = _file(request)
    source = tf.data.TFRecordDataset(name, buffer_size=8 << 20).repeat()
    source = source.batch(request["batch_rows"], drop_remainder=True)
    source = source.map(decode, num_parallel_calls=tf.data.AUTOTUNE).prefetch(
        tf.data.AUTOTUNE
    )
    done = measured.Pass()
    # shard hands out every so many batches: Python looks at the clock a few dozen times.
    every = max(rows // request["batch_rows"] // 16, 1)
    with done:
        for _ in source.shard(every, every - 1):
            done.rows += every * request["batch_rows"]
            if done.elapsed() > request["seconds"]:
                break
    return done


def _file(request: dict[str, Any]) -> tuple[str, int, Callable[[tf.Tensor], Any]]:
    """Write the file of a cache once: raw bytes where the value is one byte[], else ``tf.train.Example``."""
    cache = request["cache"]
    if cache not in _files:
        forget()
        source = kindling_worker.dataset(request)
        plain = not isinstance(source.element_spec["val"], dict)
        encode = _raw if plain else _example
        limit = max(
            min(FILE_BYTES // request["row_bytes"], FILE_ROWS, request["rows"]), 1
        )
        folder = "/dev/shm" if os.path.isdir("/dev/shm") else None
        handle, name = tempfile.mkstemp(
            prefix="kindling-bench-", suffix=".tfrecord", dir=folder
        )
        os.close(handle)
        rows = 0
        _files[cache] = (name, 0, encode)
        with tf.io.TFRecordWriter(name) as writer:
            for batch in source.batch(request["batch_rows"]):
                for text in encode(batch):
                    writer.write(text)
                    rows += 1
                if rows >= limit:
                    break
        spec = source.element_spec["val"]
        decode = _decode_raw(spec) if plain else _decode_example(spec)
        _files[cache] = (name, rows, decode)
    return _files[cache]


def forget() -> None:
    """Remove the files."""
    for name, _, _ in _files.values():
        pathlib.Path(name).unlink(missing_ok=True)
    _files.clear()


def _raw(batch: Any) -> list[bytes]:
    return [row.tobytes() for row in batch["val"].numpy()]


def _decode_raw(spec: tf.TensorSpec) -> Callable[[tf.Tensor], Any]:
    return lambda texts: tf.io.decode_raw(texts, spec.dtype)


def _example(batch: Any) -> list[bytes]:
    columns = {name: column.numpy() for name, column in batch["val"].items()}
    return [
        _one_example(columns, row) for row in range(len(next(iter(columns.values()))))
    ]


def _one_example(columns: dict[str, Any], row: int) -> bytes:
    feature = {}
    for name, column in columns.items():
        value = column[row]
        if getattr(value, "ndim", 0) > 0:
            feature[name] = tf.train.Feature(
                bytes_list=tf.train.BytesList(value=[value.tobytes()])
            )
        elif isinstance(value, bytes):
            feature[name] = tf.train.Feature(
                bytes_list=tf.train.BytesList(value=[value])
            )
        elif value.dtype.kind == "f":
            feature[name] = tf.train.Feature(
                float_list=tf.train.FloatList(value=[value.item()])
            )
        else:
            feature[name] = tf.train.Feature(
                int64_list=tf.train.Int64List(value=[int(value)])
            )
    return tf.train.Example(
        features=tf.train.Features(feature=feature)
    ).SerializeToString()


def _decode_example(spec: dict[str, tf.TensorSpec]) -> Callable[[tf.Tensor], Any]:
    """Parse whole batches, and give the columns the types that they have in the cache."""
    features = {
        name: tf.io.FixedLenFeature([], _feature_type(s)) for name, s in spec.items()
    }

    def decode(texts: tf.Tensor) -> dict[str, tf.Tensor]:
        parsed = tf.io.parse_example(texts, features)
        return {name: _typed(value, spec[name]) for name, value in parsed.items()}

    return decode


def _typed(value: tf.Tensor, spec: tf.TensorSpec) -> tf.Tensor:
    return (
        tf.io.decode_raw(value, spec.dtype)
        if spec.shape.rank
        else tf.cast(value, spec.dtype)
    )


def _feature_type(spec: tf.TensorSpec) -> tf.DType:
    if spec.shape.rank or spec.dtype == tf.string:
        return tf.string
    return tf.float32 if spec.dtype.is_floating else tf.int64


def main() -> None:
    """Serve, and leave no file behind."""
    atexit.register(forget)
    with contextlib.suppress(KeyboardInterrupt):
        measured.serve({}, {"unbatch": unbatch, "tfrecord": tfrecord})


if __name__ == "__main__":
    main()
