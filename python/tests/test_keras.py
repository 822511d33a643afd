"""Keras trains and evaluates on an IgniteDataset."""

from __future__ import annotations

from typing import Any

import keras
import pytest
import tensorflow as tf

from .conftest import PIXELS, ROWS, Cache


def example(element: dict[str, Any]) -> tuple[tf.Tensor, tf.Tensor]:
    pixels = tf.cast(element["val"]["pixels"], tf.float32) / 255.0
    return tf.ensure_shape(pixels, [*pixels.shape[:-1], PIXELS]), element["val"]["label"]


def model() -> Any:
    keras.utils.set_random_seed(1)
    net = keras.Sequential([keras.layers.Input([PIXELS]), keras.layers.Dense(10, activation="softmax")])
    net.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return net


@pytest.mark.parametrize("fused", [True, False])
def test_fit_and_evaluate(digits: Cache, fused: bool) -> None:
    dataset = digits.dataset()
    batches = dataset.batch(50).map(example) if fused else dataset.map(example).shuffle(100).batch(50)
    net = model()
    steps: list[int] = []
    count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: steps.append(batch))
    history = net.fit(batches.prefetch(2), epochs=2, verbose=0, callbacks=[count])
    assert history.history["loss"][1] < history.history["loss"][0]
    assert steps == 2 * list(range(ROWS // 50))
    assert net.evaluate(batches, verbose=0)[0] < history.history["loss"][0]


def test_steps_per_epoch_over_repeat(digits: Cache) -> None:
    net = model()
    net.fit(digits.dataset().batch(50).map(example).repeat(), epochs=3, steps_per_epoch=7, verbose=0)
    assert int(net.optimizer.iterations) == 21


def test_distribution_strategy(digits: Cache) -> None:
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    distributed = strategy.experimental_distribute_dataset(digits.dataset().batch(100))
    seen = sum(int(tf.size(batch["key"])) for batch in distributed)
    assert seen == ROWS
