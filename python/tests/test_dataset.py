"""IgniteDataset is a tf.data.Dataset: its elements, and every method that pipelines use."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from kindling.tensorflow import IgniteDataset

from .conftest import PIXELS, ROWS, Cache, Hollow, Server


def keys(dataset: Any) -> list[int]:
    return [int(k) for k in dataset.map(lambda e: e["key"])]


def test_is_a_dataset_with_a_nested_element_spec(digits: Cache) -> None:
    dataset = digits.dataset()
    assert isinstance(dataset, tf.data.Dataset)
    scalar, vector = tf.TensorShape([]), tf.TensorShape([None])
    assert dataset.element_spec == {
        "key": tf.TensorSpec(scalar, tf.int64),
        "val": {
            "label": tf.TensorSpec(scalar, tf.int32),
            "name": tf.TensorSpec(scalar, tf.string),
            "odd": tf.TensorSpec(scalar, tf.bool),
            "pixels": tf.TensorSpec(vector, tf.uint8),
            "score": tf.TensorSpec(scalar, tf.float64),
            "weights": tf.TensorSpec(vector, tf.float32),
        },
    }


def test_every_row_once_with_its_values(digits: Cache) -> None:
    seen = set()
    for element in digits.dataset():
        row = int(element["key"])
        seen.add(row)
        value = element["val"]
        for name in ("label", "score", "odd"):
            assert value[name].numpy() == digits.columns[name][row]
        assert value["name"].numpy() == f"digit {row}".encode()
        np.testing.assert_array_equal(value["pixels"], digits.columns["pixels"][row])
        np.testing.assert_array_equal(value["weights"], digits.columns["weights"][row])
    assert seen == set(range(ROWS))


def test_order_is_the_same_every_time(digits: Cache) -> None:
    dataset = digits.dataset()
    assert keys(dataset) == keys(dataset) == keys(digits.dataset())


def test_order_does_not_depend_on_page_size_or_buffer(digits: Cache) -> None:
    assert keys(digits.dataset(page_size=7, buffer_bytes=1)) == keys(digits.dataset())


def test_cardinality(digits: Cache) -> None:
    dataset = digits.dataset()
    assert dataset.cardinality().numpy() == len(dataset) == ROWS
    assert len(dataset.batch(64)) == 16
    assert len(dataset.batch(64, drop_remainder=True)) == 15
    assert digits.dataset(part=3).cardinality().numpy() == tf.data.UNKNOWN_CARDINALITY
    assert digits.dataset(cardinality=None).cardinality().numpy() == tf.data.UNKNOWN_CARDINALITY


def test_asserted_cardinality_reaches_later_steps(digits: Cache) -> None:
    mapped = digits.dataset(cardinality="assert").map(lambda e: e["key"])
    assert mapped.cardinality().numpy() == ROWS
    assert len(list(mapped)) == ROWS


METHODS = {
    "map": lambda d: (d.map(lambda e: e["val"]["label"]), ROWS),
    "parallel map": lambda d: (d.map(lambda e: e["val"]["label"], num_parallel_calls=4), ROWS),
    "filter": lambda d: (d.filter(lambda e: e["key"] % 2 == 0), ROWS // 2),
    "take": lambda d: (d.take(5), 5),
    "skip": lambda d: (d.skip(5), ROWS - 5),
    "shuffle": lambda d: (d.shuffle(100), ROWS),
    "repeat": lambda d: (d.repeat(2), 2 * ROWS),
    "cache": lambda d: (d.cache(), ROWS),
    "prefetch": lambda d: (d.prefetch(4), ROWS),
    "shard": lambda d: (d.shard(4, 1), ROWS // 4),
    "enumerate": lambda d: (d.enumerate(), ROWS),
    "zip": lambda d: (tf.data.Dataset.zip((d, tf.data.Dataset.range(10))), 10),
    "concatenate": lambda d: (d.concatenate(d), 2 * ROWS),
    "flat_map": lambda d: (d.flat_map(lambda e: tf.data.Dataset.from_tensor_slices(e["val"]["weights"])), 3 * ROWS),
    "interleave": lambda d: (tf.data.Dataset.range(3).interleave(lambda _: d, cycle_length=3), 3 * ROWS),
    "window": lambda d: (d.map(lambda e: e["key"]).window(10).flat_map(lambda w: w.batch(10)), ROWS // 10),
    "padded_batch": lambda d: (d.padded_batch(100), ROWS // 100),
    "ragged_batch": lambda d: (d.ragged_batch(100), ROWS // 100),
    "stock batch": lambda d: (d.map(lambda e: e).batch(100), ROWS // 100),
    "unbatch": lambda d: (d.batch(100).unbatch(), ROWS),
    "with_options": lambda d: (d.with_options(tf.data.Options()), ROWS),
    "prefetch to array": lambda d: (d.batch(ROWS).prefetch(tf.data.AUTOTUNE), 1),
}


@pytest.mark.parametrize("method", METHODS)
def test_method(digits: Cache, method: str) -> None:
    dataset, elements = METHODS[method](digits.dataset())
    for _ in range(2):
        assert sum(1 for _ in dataset) == elements


def test_reduce(digits: Cache) -> None:
    total = digits.dataset().reduce(tf.constant(0, tf.int64), lambda s, e: s + e["key"])
    assert total.numpy() == ROWS * (ROWS - 1) // 2


def test_inside_tf_function(digits: Cache) -> None:
    dataset = digits.dataset()

    @tf.function
    def total() -> tf.Tensor:
        s = tf.constant(0, tf.int64)
        for element in dataset:
            s += element["key"]
        return s

    assert total().numpy() == ROWS * (ROWS - 1) // 2


def test_part_reads_one_partition_and_all_make_the_whole(server: Server) -> None:
    with server.connect() as client:
        client.sql('CREATE TABLE PARTS (ID LONG PRIMARY KEY, V LONG) WITH "CACHE_NAME=PARTS,TEMPLATE=PARTITIONED"')
        client.load("PARTS", {"ID": np.arange(200), "V": np.arange(200)}, key="ID")
    whole = IgniteDataset("PARTS", **server.where)
    one = IgniteDataset("PARTS", part=5, **server.where)
    assert 0 < len(keys(one)) < 200
    order = tf.data.Dataset.range(1024).interleave(
        lambda p: IgniteDataset("PARTS", part=p, **server.where).map(lambda e: e["key"]), cycle_length=4
    )
    assert sorted(int(k) for k in order) == sorted(keys(whole)) == list(range(200))


def test_fields(digits: Cache) -> None:
    dataset = digits.dataset(fields=["val.label", "val.weights"])
    assert list(dataset.element_spec) == ["val"]
    assert list(dataset.element_spec["val"]) == ["label", "weights"]
    assert sum(1 for _ in dataset) == ROWS
    assert sum(1 for _ in digits.dataset(fields=["val.pixels"]).batch(128)) == 8


def test_stated_schema(digits: Cache) -> None:
    dataset = digits.dataset(schema={"key": "long", "val": {"label": "long", "pixels": "byte[]"}})
    assert dataset.element_spec["val"]["label"].dtype == tf.int64
    element = next(iter(dataset))
    assert element["val"]["label"].numpy() == int(element["key"]) % 10
    assert element["val"]["pixels"].shape == [PIXELS]


def test_empty_cache_of_a_known_type(server: Server) -> None:
    with server.connect() as client:
        client.sql('CREATE TABLE HOLLOW (ID LONG PRIMARY KEY, NAME VARCHAR, SIZE REAL) WITH "CACHE_NAME=HOLLOW"')
    dataset = IgniteDataset("HOLLOW", **server.where)
    assert dataset.element_spec["val"]["NAME"] == tf.TensorSpec([], tf.string)
    assert list(dataset) == []
    assert list(dataset.batch(8)) == []
    assert len(dataset) == 0


def test_plain_values(server: Server) -> None:
    with server.connect() as client:
        client.load("PLAIN", {"id": np.arange(3), "text": np.array(["a", "b", "ccc"])}, key="id", plain=True)
    found = {int(e["key"]): e["val"].numpy() for e in IgniteDataset("PLAIN", **server.where)}
    assert found == {0: b"a", 1: b"b", 2: b"ccc"}


def test_nested_objects(server: Server) -> None:
    rows = [{"id": i, "meta": {"file": f"{i}.png", "size": {"w": i, "h": 2 * i}}, "x": [float(i)]} for i in range(20)]
    with server.connect() as client:
        client.load("NESTED", rows, key="id")
    dataset = IgniteDataset("NESTED", **server.where)
    assert dataset.element_spec["val"]["meta"]["size"] == {
        "w": tf.TensorSpec([], tf.int64),
        "h": tf.TensorSpec([], tf.int64),
    }
    for element in dataset:
        i = int(element["key"])
        assert element["val"]["meta"]["file"].numpy() == f"{i}.png".encode()
        assert element["val"]["meta"]["size"]["h"].numpy() == 2 * i


def test_arrays_of_length_0_row_by_row(hollow: Hollow) -> None:
    """TensorFlow's ``unbatch`` would end the process at them."""
    dataset = hollow.dataset()
    for _ in range(2):
        found = {int(e["key"]): e["val"] for e in dataset}
        assert sorted(found) == list(range(len(hollow.lengths)))
        for key, value in found.items():
            texts = tf.nest.map_structure(lambda t: np.asarray(t.numpy()).tolist(), value)
            texts["name"], texts["meta"]["file"] = texts["name"].decode(), texts["meta"]["file"].decode()
            texts["words"] = [w.decode() for w in texts["words"]]
            assert texts == hollow.row(key)
            assert value["tags"].dtype == tf.int64
            assert value["tags"].shape == value["words"].shape == value["meta"]["points"].shape == [hollow.lengths[key]]


def test_arrays_of_different_lengths_row_by_row(server: Server) -> None:
    """They share batches: one for each row, or an iterator for each batch, becomes slower with every row."""
    words = ["one", "another one"]
    rows = {i: {"x": [float(i)] * (i * 7 % 23 + 1), "words": words[: i % 2 + 1]} for i in range(3000)}
    with server.connect() as client:
        client.load("DIFFERENT", [{"id": i, **row} for i, row in rows.items()], key="id")
    dataset = IgniteDataset("DIFFERENT", **server.where)
    found = {int(e["key"]): e["val"] for e in dataset}
    assert found.keys() == rows.keys()
    for i, row in rows.items():
        texts = [w.decode() for w in found[i]["words"].numpy()]
        assert {"x": found[i]["x"].numpy().tolist(), "words": texts} == row
    assert dataset.stats()["batches"] < len(rows) / 100


def test_arrays_of_a_stated_length(digits: Cache) -> None:
    schema = {"key": "long", "val": {"label": "int", "pixels": f"byte[{PIXELS}]", "weights": "double[]"}}
    dataset = digits.dataset(schema=schema)
    assert dataset.element_spec["val"]["pixels"] == tf.TensorSpec([PIXELS], tf.uint8)
    assert dataset.batch(7).element_spec["val"]["pixels"] == tf.TensorSpec([None, PIXELS], tf.uint8)
    fields = ["key", "val.label", "val.pixels", "val.weights"]
    for stated, found in zip(dataset, digits.dataset(fields=fields), strict=True):
        tf.nest.map_structure(lambda a, b: np.testing.assert_array_equal(a.numpy(), b.numpy()), stated, found)
    assert sum(len(b["key"]) for b in dataset.batch(7)) == ROWS
    other = digits.dataset(schema={"key": "long", "val": {"pixels": "byte[5]"}})
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=rf"val\.pixels.*{PIXELS} elements, the schema says byte\[5\]"
    ):
        list(other)


def test_plain_arrays_of_length_0_row_by_row(server: Server) -> None:
    with server.connect() as client:
        client.load("PLAIN_HOLLOW", {"id": np.arange(9), "v": np.zeros((9, 0), np.uint8)}, key="id", plain=True)
    elements = list(IgniteDataset("PLAIN_HOLLOW", **server.where).repeat(2))
    assert sorted(int(e["key"]) for e in elements) == sorted([*range(9), *range(9)])
    assert all(e["val"].shape == [0] and e["val"].dtype == tf.uint8 for e in elements)


def test_nulls(server: Server) -> None:
    rows = [{"id": 1, "n": 5, "s": "x"}, {"id": 2, "n": None, "s": None}]
    with server.connect() as client:
        client.load("NULLS", rows, key="id")
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"val\.(n|s)"):
        list(IgniteDataset("NULLS", **server.where))
    stated = IgniteDataset("NULLS", defaults={"val.n": -1, "val.s": "none"}, **server.where)
    assert {int(e["key"]): int(e["val"]["n"]) for e in stated} == {1: 5, 2: -1}
    zeros = IgniteDataset("NULLS", nulls="default", **server.where)
    assert {int(e["key"]): e["val"]["s"].numpy() for e in zeros} == {1: b"x", 2: b""}
