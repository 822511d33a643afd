"""The exceptions of Kindling.

Inside a TensorFlow iterator an error is the nearest class of ``tf.errors`` instead, and its text begins with the name
of the class here. libkindling holds the same table; a test compares the two.
"""

from __future__ import annotations

import builtins


class IgniteError(Exception):
    """Anything that goes wrong between this process and an Ignite cluster."""


class ServerError(IgniteError):
    """The server answered with an error status; the text has its name and number."""


class AuthenticationError(ServerError):
    """The server refused the user name or password."""


class AuthorizationError(ServerError):
    """The user may not do this."""


class CacheNotFoundError(ServerError, LookupError):
    """There is no cache of this name; names are case-sensitive, a table T has the cache SQL_PUBLIC_T."""


class ConnectError(IgniteError, ConnectionError):
    """No node was reached, TLS or the handshake failed, or a connection broke."""


class TimeoutError(IgniteError, builtins.TimeoutError):
    """Something took longer than it may."""


class ClosedError(IgniteError):
    """The client, stream or node has been closed."""


class CancelledError(IgniteError):
    """The call was cancelled."""


class SchemaError(IgniteError, ValueError):
    """A field, a row or a column does not fit the schema, or no schema can be found."""


class DataError(IgniteError, ValueError):
    """The bytes of a row are broken."""


class ArgumentError(IgniteError, ValueError):
    """An argument makes no sense."""


class UnsupportedError(IgniteError, NotImplementedError):
    """The server does not support what the call needs."""


class ForkError(IgniteError):
    """The process was forked after libkindling had been loaded; use "spawn" or "forkserver"."""


class InternalError(IgniteError):
    """A defect of Kindling."""


class LibraryError(IgniteError, ImportError):
    """libkindling can't be loaded, or is of another version than the package."""


def from_answer(name: str, message: str) -> IgniteError:
    """Return the exception for a class name and a text of libkindling."""
    kind = globals().get(name)
    if isinstance(kind, type) and issubclass(kind, IgniteError):
        return kind(message)
    return IgniteError(f"{name}: {message}")
