"""The client: caches, schemas, scans and SQL as Arrow or pandas, loading."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from kindling import _arrow, _library, errors
from kindling._arguments import argument

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

#: Seconds that one request may take when nothing is stated, here, in datasets and in Go.
REQUEST_TIMEOUT = 60.0


def connect(
    host: str = "localhost",
    port: int = 10800,
    username: str | None = None,
    password: str | None = None,
    certfile: str | None = None,
    keyfile: str | None = None,
    cert_password: str | None = None,
    cafile: str | None = None,
    *,
    addresses: Sequence[str] | None = None,
    tls: bool = False,
    server_name: str | None = None,
    request_timeout: float = REQUEST_TIMEOUT,
) -> Client:
    """Connect to an Ignite cluster.

    One reachable node is enough; the others are found through it. ``addresses`` (``"host:port"``) replaces ``host``
    and ``port``. TLS is used when ``certfile``, ``cafile`` or ``tls`` is given: the server is verified against
    ``cafile``, or the system's authorities. ``request_timeout`` is how many seconds one request may take.

    Raises :class:`kindling.errors.ConnectError` and :class:`kindling.errors.AuthenticationError`.
    """
    request = {
        "addresses": list(addresses) if addresses else [join_address(host, port)],
        "username": username,
        "password": password,
        "tls": tls_request(certfile, keyfile, cert_password, cafile, server_name, tls),
        "requestTimeoutMillis": int(request_timeout * 1000),
    }
    return Client(_library.call("open", request)["client"], request_timeout)


def join_address(host: str, port: int) -> str:
    """Return ``host:port``, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host and not host.startswith("[") else f"{host}:{port}"


def tls_request(
    certfile: str | None,
    keyfile: str | None,
    cert_password: str | None,
    cafile: str | None,
    server_name: str | None,
    tls: bool,
) -> dict[str, Any] | None:
    """Return the TLS part of a request to libkindling, None for plain TCP."""
    given = {
        "certFile": certfile,
        "keyFile": keyfile,
        "keyPassword": cert_password,
        "caFile": cafile,
        "serverName": server_name,
    }
    given = {name: value for name, value in given.items() if value}
    return given if given or tls else None


class Load(NamedTuple):
    """What :meth:`Client.load` has done.

    ``stored`` and ``known`` are told by the size of the cache before and after, so others who write meanwhile change
    them.
    """

    #: Rows read and sent.
    rows: int
    #: Size of the encoded keys and values.
    bytes: int
    #: Rows whose keys were new to the cache.
    stored: int
    #: The others: their keys had been there, or came twice. They are left out, or with ``overwrite`` replace values.
    known: int


class Client:
    """A connection to a cluster, made by :func:`connect`. It may be used by several threads and closed twice."""

    def __init__(self, handle: int, request_timeout: float = REQUEST_TIMEOUT) -> None:
        """Take over a client handle of libkindling."""
        self._handle = handle
        self._timeout = request_timeout
        self._close = weakref.finalize(self, _close, handle)

    def close(self) -> None:
        """Close the connections. Scans that are under way end with an error."""
        self._close()

    def __enter__(self) -> Client:
        """Return the client."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the client."""
        self.close()

    def caches(self) -> list[str]:
        """Return the names of the caches, sorted."""
        return sorted(self._call("caches"))

    def size(self, cache: str) -> int:
        """Return the number of rows in a cache."""
        return int(self._call("size", cache=cache))

    def schema(self, cache: str, fields: Sequence[str] | None = None) -> dict[str, Any]:
        """Return the schema of a cache, as ``IgniteDataset(schema=...)`` and :meth:`scan` take it.

        ``fields`` are paths such as ``"key"`` and ``"val.label"`` to keep.
        """
        found = self._call("schema", cache=cache, fields=list(fields) if fields else None)
        return dict(found["schema"])

    def scan(
        self,
        cache: str,
        fields: Sequence[str] | None = None,
        part: int = -1,
        *,
        schema: Mapping[str, Any] | None = None,
        types: Mapping[str, str] | None = None,
        local: bool = False,
        page_size: int | None = None,
        lanes: int | None = None,
        skip_unsupported: bool = False,
    ) -> Scan:
        """Describe a scan of a cache; the rows are read when a method of the :class:`Scan` asks for them.

        The columns are ``key`` and ``val``, an object is a struct. Nulls stay nulls. ``fields`` are paths such as
        ``"key"`` and ``"val.label"``; ``part`` is the one partition to read; ``page_size`` is in rows, None learns it.
        ``types`` states types by path in place of those found: ``{"val.x": "sbyte[]"}`` for arrays of signed bytes,
        ``"timestamp[us]"`` or ``"timestamp[ms]"`` for times that 64 bits of nanoseconds do not hold.

        Times are ``timestamp`` in UTC, days ``date32``, times of day ``time32[ms]``. Arrays are lists, flat, for Ignite
        keeps no shapes.
        """
        spec = {
            "cache": cache,
            "fields": list(fields) if fields else None,
            "part": part,
            "schema": dict(schema) if schema else None,
            "local": local,
            "pageRows": page_size,
            "lanes": lanes,
        }
        spec = {name: value for name, value in spec.items() if value is not None}
        return Scan(self, "scan", {"spec": spec, "skipUnsupported": skip_unsupported, "types": dict(types or {})})

    def sql(self, statement: str, *params: Any, schema: str | None = None, cache: str | None = None) -> Scan:
        """Run a statement with parameters for its question marks and return its rows.

        It runs once, now. A parameter is what it is: a whole number of Python is a long, a float a double, a number of
        NumPy the type of its width; str, bytes, bool, datetime, date, time, UUID, Decimal, ``numpy.datetime64`` and
        arrays of one dimension are themselves. None, ``NaT`` and ``pandas.NA`` are NULL, and NaN is NaN. A datetime
        without a zone is in UTC. ``schema`` is the SQL schema, PUBLIC when neither it nor ``cache`` is given.

        The rows have ``timestamp`` columns in UTC, in nanoseconds where these hold all times, otherwise in
        microseconds or milliseconds, ``date32`` and ``time32[ms]``.
        """
        request: dict[str, Any] = {
            "sql": statement,
            "args": [argument(p) for p in params],
            "schema": schema,
            "cache": cache,
        }
        return Scan(self, "sql", request, stream=self._call("sql", **request)["stream"])

    def load(
        self,
        cache: str,
        data: Any,
        key: str | Sequence[str] | None = None,
        *,
        keep_key: bool = False,
        key_type: str | None = None,
        value_type: str | None = None,
        plain: bool = False,
        overwrite: bool = False,
        first_row: int = 0,
    ) -> Load:
        """Write rows into a cache, which is created when it does not exist, and return when the servers have them.

        ``data`` is a pyarrow Table or reader, a pandas DataFrame, a dict of arrays or a list of dicts; the columns of
        dicts are the fields of all of them. ``key`` names the key column, or columns in any order; without it the key
        is the number of the row, from ``first_row`` on. The other columns become an object of the type ``value_type``
        (default: the cache's), or, with ``plain``, the one column is the value itself. Rows whose key exists are left
        as they are, unless ``overwrite``.

        The levels of a frame's index are columns, but for an index of numbers without a name. A row of an array of two
        and more dimensions becomes an array, flat in the order of C: Ignite keeps no shapes, and
        ``IgniteDataset(shapes=...)`` gives them back. NaN stays NaN; it is null where pandas means a missing value,
        in its nullable types and among objects that are no floats. What Ignite's types do not hold exactly is an error
        that names column and value. The manual has the table of types.
        """
        names = [key] if isinstance(key, str) else list(key or ())
        address, keep = _arrow.export(data)
        result = self._call(
            "load",
            rows=address,
            cache=cache,
            key=names,
            keepKey=keep_key,
            keyType=key_type,
            valueType=value_type,
            plain=plain,
            overwrite=overwrite,
            firstRow=first_row,
        )
        del keep
        return Load(**result)

    def _call(self, method: str, rows: int | None = None, **request: Any) -> Any:
        if not self._close.alive:
            raise errors.ClosedError("the client is closed")
        return _library.call(method, {"client": self._handle, **request}, None, rows)


class Scan:
    """Rows of a cache or of a statement. Each method reads a cache anew, the rows of a statement only once."""

    def __init__(self, client: Client, method: str, request: dict[str, Any], stream: int | None = None) -> None:
        """Describe a scan; :meth:`Client.scan` and :meth:`Client.sql` do."""
        self._client = client
        self._method = method
        self._request = request
        self._stream = stream
        self._close = weakref.finalize(self, _close, stream) if stream else None

    def reader(self) -> pa.RecordBatchReader:
        """Return a ``pyarrow.RecordBatchReader``, which must be read or closed."""
        if self._method == "scan":
            return _arrow.reader(self._client._call("scan", **self._request)["stream"])
        if self._stream is None or self._close is None:
            raise errors.ClosedError("the rows of the statement have been read; run it again")
        stream, self._stream = self._stream, None
        self._close.detach()
        return _arrow.reader(stream)

    def to_batches(self) -> Iterator[pa.RecordBatch]:
        """Yield ``pyarrow.RecordBatch`` objects as they come; leaving the loop frees the cursors."""
        return _arrow.batches(self.reader())

    def to_arrow(self) -> pa.Table:
        """Return all rows as a ``pyarrow.Table``."""
        reader = self.reader()
        return _arrow.pyarrow().Table.from_batches(_arrow.batches(reader), schema=reader.schema)

    def to_pandas(self) -> pd.DataFrame:
        """Return all rows as a ``pandas.DataFrame``; the fields of an object value become columns of their own."""
        table = self.to_arrow()
        types = _arrow.pyarrow().types
        while any(types.is_struct(column.type) for column in table.schema):
            table = table.flatten()
        return table.to_pandas()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the rows to anything that speaks Arrow's PyCapsule interface."""
        return self.reader().__arrow_c_stream__(requested_schema)


def _close(handle: int) -> None:
    _library.call("close", {"handle": handle})
