"""Reads caches through pyignite."""

from __future__ import annotations

import importlib.metadata
from typing import Any

import measured
from pyignite import Client

#: Rows between two looks at the clock.
STRIDE = 64
_clients: dict[str, Client] = {}


def client(address: str) -> Client:
    """Return a client that is connected to a node."""
    if address not in _clients:
        host, _, port = address.rpartition(":")
        _clients[address] = Client()
        _clients[address].connect(host, int(port))
    return _clients[address]


def scan(request: dict[str, Any]) -> measured.Pass:
    """Scan a cache row by row, the only way there is, for so many seconds."""
    cache = client(request["address"]).get_cache(request["cache"])
    stride = STRIDE if request["row_bytes"] < 65536 else 1
    done = measured.Pass()
    with done, cache.scan(page_size=request["page_rows"]) as cursor:
        for _ in cursor:
            done.rows += 1
            if done.rows % stride == 0 and done.elapsed() > request["seconds"]:
                break
    return done


if __name__ == "__main__":
    measured.serve({"pyignite": importlib.metadata.version("pyignite")}, {"scan": scan})
