"""libkindling through ctypes: finding it, and calls in JSON that Ctrl-C can interrupt."""

from __future__ import annotations

import ctypes
import json
import os
import pathlib
import sys
import threading
from typing import Any

from kindling import errors
from kindling._version import __version__

#: How long a call waits in C before Python looks for Ctrl-C.
WAIT_MILLIS = 100
#: How long an interrupted call may take to end.
CANCEL_MILLIS = 2000

_lock = threading.Lock()
_loaded: ctypes.CDLL | None = None


def path() -> pathlib.Path:
    """Return where the library is: ``KINDLING_LIBRARY``, or the package's ``_lib`` folder."""
    named = os.environ.get("KINDLING_LIBRARY")
    if named:
        return pathlib.Path(named)
    name = {"darwin": "libkindling.dylib", "win32": "kindling.dll"}.get(sys.platform, "libkindling.so")
    return pathlib.Path(__file__).parent / "_lib" / name


def load() -> ctypes.CDLL:
    """Load the library once and return it."""
    global _loaded
    with _lock:
        if _loaded is None:
            _loaded = _load(path())
        return _loaded


def _load(file: pathlib.Path) -> ctypes.CDLL:
    if not file.exists():
        raise errors.LibraryError(
            f"libkindling is not at {file}: install the wheel, or run 'make build' in a checkout, "
            "or name the library in KINDLING_LIBRARY"
        )
    try:
        library = ctypes.CDLL(str(file))
        _declare(library)
    except (OSError, AttributeError) as error:
        raise errors.LibraryError(f"libkindling at {file} can't be loaded: {error}") from error
    found = _run(library, "version", {}, None, None)
    if found != __version__:
        raise errors.LibraryError(f"libkindling at {file} has version {found}, the Python package {__version__}")
    return library


def _declare(library: ctypes.CDLL) -> None:
    text, number, pointer = ctypes.c_char_p, ctypes.c_int64, ctypes.c_void_p
    library.kindling_begin.argtypes = [text, text, number, pointer]
    library.kindling_begin.restype = number
    library.kindling_wait.argtypes = [number, number, ctypes.POINTER(pointer)]
    library.kindling_wait.restype = ctypes.c_int32
    library.kindling_cancel.argtypes = [number]
    library.kindling_cancel.restype = None
    library.kindling_export.argtypes = [number, pointer]
    library.kindling_export.restype = ctypes.c_int32
    library.kindling_tensorflow_register.argtypes = []
    library.kindling_tensorflow_register.restype = pointer
    library.kindling_free.argtypes = [pointer]
    library.kindling_free.restype = None


def call(method: str, request: dict[str, Any], timeout: float | None = None, rows: int | None = None) -> Any:
    """Call a method of libkindling and return its value.

    Members of ``request`` that are None are left out. ``timeout`` is in seconds, None for no bound of the call's own.
    ``rows`` is the address of an ``ArrowArrayStream`` to move the rows out of. Raises what :mod:`kindling.errors` has.
    """
    return _run(load(), method, request, timeout, rows)


def _run(library: ctypes.CDLL, method: str, request: dict[str, Any], timeout: float | None, rows: int | None) -> Any:
    text = json.dumps({k: v for k, v in request.items() if v is not None})
    millis = 0 if timeout is None else max(1, int(timeout * 1000))
    number = library.kindling_begin(method.encode(), text.encode(), millis, rows)
    try:
        answer = _wait(library, number, WAIT_MILLIS)
        while answer is None:
            answer = _wait(library, number, WAIT_MILLIS)
    except BaseException:
        library.kindling_cancel(number)
        _wait(library, number, CANCEL_MILLIS)
        raise
    if "error" in answer:
        raise errors.from_answer(answer["error"]["class"], answer["error"]["message"])
    return answer["value"]


def _wait(library: ctypes.CDLL, number: int, millis: int) -> dict[str, Any] | None:
    memory = ctypes.c_void_p()
    if not library.kindling_wait(number, millis, ctypes.byref(memory)):
        return None
    return json.loads(take_text(library, memory.value) or "{}")  # type: ignore[no-any-return]


def take_text(library: ctypes.CDLL, address: int | None) -> str | None:
    """Return a text of the library and free it; None for NULL."""
    if not address:
        return None
    try:
        return ctypes.string_at(address).decode("utf-8", "replace")
    finally:
        library.kindling_free(address)
