"""IgniteDataset: a cache of a live Ignite cluster as a ``tf.data.Dataset``."""

from __future__ import annotations

import json
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from kindling import _library, errors
from kindling.client import REQUEST_TIMEOUT, tls_request
from kindling.tensorflow import _credentials, _op

#: Seconds that an unused read position stays open when nothing is stated.
IDLE_TIMEOUT = 30.0


class _Wrapped(tf.data.Dataset):
    """A dataset that stands for another one."""

    def __init__(self, inner: tf.data.Dataset, rows: int, symbolic: bool) -> None:
        self._symbolic = symbolic
        if symbolic:
            options = tf.data.Options()
            options.experimental_symbolic_checkpoint = True
            inner = inner.with_options(options)
        # Where nobody asks for it the option stays unset: it is the user's own, and off unless they set it.
        self._inner = inner
        self._rows = rows
        self._counted: dict[str, dict[str, Any]] = {}
        super().__init__(tf.data.experimental.to_variant(self._inner))

    def _inputs(self) -> list[tf.data.Dataset]:
        return [self._inner]

    @property
    def element_spec(self) -> Any:
        """The spec of an element: a dictionary with ``key`` and ``val``, nested as the objects are.

        A name with dots is one key, such as ``["val"]["Sepal.Length"]``. An array whose length is not known is
        ``TensorSpec((None,))``, which the layers of Keras that have weights refuse: ``shapes`` states it.
        """
        return self._inner.element_spec

    def cardinality(self) -> tf.Tensor:
        """Return the number of elements, as the server said when the dataset was made, or that it is not known.

        It is what ``len()`` and Keras go by. The rows of a live cache may change afterwards; reading them gives those
        that are there then, without an error.
        """
        return tf.constant(self._rows, tf.int64)

    def stats(self) -> dict[str, Any]:
        """Return what was read for this dataset in this process since it was made, by all its iterators together.

        Plain numbers in nested dictionaries and lists. ``rows``, ``batches`` and ``batch_bytes`` are what TensorFlow
        got, with what lies ready for it; ``pages``, ``page_rows`` and ``bytes`` what came from the servers, for each of
        them in ``nodes`` and for each partition in ``partitions``. ``wait_server_seconds``,
        ``wait_network_seconds``, ``wait_decode_seconds``, ``wait_consumer_seconds`` and ``wait_starved_seconds`` say
        where the time went; the last one is TensorFlow waiting for data. ``rows_per_second``, ``bytes_per_second`` and
        ``pages_per_second`` are the rates of the last seconds, ``buffered_bytes`` is what is read ahead now.

        What the batches of :meth:`IgniteDataset.batch` have read counts for both. Datasets with the same arguments are
        one to the library: what one of them reads counts for each that was there.
        """
        return dict(_library.call("stats", {"of": list(self._counted.values())}))

    def _count(self, spec: dict[str, Any]) -> None:
        """Count what is read for a spec from now on."""
        text = json.dumps(spec, sort_keys=True)
        if text not in self._counted:
            before = _library.call("stats", {"of": [{"spec": spec}]})
            self._counted[text] = {"spec": spec, "since": before}


class IgniteDataset(_Wrapped):
    """The rows of a cache, read in parallel from the partitions of a live cluster.

    An element is ``{"key": ..., "val": ...}``, nested as the objects of the cache are; arrays are tensors of one
    dimension, or in the shape that ``shapes`` states, strings ``tf.string``. The order of the rows depends on the
    arguments alone, whatever the timing, and ``tf.train.Checkpoint(iterator=iter(dataset))`` saves and resumes the
    exact position. All methods are those of ``tf.data.Dataset``; ``batch`` right on this class assembles the batches in
    the native library.

    Args:
        cache_name: The cache; an SQL table T has the cache ``SQL_PUBLIC_T``.
        host: A node of the cluster; the others are found through it.
        port: Its thin client port.
        local: Read only what this node holds.
        part: The one partition to read, -1 for all. It may be a tensor, as in ``interleave``.
        page_size: Rows asked for at once; None learns it from the size of the rows.
        username: For a cluster with authentication.
        password: For a cluster with authentication.
        certfile: Client certificate, PEM. It turns TLS on, as ``cafile`` and ``tls`` do.
        keyfile: Its private key, PEM; None when it stands in ``certfile``.
        cert_password: Decrypts the private key.
        cafile: Authorities to verify the server against instead of the system's, PEM.
        addresses: ``"host:port"`` of several nodes, in place of ``host`` and ``port``.
        tls: TLS without ``certfile`` and ``cafile``.
        server_name: The name to verify in the server's certificate, in place of ``host``.
        schema_host: Where the schema is asked for, when not at ``host``.
        schema_port: Where the schema is asked for, when not at ``port``.
        schema: The schema, such as ``{"key": "long", "val": {"label": "int", "pixels": "byte[]"}}``. None finds it out
            from the cache's configuration, SQL, binary metadata and some rows. ``"byte[784]"`` and ``"byte[28,28,1]"``
            say the shape of a field's arrays.
        shapes: The shape of arrays by path, such as ``{"val.x": (8,), "val.image": (28, 28, 1)}``: rows come in it, and
            one with another number of elements is an error. ``"infer"`` takes the length that all arrays of a field
            have in the rows looked at, up to 128; it leaves open the length of arrays that differ, and of those of an
            empty cache. None leaves all open, but for those that ``schema`` states.
        types: Types by path in place of those that were found, such as ``{"val.x": "sbyte[]", "val.when":
            "timestamp[ms]"}``.
        fields: Paths of the fields to deliver, such as ``["key", "val.label"]``; None delivers all. In all paths a name
            with dots of its own goes before names within names.
        defaults: Values by path, in place of null and of missing fields. For an array of a known shape that is an
            array of it, or one number for all its elements.
        nulls: What a null without a default is: ``"error"``, or ``"default"`` for zero, ``""`` or an empty array, an
            array of zeros where its shape is known.
        skip_unsupported: Leave out fields that no tensor can hold, instead of raising.
        lanes: Partitions read at once; None is 8 or 4 for each node, fewer where rows are large. The order of the rows
            depends on it.
        request_timeout: Seconds that one request, such as a page, may take; 60, as in :func:`kindling.connect`.
        idle_timeout: Seconds after which a read position that nobody asks for is closed on the server. A position is
            closed at once where its iterator ends.
        buffer_bytes: Bound of what is read ahead.
        cardinality: ``"hint"`` asks the server for the number of rows; ``cardinality()`` and ``len()`` tell it.
            ``"assert"`` makes it a promise that every later step of the pipeline knows, and the end of the data an
            error when the number was another: for caches that do not change. None does not ask.
        symbolic_checkpoint: Have checkpoints of an iterator hold positions alone, and read the elements again that
            TensorFlow holds (``tf.data.Options.experimental_symbolic_checkpoint``). See below for its price.

    The environment variables ``IGNITE_DATASET_CACHE_NAME``, ``_HOST``, ``_PORT``, ``_LOCAL``, ``_PART``,
    ``_PAGE_SIZE``, ``_USERNAME``, ``_PASSWORD``, ``_CERTFILE``, ``_KEYFILE``, ``_CERT_PASSWORD`` and ``_CAFILE``
    override the arguments in the process that reads, at the time when it reads.

    A checkpoint of an iterator holds the position and what TensorFlow has in hand: nothing else for ``batch`` right on
    the dataset, which makes some kilobytes; for rows one by one the batch that they are taken from, up to 2 MiB; and
    the rows in the buffers of ``shuffle`` and ``prefetch``. With ``symbolic_checkpoint=True`` it holds positions alone,
    and these rows are read again when it is restored. The price is paid whether a checkpoint is saved or not:
    TensorFlow notes its state with each element, and the more the larger the buffer of a shuffle is. An epoch of 20,000
    rows with ``shuffle(20000).batch(64)`` takes 3.5 s in place of 0.06 s. ``flat_map`` and ``interleave`` become slower
    with every element that a later step draws, ``cache``, ``window``, ``unique``, ``rebatch``, ``ignore_errors``,
    ``snapshot`` and ``group_by_window`` can't be saved so, and a parallel ``interleave`` over the elements may hang
    after it.

    Raises:
        kindling.errors.IgniteError: One of its classes. While reading it is the nearest class of ``tf.errors``.
    """

    def __init__(
        self,
        cache_name: str,
        host: str = "localhost",
        port: int = 10800,
        local: bool = False,
        part: int | tf.Tensor = -1,
        page_size: int | None = None,
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
        schema_host: str | None = None,
        schema_port: int | None = None,
        schema: Mapping[str, Any] | None = None,
        shapes: Mapping[str, Sequence[int]] | str | None = None,
        types: Mapping[str, str] | None = None,
        fields: Sequence[str] | None = None,
        defaults: Mapping[str, Any] | None = None,
        nulls: str = "error",
        skip_unsupported: bool = False,
        lanes: int | None = None,
        request_timeout: float = REQUEST_TIMEOUT,
        idle_timeout: float = IDLE_TIMEOUT,
        buffer_bytes: int | None = None,
        cardinality: str | None = "hint",
        symbolic_checkpoint: bool = False,
    ) -> None:
        """Find out the schema and describe the dataset; rows are read when it is iterated."""
        if cardinality not in ("hint", "assert", None):
            raise errors.ArgumentError(f'cardinality is "hint", "assert" or None, not {cardinality!r}')
        if nulls not in ("error", "default"):
            raise errors.ArgumentError(f'nulls is "error" or "default", not {nulls!r}')
        _op.register()
        self._assert = cardinality == "assert"
        self._part = part if tf.is_tensor(part) else int(part)
        spec = {
            "cache": cache_name,
            "addresses": list(addresses) if addresses else None,
            "host": host,
            "port": port,
            "local": local,
            "part": -1 if tf.is_tensor(part) else self._part,
            "pageRows": page_size,
            "credentialsId": _credentials.register(
                username, password, tls_request(certfile, keyfile, cert_password, cafile, server_name, tls)
            ),
            "schema": dict(schema) if schema else None,
            "shapes": _shapes(shapes),
            "fields": list(fields) if fields else None,
            "defaults": _plain(defaults) if defaults else None,
            "nulls": nulls,
            "lanes": lanes,
            "requestTimeoutMillis": _millis("request_timeout", request_timeout),
            "idleTimeoutMillis": _millis("idle_timeout", idle_timeout),
            "bufferBytes": buffer_bytes,
        }
        found = _library.call(
            "describe",
            {
                "spec": {name: value for name, value in spec.items() if value is not None},
                "schemaHost": schema_host,
                "schemaPort": schema_port,
                "skipUnsupported": skip_unsupported,
                "inferShapes": isinstance(shapes, str),
                "types": dict(types or {}),
                "count": cardinality is not None and not tf.is_tensor(part),
            },
        )
        self._spec: dict[str, Any] = found["spec"]
        self._columns = _op.Columns(found["outputs"])
        inner = _op.rows(self._spec, self._part, self._columns)
        super().__init__(self._promise(inner, found["rows"]), _known(found["rows"]), symbolic_checkpoint)
        self._count(self._spec)

    def batch(
        self,
        batch_size: int | tf.Tensor,
        drop_remainder: bool = False,
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> tf.data.Dataset:
        """Combine rows into batches, in the native library, as ``tf.data.Dataset.batch`` would.

        The arrays of a batch must have one length; for others there are ``padded_batch`` and ``ragged_batch``.
        """
        size = batch_size
        if tf.is_tensor(size):
            size = tf.get_static_value(size)
        if size is None or int(size) < 1:
            return super().batch(batch_size, drop_remainder, num_parallel_calls, deterministic, name)
        return _IgniteBatches(self, int(size), drop_remainder)

    def _promise(self, inner: tf.data.Dataset, rows: int) -> tf.data.Dataset:
        """Return the dataset with its number of elements asserted, where that is wanted and known."""
        if not self._assert or rows < 0:
            return inner
        return inner.apply(tf.data.experimental.assert_cardinality(rows))


class _IgniteBatches(_Wrapped):
    """Batches of an IgniteDataset, as the native library makes them."""

    def __init__(self, dataset: IgniteDataset, size: int, drop_remainder: bool) -> None:
        spec = {**dataset._spec, "batchRows": size, "dropRemainder": drop_remainder}
        inner = _op.batches(spec, dataset._part, dataset._columns)
        rows = dataset._rows
        if rows >= 0:
            rows = rows // size if drop_remainder else -(-rows // size)
        super().__init__(dataset._promise(inner, rows), rows, dataset._symbolic)
        self._count(spec)
        dataset._counted.setdefault(*next(iter(self._counted.items())))

    def __iter__(self) -> Any:
        """Return an iterator whose checkpoint is the position alone.

        TensorFlow ends every pipeline with a prefetch of its own, and the batches in it would go into the file. There
        is no need of it right behind the native library, which reads ahead.
        """
        options = tf.data.Options()
        options.experimental_optimization.inject_prefetch = False
        return iter(self._inner.with_options(options))


def _shapes(shapes: Mapping[str, Sequence[int]] | str | None) -> dict[str, list[int]] | None:
    """Return the stated shapes; ``"infer"`` states none."""
    if shapes is None or shapes == "infer":
        return None
    if not isinstance(shapes, Mapping):
        raise errors.ArgumentError(f'shapes is a dictionary such as {{"val.x": (8,)}}, or "infer", not {shapes!r}')
    return {path: _shape(path, shape) for path, shape in shapes.items()}


def _shape(path: str, shape: Sequence[int]) -> list[int]:
    try:
        return [operator.index(dimension) for dimension in shape]
    except TypeError:
        raise errors.ArgumentError(f"shapes: {path} is {shape!r}, not a tuple of numbers such as (28, 28, 1)") from None


def _plain(value: Any) -> Any:
    """Return a default without NumPy's types, which JSON does not know."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return value.tolist() if hasattr(value, "tolist") else value


def _known(rows: int) -> int:
    return rows if rows >= 0 else int(tf.data.UNKNOWN_CARDINALITY)


def _millis(name: str, seconds: float) -> int:
    millis = int(seconds * 1000)
    if millis < 1:
        raise errors.ArgumentError(f"{name} is {seconds} seconds, not more than 0")
    return millis
