"""Iterators, threads and processes: what is opened is closed, and nothing is mixed up."""

from __future__ import annotations

import gc
import threading
from typing import Any

import pytest
import tensorflow as tf

from .conftest import ROWS, Cache, eventually, run_python, streams

PIPELINES = {
    "rows": lambda d: d,
    "batch": lambda d: d.batch(8),
    "map": lambda d: d.map(lambda e: e["key"]),
    "shuffle prefetch": lambda d: d.shuffle(16).prefetch(2),
    "parallel map": lambda d: d.map(lambda e: e["key"], num_parallel_calls=2),
    "interleave": lambda d: tf.data.Dataset.range(4).interleave(lambda _: d, cycle_length=4),
    "repeat": lambda d: d.repeat(),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_early_stop_frees_the_cursors_at_once(digits: Cache, name: str) -> None:
    assert eventually(lambda: streams() == 0)
    dataset = PIPELINES[name](digits.dataset(buffer_bytes=1, page_size=8, idle_timeout=600))
    iterator = iter(dataset)
    for _ in range(3):
        next(iterator)
    assert streams() > 0
    del iterator
    gc.collect()
    assert eventually(lambda: streams() == 0)


def test_the_end_frees_the_cursors_at_once(digits: Cache) -> None:
    iterator = iter(digits.dataset())
    assert sum(1 for _ in iterator) == ROWS
    assert eventually(lambda: streams() == 0, 2)
    with pytest.raises(StopIteration):
        next(iterator)


def test_take_frees_the_cursors(digits: Cache) -> None:
    assert len(list(digits.dataset(buffer_bytes=1).take(5))) == 5
    gc.collect()
    assert eventually(lambda: streams() == 0)


def test_idle_time(digits: Cache) -> None:
    iterator = iter(digits.dataset(buffer_bytes=1, idle_timeout=0.2).batch(10))
    first = next(iterator)["key"].numpy().tolist()
    assert eventually(lambda: streams() == 0), "the reader is closed while the iterator stands"
    rest = [k for b in iterator for k in b["key"].numpy().tolist()]
    assert sorted(first + rest) == list(range(ROWS))


def test_two_iterators_do_not_disturb_each_other(digits: Cache) -> None:
    dataset = digits.dataset().map(lambda e: e["key"])
    alone = [int(k) for k in dataset]
    one, two = iter(dataset), iter(dataset)
    first = [int(next(one)) for _ in range(300)]
    second = [int(next(two)) for _ in range(500)]
    first += [int(k) for k in one]
    second += [int(k) for k in two]
    assert first == second == alone


def test_threads(digits: Cache) -> None:
    dataset = digits.dataset().map(lambda e: e["key"])
    alone = [int(k) for k in dataset]
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append([int(k) for k in dataset])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [alone] * 4


FORK = """
import os, sys
import tensorflow as tf
import kindling
from kindling.tensorflow import IgniteDataset
name, host, port = sys.argv[1:]
dataset = IgniteDataset(name, host, int(port))
assert sum(1 for _ in dataset) > 0
child = os.fork()
if child == 0:
    try:
        kindling.connect(host, int(port))
    except kindling.errors.ForkError as error:
        print("ABI", error, flush=True)
    try:
        next(iter(dataset))
    except tf.errors.FailedPreconditionError as error:
        print("OP", error, flush=True)
    os._exit(0)
os.waitpid(child, 0)
assert sum(1 for _ in dataset) > 0
print("PARENT", flush=True)
"""


def test_fork_says_what_to_do(digits: Cache) -> None:
    done = run_python(FORK, digits.name, digits.server.host, str(digits.server.port))
    assert done.returncode == 0, done.stderr
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line}
    assert set(lines) >= {"ABI", "OP", "PARENT"}
    assert "spawn" in lines["ABI"]
    assert "spawn" in lines["OP"]


SPAWN = """
import multiprocessing, sys

def count(name, host, port):
    from kindling.tensorflow import IgniteDataset
    return sum(1 for _ in IgniteDataset(name, host, int(port)))

if __name__ == "__main__":
    import kindling
    name, host, port, method, load_first = sys.argv[1:]
    if load_first == "yes":
        kindling.connect(host, int(port)).close()
    with multiprocessing.get_context(method).Pool(2) as pool:
        print(pool.starmap(count, [(name, host, port)] * 2))
"""


@pytest.mark.parametrize(("method", "load_first"), [("spawn", "yes"), ("forkserver", "yes"), ("fork", "no")])
def test_processes(digits: Cache, tmp_path: Any, method: str, load_first: str) -> None:
    program = tmp_path / "program.py"
    program.write_text(SPAWN)
    code = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    where = (digits.name, digits.server.host, str(digits.server.port))
    code = f"import os, sys; os.execv(sys.executable, [sys.executable, {str(program)!r}, *sys.argv[1:]])"
    done = run_python(code, *where, method, load_first)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [f"[{ROWS},", f"{ROWS}]"]


def test_import_does_not_start_go() -> None:
    code = "import kindling; from kindling import _library; assert _library._loaded is None"
    done = run_python(code)
    assert done.returncode == 0, done.stderr


def test_library_registers_once(digits: Cache) -> None:
    from kindling.tensorflow import _op

    for _ in range(3):
        _op.register()
    from kindling import _library

    library = _library.load()
    assert library.kindling_tensorflow_register() is None


def test_one_request_timeout() -> None:
    import inspect

    import kindling
    from kindling.client import REQUEST_TIMEOUT
    from kindling.tensorflow import IgniteDataset

    doors: list[Any] = [kindling.connect, kindling.Client, IgniteDataset]
    stated = {door.__name__: inspect.signature(door).parameters["request_timeout"].default for door in doors}
    assert stated == dict.fromkeys(stated, REQUEST_TIMEOUT)


def test_a_refused_registration_stays_refused() -> None:
    code = """
import tensorflow as tf
from kindling import _library, errors
from kindling.tensorflow import _op

_library.load()
answers = ["TensorFlow refused the op", None]
_library.take_text = lambda library, address: answers.pop(0)
for attempt in range(4):
    try:
        _op.register()
    except errors.LibraryError as error:
        print(error)
print(len(answers))
"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr
    *refusals, left = done.stdout.splitlines()
    assert [line.endswith(": TensorFlow refused the op") for line in refusals] == [True] * 4
    assert left == "1", "TensorFlow ends the process when it is asked twice"


def test_without_tensorflow_the_library_says_so() -> None:
    code = """
from kindling import _library
library = _library.load()
print(_library.take_text(library, library.kindling_tensorflow_register()))
"""
    done = run_python(code)
    assert "import tensorflow first" in done.stdout, done.stderr
