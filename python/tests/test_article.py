"""What the article on TensorFlow and Apache Ignite shows, on a real Ignite filled by sqlline and by a Java program."""

from __future__ import annotations

import pathlib
import random
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import kindling
from kindling import errors
from kindling.tensorflow import IgniteDataset

from .conftest import ROOT, Server, kinds, real_ignite, run_python

pytestmark = pytest.mark.skipif("ignite" not in kinds(), reason="KINDLING_IGNITE=off: no real Ignite")

KITTENS = pathlib.Path(__file__).parent / "data" / "kitten.sql"
IMAGES = ROOT / "conformance" / "testdata" / "java" / "Images.java"


@pytest.fixture(scope="module")
def ignite() -> Iterator[Server]:
    with real_ignite("--sqlline", str(KITTENS), "--java", str(IMAGES)) as server:
        yield server


def test_kittens(ignite: Server) -> None:
    rows = {}
    for element in IgniteDataset(cache_name="SQL_PUBLIC_KITTEN_CACHE", port=ignite.port):
        rows[int(element["key"])] = element["val"]["NAME"].numpy()
    assert rows == {1: b"WARM KITTY", 2: b"SOFT KITTY", 3: b"LITTLE BALL OF FUR"}


def test_images(ignite: Server) -> None:
    dataset = IgniteDataset(cache_name="IMAGES", port=ignite.port)
    assert dataset.element_spec == {
        "key": tf.TensorSpec([], tf.string),
        "val": {
            "metadata": {
                "file_name": tf.TensorSpec([], tf.string),
                "label": tf.TensorSpec([], tf.string),
                "width": tf.TensorSpec([], tf.int32),
                "height": tf.TensorSpec([], tf.int32),
            },
            "pixels": tf.TensorSpec([None], tf.uint8),
        },
    }
    kitten = next(e for e in dataset.as_numpy_iterator() if e["key"] == b"kitten.png")
    assert kitten["val"]["metadata"] == {
        "file_name": b"kitten.png",
        "label": b"little ball of fur",
        "width": 64,
        "height": 48,
    }
    np.testing.assert_array_equal(kitten["val"]["pixels"], (np.arange(64 * 48) * 7 % 256).astype(np.uint8))
    sizes = sorted(len(p) for p in dataset.map(lambda obj: obj["val"]["pixels"]).as_numpy_iterator())
    assert sizes == [1, 32 * 32, 64 * 48]


def test_partitions_with_and_without_rows(ignite: Server) -> None:
    """1,000 rows in 1,024 partitions: many partitions are empty, and each row comes once."""
    with ignite.connect() as client:
        client.load("SPARSE", {"id": np.arange(1000), "x": np.arange(1000) * 2}, key="id")
        whole = IgniteDataset("SPARSE", port=ignite.port)
        assert sorted(int(e["key"]) for e in whole) == list(range(1000))
        parts = tf.data.Dataset.range(1024).interleave(
            lambda part: IgniteDataset("SPARSE", port=ignite.port, part=part), cycle_length=8
        )
        counts = np.bincount([int(e["key"]) for e in parts], minlength=1000)
        assert (counts == 1).all()
        assert len(counts) == 1000
        client.sql("CREATE TABLE NO_KITTENS (ID LONG PRIMARY KEY, NAME VARCHAR, AGE INT)")
    empty = IgniteDataset("SQL_PUBLIC_NO_KITTENS", port=ignite.port)
    assert list(empty) == []
    assert empty.element_spec["key"] == tf.TensorSpec([], tf.int64)
    assert empty.element_spec["val"] == {"NAME": tf.TensorSpec([], tf.string), "AGE": tf.TensorSpec([], tf.int32)}


RESUME = """
import sys
import tensorflow as tf
from kindling.tensorflow import IgniteDataset
dataset = IgniteDataset("EPOCH", port=int(sys.argv[1])).batch(16)
iterator = iter(dataset)
tf.train.Checkpoint(iterator=iterator).restore(sys.argv[2]).assert_consumed()
print([b["key"].numpy().tolist() for b in iterator])
"""


def test_resume_in_a_new_process(ignite: Server, tmp_path: pathlib.Path) -> None:
    with ignite.connect() as client:
        client.load("EPOCH", {"id": np.arange(1000), "x": np.random.default_rng(3).random((1000, 100))}, key="id")
    dataset = IgniteDataset("EPOCH", port=ignite.port).batch(16)
    whole = [b["key"].numpy().tolist() for b in dataset]
    assert sorted(key for batch in whole for key in batch) == list(range(1000))
    for place in random.sample(range(len(whole)), 5):
        iterator = iter(dataset)
        for _ in range(place):
            next(iterator)
        folder = tmp_path / str(place)
        path = tf.train.Checkpoint(iterator=iterator).save(str(folder / "at"))
        size = sum(file.stat().st_size for file in folder.iterdir())
        done = run_python(RESUME, str(ignite.port), path)
        assert done.stdout.strip() == str(whole[place:]), f"at batch {place}: {done.stderr}"
        print(f"resumed at batch {place} of {len(whole)} from {size} bytes")
        assert size < 8192


@pytest.fixture(scope="module")
def mutual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A server that wants a client certificate, and a file with one and its encrypted key."""
    with real_ignite("--mtls") as server:
        both = tmp_path_factory.mktemp("tls") / "client.pem"
        texts = [pathlib.Path(server.facts[name]).read_text() for name in ("cert_file", "key_file")]
        both.write_text("\n".join(texts))
        yield server, str(both)


def test_client_certificate(mutual: tuple[Server, str]) -> None:
    server, certfile = mutual
    secure: dict[str, Any] = {"cert_password": server.facts["key_password"], "cafile": server.facts["ca_file"]}
    with kindling.connect(port=server.port, certfile=certfile, **secure) as client:
        client.load("SECURE", {"id": np.arange(100), "x": np.arange(100)}, key="id")
    dataset = IgniteDataset(cache_name="SECURE", port=server.port, certfile=certfile, **secure)
    assert sorted(int(e["key"]) for e in dataset) == list(range(100))
    assert sum(int(b["key"].shape[0]) for b in dataset.batch(7)) == 100


@pytest.mark.parametrize(
    ("change", "kind", "text"),
    [
        ({"cafile": "other_ca_file"}, errors.ConnectError, "certificate"),
        ({"certfile": None, "cert_password": None}, errors.ConnectError, "client certificate"),
        ({"cert_password": "not-the-password-5b2"}, errors.ArgumentError, "password"),
    ],
    ids=["wrong CA", "no client certificate", "wrong key password"],
)
def test_client_certificate_trouble(
    mutual: tuple[Server, str], change: dict[str, Any], kind: type[Exception], text: str
) -> None:
    server, certfile = mutual
    arguments = {"certfile": certfile, "cert_password": server.facts["key_password"], "cafile": server.facts["ca_file"]}
    arguments |= {name: server.facts.get(value, value) for name, value in change.items()}
    start = time.monotonic()
    with pytest.raises(errors.IgniteError, match=text) as caught:
        IgniteDataset(cache_name="SECURE", port=server.port, **arguments)
    assert isinstance(caught.value, kind), caught.value
    assert time.monotonic() - start < 15
    assert server.facts["key_password"] not in str(caught.value)
    assert "not-the-password" not in str(caught.value)


def test_user_and_password() -> None:
    with real_ignite("--auth") as server:
        user = {"username": server.facts["username"], "password": server.facts["password"]}
        with kindling.connect(port=server.port, **user) as client:
            client.load("SECURE", {"id": np.arange(100), "x": np.arange(100)}, key="id")
        dataset = IgniteDataset(cache_name="SECURE", port=server.port, **user)
        assert sorted(int(e["key"]) for e in dataset) == list(range(100))
        with pytest.raises(errors.AuthenticationError) as caught:
            IgniteDataset(cache_name="SECURE", port=server.port, username="ignite", password="wrong-1f9e")
        assert "wrong-1f9e" not in str(caught.value)
