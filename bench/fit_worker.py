"""Trains a small Keras net on images of a cache with ``model.fit``, and says how long its steps waited for data."""

from __future__ import annotations

from typing import Any

import keras
import kindling_worker
import measured
import tensorflow as tf

#: Steps after which a pass of ``fit`` ends, by seconds: first guess, then from the pace that was seen.
FIRST_STEPS = 50
_pace: dict[str, float] = {}
_nets: list[keras.Model] = []


class Timed(keras.Model):
    """A model that adds up, inside of its step, the time that the next batch took to come."""

    def make_train_function(self, force: bool = False) -> Any:
        """Return the step that ``fit`` runs: Keras' own, after the clock was read around the iterator."""
        if self.train_function is not None and not force:
            return self.train_function
        self.waited = tf.Variable(0.0, dtype=tf.float64, trainable=False)

        @tf.function(reduce_retracing=True)
        def step(iterator: Any) -> Any:
            before = tf.timestamp()
            with tf.control_dependencies([before]):
                data = next(iterator)
            with tf.control_dependencies(tf.nest.flatten(data)):
                after = tf.timestamp()
            self.waited.assign_add(after - before)
            return self.train_step(data)

        self.train_function = step
        return step


def net() -> keras.Model:
    """Return the net: 784 pixels, 64 units, 10 classes."""
    if not _nets:
        pixels = keras.Input([784])
        hidden = keras.layers.Dense(64, activation="relu")(pixels)
        model = Timed(pixels, keras.layers.Dense(10)(hidden))
        model.compile(
            "sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        )
        _nets.append(model)
    return _nets[0]


def example(row: Any) -> tuple[tf.Tensor, tf.Tensor]:
    """Turn a batch of the cache into what the net takes."""
    return tf.cast(row["val"]["pixels"], tf.float32) / 128.0, tf.cast(
        row["val"]["label"], tf.int32
    )


def fit(request: dict[str, Any]) -> measured.Pass:
    """Train on the rows of the cache."""
    source = kindling_worker.dataset(request).batch(
        request["batch_rows"], drop_remainder=True
    )
    done = _train("cache", source, request)
    done.note(starved=source.stats()["wait_starved_seconds"])
    return done


def fit_memory(request: dict[str, Any]) -> measured.Pass:
    """Train on batches in memory, again and again: what the net can do when data costs nothing."""
    return _train("memory", kindling_worker.in_memory(request), request)


def _train(
    name: str, source: tf.data.Dataset, request: dict[str, Any]
) -> measured.Pass:
    model = net()
    ready = source.repeat().map(example).prefetch(tf.data.AUTOTUNE)
    steps = max(int(request["seconds"] * _pace.get(name, FIRST_STEPS)), 10)
    model.make_train_function()
    model.waited.assign(0.0)
    done = measured.Pass()
    # Not when fit returns: it destroys its iterator first, which may wait for TensorFlow's tuning thread.
    end = keras.callbacks.LambdaCallback(on_train_end=lambda _: done.stop())
    with done:
        model.fit(ready, steps_per_epoch=steps, verbose=0, callbacks=[end])
    done.rows = steps * request["batch_rows"]
    _pace[name] = steps / done.seconds
    done.note(wait=float(model.waited))
    return done


if __name__ == "__main__":
    measured.serve({"keras": keras.__version__}, {"fit": fit, "fit-memory": fit_memory})
