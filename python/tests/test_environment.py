"""IGNITE_DATASET_* override the arguments, at the time when the dataset is read; secrets stay out of graphs."""

from __future__ import annotations

from typing import Any

import pytest
import tensorflow as tf

import kindling
from kindling import errors
from kindling.tensorflow import IgniteDataset

from .conftest import ROWS, Cache, Server


def count(dataset: Any) -> int:
    return sum(1 for _ in dataset)


def test_part_at_the_time_of_reading(digits: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = digits.dataset()
    monkeypatch.setenv("IGNITE_DATASET_PART", "3")
    one = count(dataset)
    assert one == count(digits.dataset(part=3)) < ROWS
    monkeypatch.setenv("IGNITE_DATASET_PART", "-1")
    assert count(digits.dataset(part=3)) == ROWS
    monkeypatch.delenv("IGNITE_DATASET_PART")
    assert count(dataset) == ROWS


def test_host_and_port(digits: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = digits.dataset()
    monkeypatch.setenv("IGNITE_DATASET_PORT", "1")
    with pytest.raises(tf.errors.FailedPreconditionError, match=":1"):
        count(dataset)
    with pytest.raises(errors.ConnectError, match=":1"):
        digits.dataset()
    monkeypatch.setenv("IGNITE_DATASET_PORT", str(digits.server.port))
    monkeypatch.setenv("IGNITE_DATASET_HOST", digits.server.host)
    assert count(IgniteDataset(digits.name, host="no-such-host.invalid", port=1)) == ROWS


def test_cache_name(digits: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGNITE_DATASET_CACHE_NAME", digits.name)
    assert count(IgniteDataset("ANOTHER", **digits.server.where)) == ROWS


@pytest.mark.parametrize(("local", "good"), [("false", True), ("true", True), ("perhaps", False)])
def test_local(digits: Cache, monkeypatch: pytest.MonkeyPatch, local: str, good: bool) -> None:
    monkeypatch.setenv("IGNITE_DATASET_LOCAL", local)
    if good:
        assert count(digits.dataset()) == ROWS
    else:
        with pytest.raises(errors.IgniteError, match=r"IGNITE_DATASET_LOCAL.*perhaps"):
            digits.dataset()


def test_page_size_that_is_no_number(digits: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = digits.dataset()
    monkeypatch.setenv("IGNITE_DATASET_PAGE_SIZE", "many")
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"IGNITE_DATASET_PAGE_SIZE.*many"):
        count(dataset)


def test_set_in_this_process_before_the_library_is_loaded(server: Server, digits: Cache) -> None:
    from .conftest import run_python

    code = """
import os, sys
from kindling.tensorflow import IgniteDataset
dataset = IgniteDataset(sys.argv[1], sys.argv[2], int(sys.argv[3]))
os.environ["IGNITE_DATASET_PART"] = "3"
print(sum(1 for _ in dataset))
"""
    done = run_python(code, digits.name, server.host, str(server.port))
    assert done.stdout.strip() == str(count(digits.dataset(part=3))), done.stderr


def graph_text(dataset: Any) -> str:
    """Return the dataset's graph as it would be stored."""
    variant = tf.data.experimental.to_variant(dataset)
    graph = tf.raw_ops.DatasetToGraphV2(input_dataset=variant, external_state_policy=0, strip_device_assignment=True)
    return str(tf.compat.v1.GraphDef.FromString(graph.numpy()))


@pytest.fixture(scope="module")
def locked() -> Any:
    users = {"teacher": "chalk-7f3a"}
    with kindling.EmbeddedNode(users=users) as node:
        with node.connect("teacher", "chalk-7f3a") as client:
            client.load("SECRET", [{"id": 1, "x": 2}], key="id")
        yield node


def test_user_and_password(locked: kindling.EmbeddedNode) -> None:
    dataset = IgniteDataset("SECRET", port=locked.port, username="teacher", password="chalk-7f3a")
    assert count(dataset) == count(dataset.batch(4)) == 1
    text = graph_text(dataset.map(lambda e: e))
    assert "SECRET" in text
    assert "chalk" not in text
    assert "teacher" not in text


def test_wrong_password(locked: kindling.EmbeddedNode) -> None:
    with pytest.raises(errors.AuthenticationError) as caught:
        IgniteDataset("SECRET", port=locked.port, username="teacher", password="wrong-9d1c")
    assert "wrong-9d1c" not in str(caught.value)


def test_password_of_the_environment(locked: kindling.EmbeddedNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGNITE_DATASET_USERNAME", "teacher")
    monkeypatch.setenv("IGNITE_DATASET_PASSWORD", "chalk-7f3a")
    dataset = IgniteDataset("SECRET", port=locked.port)
    assert count(dataset) == 1
    monkeypatch.setenv("IGNITE_DATASET_PASSWORD", "wrong-9d1c")
    with pytest.raises(tf.errors.UnauthenticatedError, match="AuthenticationError") as caught:
        count(dataset)
    assert "wrong-9d1c" not in str(caught.value)
