"""batch() right on an IgniteDataset is done in the native library, with the results of the stock one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from kindling.tensorflow import IgniteDataset

from .conftest import ROWS, Cache, Server


def values(dataset: Any) -> list[Any]:
    return [tf.nest.map_structure(lambda t: t.tolist(), e) for e in dataset.as_numpy_iterator()]


@pytest.mark.parametrize("drop", [False, True])
@pytest.mark.parametrize("size", [1, 7, 100, 3 * ROWS])
def test_same_as_stock_batch(digits: Cache, size: int, drop: bool) -> None:
    dataset = digits.dataset()
    fused, stock = dataset.batch(size, drop), tf.data.Dataset.batch(dataset, size, drop)
    stock = dataset.map(lambda e: e).batch(size, drop)
    assert fused.element_spec == stock.element_spec
    assert values(fused) == values(stock)


def test_size_as_a_tensor(digits: Cache) -> None:
    assert len(list(digits.dataset().batch(tf.constant(100, tf.int64)))) == ROWS // 100


def test_large_columns_are_not_corrupted_after_the_batch(server: Server) -> None:
    """Columns from 64 KiB on are lent to TensorFlow without a copy; they must outlive their batch."""
    rows, width = 64, 8192
    pixels = np.arange(rows * width, dtype=np.int32).reshape(rows, width)
    with server.connect() as client:
        client.load("LARGE", {"id": np.arange(rows), "pixels": pixels}, key="id")
    kept = list(IgniteDataset("LARGE", **server.where).batch(16).repeat(3))
    assert len(kept) == 12
    for batch in kept:
        np.testing.assert_array_equal(batch["val"]["pixels"], pixels[batch["key"].numpy()])


@pytest.fixture(scope="module")
def ragged(server: Server) -> str:
    rows = [{"id": i, "tags": list(range(i % 4)), "words": ["w"] * (i % 3)} for i in range(40)]
    with server.connect() as client:
        client.load("RAGGED", rows, key="id")
    return "RAGGED"


def test_arrays_of_different_lengths_row_by_row(server: Server, ragged: str) -> None:
    for element in IgniteDataset(ragged, **server.where):
        i = int(element["key"])
        assert element["val"]["tags"].numpy().tolist() == list(range(i % 4))
        assert element["val"]["words"].numpy().tolist() == [b"w"] * (i % 3)


def test_batch_of_arrays_of_different_lengths_names_field_and_way_out(server: Server, ragged: str) -> None:
    dataset = IgniteDataset(ragged, **server.where)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"val\.(tags|words).*different shapes.*padded_batch"):
        list(dataset.batch(8))
    assert sum(b["key"].shape[0] for b in dataset.padded_batch(8)) == 40
    (batch,) = dataset.ragged_batch(40)
    assert isinstance(batch["val"]["tags"], tf.RaggedTensor)
