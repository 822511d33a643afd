"""Kindling: TensorFlow on Apache Ignite.

* :class:`kindling.tensorflow.IgniteDataset` is a cache as a ``tf.data.Dataset``.
* :func:`connect` gives a client: caches, schemas, scans and SQL as Arrow or pandas, loading.
* :class:`EmbeddedNode` is a node inside this process, to try things out.
* :mod:`kindling.errors` are the exceptions.

The native library is loaded when it is first needed, so a process may be forked before that.
"""

from kindling._version import __version__
from kindling.client import Client, Load, Scan, connect
from kindling.node import EmbeddedNode

__all__ = ["Client", "EmbeddedNode", "Load", "Scan", "__version__", "connect"]
