"""The quick start, and what its installation says."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import sys
from typing import Any

import pytest

from kindling import quickstart

from .conftest import run_python

INSTALL = pathlib.Path(__file__, "../../../tools/python/install.py").resolve()


def test_the_quick_start_says_what_it_does_and_nothing_else(tmp_path: pathlib.Path) -> None:
    code = "import sys; from kindling import quickstart; sys.exit(quickstart.main(['--epochs', '1', *sys.argv[1:]]))"
    done = run_python(code, "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if not line.startswith("==> ")] == []
    assert "==> import TensorFlow (" in done.stderr
    assert (tmp_path / "digits.png").stat().st_size > 0
    found = dict(line.split("  ", 1) for line in done.stdout.splitlines()[-3:])
    assert float(found["held-out accuracy"]) > 0.8


def test_hidden_errors_are_shown_when_the_step_fails(capfd: pytest.CaptureFixture[str]) -> None:
    with quickstart.hidden_errors():
        os.write(2, b"started\n")
    assert capfd.readouterr().err == ""

    def fail() -> None:
        with quickstart.step("start"), quickstart.hidden_errors():
            os.write(2, b"no such library\n")
            raise ImportError

    with pytest.raises(ImportError):
        fail()
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "==> start no such library\n(failed)\nafter\n"


def _install() -> Any:
    spec = importlib.util.spec_from_file_location("install", INSTALL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PIP = """\
Collecting tensorflow-cpu==2.21.0 (from -r requirements.txt (line 2))
  Obtaining dependency information for tensorflow-cpu==2.21.0
  Downloading tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl (230.2 MB)
Collecting six>=1.12.0
  Using cached six-1.17.0-py2.py3-none-any.whl (11 kB)
Installing collected packages: six, tensorflow-cpu
Successfully installed six-1.17.0 tensorflow-cpu-2.21.0
"""


def test_an_installation_shows_what_is_fetched(capsys: pytest.CaptureFixture[str]) -> None:
    install = _install()
    with install.Progress() as progress:
        for line in PIP.splitlines(keepends=True):
            install.follow(line, progress)
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["    fetch tensorflow_cpu 2.21.0 (230.2 MB)", "    install 2 packages"]


def test_an_installation_that_fails_shows_why(tmp_path: pathlib.Path) -> None:
    code = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    done = run_python(code, str(INSTALL), "--no-index", "--target", str(tmp_path), "no-such-package-of-kindling")
    assert done.returncode == 1, sys.executable
    assert "no-such-package-of-kindling" in done.stderr
