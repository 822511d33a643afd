"""Secrets stay out of graphs: a spec names them by a random id, libkindling knows them by it."""

from __future__ import annotations

import json
import secrets
import threading
from typing import Any

from kindling import _library

_lock = threading.Lock()
_ids: dict[str, str] = {}


def register(username: str | None, password: str | None, tls: dict[str, Any] | None) -> str | None:
    """Keep credentials in libkindling and return their id; None when there are none.

    The same credentials have the same id in one process, another one in each process.
    """
    if not username and not password and tls is None:
        return None
    key = json.dumps([username, password, tls])
    with _lock:
        if key not in _ids:
            name = secrets.token_hex(16)
            _library.call("credentials", {"id": name, "username": username, "password": password, "tls": tls})
            _ids[key] = name
        return _ids[key]
