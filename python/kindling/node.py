"""The embedded node: a server that speaks Ignite's protocol, inside this process."""

from __future__ import annotations

import os
import weakref
from collections.abc import Mapping
from types import TracebackType

from kindling import _library
from kindling.client import Client, connect, join_address


class EmbeddedNode:
    """A node in this process, to try things out and for tests; it listens on this machine only.

    ::

        with EmbeddedNode() as node:
            dataset = IgniteDataset("MNIST_CACHE", port=node.port)

    ``port`` 0 picks a free one. The data is kept in memory, or in the folder ``data_dir`` over the node's life.
    ``users`` (name: password) switches authentication on. ``partitions`` is the number of partitions of a cache.
    It runs from the constructor until :meth:`close`, the end of the ``with`` block or of the process.
    """

    def __init__(
        self,
        port: int = 0,
        data_dir: str | os.PathLike[str] | None = None,
        *,
        host: str = "127.0.0.1",
        users: Mapping[str, str] | None = None,
        partitions: int | None = None,
    ) -> None:
        """Start the node."""
        request = {
            "address": join_address(host, port),
            "dataDir": os.fspath(data_dir) if data_dir is not None else None,
            "users": dict(users) if users is not None else None,
            "partitions": partitions,
        }
        started = _library.call("node", request)
        #: Where the node listens.
        self.host: str = started["host"]
        self.port: int = started["port"]
        self._close = weakref.finalize(self, _library.call, "close", {"handle": started["node"]})

    @property
    def address(self) -> str:
        """``host:port``."""
        return join_address(self.host, self.port)

    def connect(self, username: str | None = None, password: str | None = None) -> Client:
        """Return a client of this node."""
        return connect(self.host, self.port, username, password)

    def close(self) -> None:
        """Stop the node; what is in memory is gone. It may be called twice."""
        self._close()

    def __enter__(self) -> EmbeddedNode:
        """Return the node."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the node."""
        self.close()

    def __repr__(self) -> str:
        """Show the address."""
        return f"EmbeddedNode({self.address!r}{'' if self._close.alive else ', closed'})"
