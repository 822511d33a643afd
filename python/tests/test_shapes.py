"""Arrays have a shape: stated by path, inferred from rows, or none; and names may have dots."""

from __future__ import annotations

import io
import pathlib
from typing import Any

import keras
import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf
from pyarrow import csv

from kindling import errors
from kindling.tensorflow import IgniteDataset

from .conftest import Cache, Server
from .test_checkpoint import check_resume

SHAPED = 300
SHAPES = {"val.x": (8,), "val.image": (28, 28, 1), "val.m": (4, 4), "val.words": (2, 1), "val.flags": (1, 3)}


@pytest.fixture(scope="module")
def shaped(server: Server) -> Cache:
    """A cache of arrays that went in with one dimension or two for each row."""
    rng = np.random.default_rng(5)
    columns = {
        "id": np.arange(SHAPED),
        "label": (np.arange(SHAPED) % 10).astype(np.int32),
        "x": rng.random((SHAPED, 8)).astype(np.float32),
        "image": rng.integers(0, 256, (SHAPED, 784), np.uint8),
        "m": np.arange(SHAPED * 16).reshape(SHAPED, 4, 4),
        "words": np.array([[f"a{i}", f"b{i}"] for i in range(SHAPED)]),
        "flags": rng.random((SHAPED, 3)) < 0.5,
    }
    with server.connect() as client:
        client.load("SHAPED", columns, key="id", overwrite=True)
    return Cache("SHAPED", server, columns)


def want(cache: Cache, name: str, key: int) -> Any:
    """Return the array of a row in its shape, strings as bytes."""
    values = cache.columns[name][key].reshape(SHAPES[f"val.{name}"])
    return np.char.encode(values) if values.dtype.kind == "U" else values


def test_element_spec_has_the_shapes(shaped: Cache) -> None:
    value = shaped.dataset(shapes=SHAPES).element_spec["val"]
    assert value["x"] == tf.TensorSpec((8,), tf.float32)
    assert value["image"] == tf.TensorSpec((28, 28, 1), tf.uint8)
    assert value["words"] == tf.TensorSpec((2, 1), tf.string)
    batch = shaped.dataset(shapes=SHAPES).batch(7, drop_remainder=True).element_spec["val"]
    assert batch["image"] == tf.TensorSpec((7, 28, 28, 1), tf.uint8)
    assert batch["label"] == tf.TensorSpec((7,), tf.int32)
    assert shaped.dataset().element_spec["val"]["x"] == tf.TensorSpec((None,), tf.float32)


def test_rows_and_batches_come_in_the_shapes(shaped: Cache) -> None:
    dataset = shaped.dataset(shapes=SHAPES)
    seen = set()
    for element in dataset:
        key = int(element["key"])
        seen.add(key)
        for path in SHAPES:
            name = path.removeprefix("val.")
            np.testing.assert_array_equal(element["val"][name], want(shaped, name, key))
    assert seen == set(range(SHAPED))
    for batches in (dataset.batch(32), dataset.shuffle(50).batch(32), dataset.padded_batch(32)):
        rows = 0
        for batch in batches:
            rows += len(batch["key"])
            for path in SHAPES:
                name = path.removeprefix("val.")
                every = np.stack([want(shaped, name, key) for key in batch["key"].numpy()])
                np.testing.assert_array_equal(batch["val"][name], every)
        assert rows == SHAPED


def test_large_arrays_come_in_the_shape(server: Server) -> None:
    """Such arrays go from the socket to their place, and are lent to TensorFlow."""
    images = np.arange(200 * 64 * 64 * 3, dtype=np.int32).reshape(200, 64, 64, 3)
    with server.connect() as client:
        client.load("SHAPED_LARGE", {"id": np.arange(200), "image": images}, key="id", overwrite=True)
    dataset = IgniteDataset("SHAPED_LARGE", shapes={"val.image": (64, 64, 3)}, **server.where)
    for batch in dataset.batch(16).repeat(2):
        np.testing.assert_array_equal(batch["val"]["image"], images[batch["key"].numpy()])
    for element in dataset:
        np.testing.assert_array_equal(element["val"]["image"], images[int(element["key"])])


@pytest.mark.parametrize("shapes", [{"val.x": (8,)}, "infer"])
@pytest.mark.parametrize("shuffled", [False, True])
def test_fit_with_dense_right_on_it(shaped: Cache, shapes: Any, shuffled: bool) -> None:
    dataset = shaped.dataset(shapes=shapes, fields=["val.x", "val.label"])
    examples = (
        (dataset.shuffle(100) if shuffled else dataset).batch(50).map(lambda e: (e["val"]["x"], e["val"]["label"]))
    )
    net = keras.Sequential([keras.layers.Dense(10, activation="softmax")])
    net.compile("sgd", "sparse_categorical_crossentropy")
    steps: list[int] = []
    count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: steps.append(batch))
    net.fit(examples, epochs=2, verbose=0, callbacks=[count])
    assert net.weights[0].shape == (8, 10)
    assert steps == 2 * list(range(SHAPED // 50))


def test_fit_with_convolution_right_on_it(shaped: Cache) -> None:
    batches = shaped.dataset(shapes={"val.image": (28, 28, 1)}).batch(100)
    net = keras.Sequential([keras.layers.Conv2D(2, 3), keras.layers.Flatten(), keras.layers.Dense(10)])
    net.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    net.fit(batches.map(lambda e: (tf.cast(e["val"]["image"], tf.float32) / 255, e["val"]["label"])), verbose=0)
    assert net.weights[0].shape == (3, 3, 1, 2)


@pytest.mark.parametrize("size", [0, 16])
def test_resume(shaped: Cache, tmp_path: pathlib.Path, size: int) -> None:
    def make() -> Any:
        dataset = shaped.dataset(shapes=SHAPES, fields=["key", *SHAPES])
        return dataset.batch(size) if size else dataset

    check_resume(make, tmp_path, 2)


def test_part_as_a_tensor(shaped: Cache) -> None:
    def read(part: tf.Tensor) -> tf.data.Dataset:
        return shaped.dataset(part=part, shapes={"val.m": (4, 4)}).map(lambda e: (e["key"], e["val"]["m"]))

    rows = tf.data.Dataset.range(1024).interleave(read, cycle_length=8)
    assert rows.element_spec == (tf.TensorSpec((), tf.int64), tf.TensorSpec((4, 4), tf.int64))
    found = {int(key): m.numpy() for key, m in rows}
    assert len(found) == SHAPED
    for key, m in found.items():
        np.testing.assert_array_equal(m, want(shaped, "m", key))


def test_shapes_in_a_schema_and_beside_it(shaped: Cache) -> None:
    schema = {"key": "long", "val": {"image": "byte[28,28,1]", "x": "float[8]", "m": "long[]"}}
    dataset = shaped.dataset(schema=schema, shapes={"val.m": [4, 4], "val.x": (2, 4)})
    shapes = {name: tuple(spec.shape) for name, spec in dataset.element_spec["val"].items()}
    assert shapes == {"image": (28, 28, 1), "x": (2, 4), "m": (4, 4)}
    for element in dataset.take(3):
        np.testing.assert_array_equal(element["val"]["image"], want(shaped, "image", int(element["key"])))
    with shaped.server.connect() as client:
        found = client.schema("SHAPED", fields=["key", "val.x"])
    assert found["val"]["fields"][0]["type"] == "float[]"
    assert found["val"]["fields"][0]["seen"] == {"arrays": 128, "min": 8, "max": 8}
    assert shaped.dataset(schema=found).element_spec["val"]["x"] == tf.TensorSpec((None,), tf.float32)


@pytest.mark.parametrize(
    ("arguments", "kind", "text"),
    [
        ({"shapes": {"val.q": (8,)}}, errors.SchemaError, r"SHAPED.*val\.q.*does not have"),
        ({"shapes": {"val.label": (1,)}}, errors.SchemaError, r"val\.label \(int\).*only a field of arrays"),
        ({"shapes": {"val": (1,)}}, errors.SchemaError, r"field val \(object\).*only a field of arrays"),
        ({"shapes": {"val.x": ()}}, errors.SchemaError, r"val\.x.*no dimension"),
        ({"shapes": {"val.x": (8, 0)}}, errors.SchemaError, r"val\.x.*\[8,0\].*from 1 on, not 0"),
        ({"shapes": {"val.x": (-1,)}}, errors.SchemaError, r"val\.x.*not -1"),
        ({"shapes": {"val.x": 8}}, errors.ArgumentError, r"val\.x is 8, not a tuple"),
        ({"shapes": {"val.x": (None, 8)}}, errors.ArgumentError, r"val\.x is \(None, 8\), not a tuple"),
        ({"shapes": "guess"}, errors.ArgumentError, "infer.*guess"),
        ({"shapes": [8]}, errors.ArgumentError, "dictionary"),
        ({"shapes": {"val.x": (8,)}, "fields": ["key"]}, errors.SchemaError, r"val\.x.*fields leaves it out"),
        (
            {"shapes": {"val.x": (9,)}, "schema": {"val": {"x": "float[8]"}}},
            errors.SchemaError,
            r"val\.x \(float\[8\]\).*\[9\], which has 9 elements, and the schema's arrays have 8",
        ),
        ({"shapes": "infer", "schema": {"val": {"x": "float[]"}}}, errors.ArgumentError, "infer.*schema.*float"),
        ({"schema": {"val": {"x": "float[2,0]"}}}, errors.IgniteError, r"float\[2,0\].*from 1 on.*byte\[28,28,1\]"),
    ],
)
def test_shapes_that_make_no_sense(shaped: Cache, arguments: dict[str, Any], kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text):
        shaped.dataset(**arguments)


@pytest.mark.parametrize("size", [0, 10])
def test_row_of_another_length_names_all(shaped: Cache, size: int) -> None:
    dataset = shaped.dataset(shapes={"val.x": (3, 3)})
    text = (
        r'SchemaError.*cache "SHAPED".*key \d+: field val\.x: the row holds an array of 8 elements, '
        r"shapes says float\[3,3\], which has 9 elements; state the shape .*, or leave the field out of shapes"
    )
    with pytest.raises(tf.errors.InvalidArgumentError, match=text):
        list(dataset.batch(size) if size else dataset)


def vectors(rows: dict[int, Any], kind: Any = None) -> pa.Table:
    return pa.table({"id": pa.array(rows, pa.int64()), "x": pa.array(rows.values(), pa.list_(kind or pa.float32()))})


def test_inferred_shapes(server: Server) -> None:
    with server.connect() as client:
        client.load("INFERRED", vectors({i: [float(i)] * 8 for i in range(50)}), key="id", overwrite=True)
        dataset = IgniteDataset("INFERRED", shapes="infer", **server.where)
        assert dataset.element_spec["val"]["x"] == tf.TensorSpec((8,), tf.float32)
        assert {int(e["key"]): e["val"]["x"].shape for e in dataset} == dict.fromkeys(range(50), (8,))
        client.load("INFERRED", vectors({77: [1.0] * 5}), key="id")
        text = (
            r'cache "INFERRED".*key 77: field val\.x: the row holds an array of 5 elements, the 50 that were looked at '
            r"have 8, which was inferred; state the field's shape, or do not infer shapes"
        )
        for again in (dataset, dataset.batch(10)):
            with pytest.raises(tf.errors.InvalidArgumentError, match=text):
                list(again)
    differ = IgniteDataset("INFERRED", shapes="infer", **server.where)
    assert differ.element_spec["val"]["x"] == tf.TensorSpec((None,), tf.float32)
    assert sum(1 for _ in differ) == 51


def test_inferred_shapes_of_an_empty_cache_are_open(server: Server) -> None:
    with server.connect() as client:
        client.load("INFERRED_EMPTY", vectors({0: [1.0] * 8}), key="id", overwrite=True)
        client.sql("DELETE FROM INFERRED_EMPTY", cache="INFERRED_EMPTY").to_arrow()
        assert client.size("INFERRED_EMPTY") == 0
    dataset = IgniteDataset("INFERRED_EMPTY", shapes="infer", **server.where)
    assert dataset.element_spec["val"]["x"] == tf.TensorSpec((None,), tf.float32)
    assert list(dataset) == []


def test_nulls_in_a_field_with_a_shape(server: Server) -> None:
    with server.connect() as client:
        client.load("SHAPED_NULLS", vectors({0: [1, 2, 3, 4], 1: None}, pa.int32()), key="id", overwrite=True)

    def read(**arguments: Any) -> dict[int, Any]:
        dataset = IgniteDataset("SHAPED_NULLS", **server.where, **{"shapes": {"val.x": (2, 2)}, **arguments})
        assert dataset.element_spec["val"]["x"].shape.rank is not None
        (batch,) = dataset.batch(2)
        rows = {int(e["key"]): e["val"]["x"].numpy().tolist() for e in dataset}
        assert rows == dict(zip(batch["key"].numpy().tolist(), batch["val"]["x"].numpy().tolist(), strict=True))
        return rows

    assert read(nulls="default") == {0: [[1, 2], [3, 4]], 1: [[0, 0], [0, 0]]}
    assert read(shapes="infer", nulls="default") == {0: [1, 2, 3, 4], 1: [0, 0, 0, 0]}
    for default in (0, [0] * 4, [[0, 0], [0, 0]], np.zeros((2, 2), np.int32), np.int64(0)):
        assert read(defaults={"val.x": default}) == {0: [[1, 2], [3, 4]], 1: [[0, 0], [0, 0]]}
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"val\.x is null"):
        read()
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"val\.x.*the default has 3 elements, its arrays have 4"):
        read(defaults={"val.x": [1, 2, 3]})


IRIS = "id,Sepal.Length,Sepal.Width,name\n1,5.1,3.5,setosa\n2,4.9,3.0,virginica\n"


def test_names_with_dots(server: Server) -> None:
    with server.connect() as client:
        client.load("IRIS", csv.read_csv(io.BytesIO(IRIS.encode())), key="id", overwrite=True)
        assert client.scan("IRIS").to_arrow().sort_by("key").to_pylist() == [
            {"key": 1, "val": {"Sepal.Length": 5.1, "Sepal.Width": 3.5, "name": "setosa"}},
            {"key": 2, "val": {"Sepal.Length": 4.9, "Sepal.Width": 3.0, "name": "virginica"}},
        ]
        lengths = client.scan("IRIS", fields=["val.Sepal.Length"]).to_arrow()
        assert sorted(row["val"]["Sepal.Length"] for row in lengths.to_pylist()) == [4.9, 5.1]
    dataset = IgniteDataset("IRIS", **server.where)
    assert dataset.element_spec["val"] == {
        "Sepal.Length": tf.TensorSpec((), tf.float64),
        "Sepal.Width": tf.TensorSpec((), tf.float64),
        "name": tf.TensorSpec((), tf.string),
    }
    assert {int(e["key"]): float(e["val"]["Sepal.Length"]) for e in dataset} == {1: 5.1, 2: 4.9}
    stated = IgniteDataset(
        "IRIS",
        schema={"key": "long", "val": {"Sepal.Length": "double", "Petal.Length": "double[]"}},
        fields=["val.Sepal.Length", "val.Petal.Length"],
        shapes={"val.Petal.Length": (2,)},
        defaults={"val.Petal.Length": [1.5, 2.5]},
        **server.where,
    )
    (batch,) = stated.batch(2)
    assert sorted(batch["val"]["Sepal.Length"].numpy()) == [4.9, 5.1]
    assert batch["val"]["Petal.Length"].numpy().tolist() == [[1.5, 2.5]] * 2


def test_names_with_dots_beside_nested_ones(server: Server) -> None:
    rows = [{"id": i, "a": {"b": [float(i)] * 2, "c": i}, "a.b": [i, i, i]} for i in range(9)]
    with server.connect() as client:
        client.load("DOTS", rows, key="id", overwrite=True)
    dataset = IgniteDataset("DOTS", fields=["key", "val.a.b", "val.a.c"], shapes={"val.a.b": (3,)}, **server.where)
    assert dataset.element_spec["val"] == {
        "a": {"c": tf.TensorSpec((), tf.int64)},
        "a.b": tf.TensorSpec((3,), tf.int64),
    }
    assert {int(e["key"]): e["val"]["a.b"].numpy().tolist() for e in dataset} == {i: [i] * 3 for i in range(9)}
