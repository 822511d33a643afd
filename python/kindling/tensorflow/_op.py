"""The op KindlingRead and the tf.data pipeline around it.

The op is a pure function from a token, the position in the stream, to the next token and a batch of columns. A
``ScanDataset`` carries the token as its state, so tf.data saves and restores positions by itself. A read that would
wait for long gives a batch without rows and the same token, so that tf.data can see a cancellation in between. Such
batches are dropped at once: a step that is restored reads the batch that it had in hand anew, and must get that one.
"""

from __future__ import annotations

import inspect
import json
import threading
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from kindling import _library, errors

#: Steps of an epoch: more than there will ever be.
ENDLESS = 2**62
#: The form of the token and the seed of the epoch; see dataset.Position.
START_TOKEN = (3, 0)

_DTYPES = {
    "bool": tf.bool,
    "int8": tf.int8,
    "uint8": tf.uint8,
    "int16": tf.int16,
    "uint16": tf.uint16,
    "int32": tf.int32,
    "int64": tf.int64,
    "float32": tf.float32,
    "float64": tf.float64,
    "string": tf.string,
    "bytes": tf.string,
}

#: Keeps a map out of tf.data's automatic parallelism; TensorFlow 2.16 has no such attribute yet.
_SYNCHRONOUS = (
    {"force_synchronous": True} if "force_synchronous" in inspect.signature(tf.raw_ops.MapDataset).parameters else {}
)

#: Have a function run in the thread that asks for the next element. Otherwise each of its inputs is handed to a pool of
#: threads, which costs more than the batch: 0.15 ms. The second is looked at only in functions that have the first.
_ONE_DEVICE = {"experimental_attributes": {"experimental_ints_on_device": True}}
_IN_CALLER = {"_executor": tf.compat.v1.AttrValue(s=b"SINGLE_THREADED_EXECUTOR")}

_lock = threading.Lock()


def register() -> None:
    """Make the op known to TensorFlow, once in a process, whichever copy of the package asks."""
    with _lock:
        if getattr(tf, "_kindling_registered", False):
            return
        library = _library.load()
        problem = _library.take_text(library, library.kindling_tensorflow_register())
        if problem:
            raise errors.LibraryError(f"libkindling does not work with TensorFlow {tf.__version__}: {problem}")
        tf._kindling_registered = True


class Columns:
    """The columns that the op gives for a spec, and the elements that they make."""

    def __init__(self, outputs: list[dict[str, Any]]) -> None:
        """Take the ``outputs`` that libkindling describes."""
        self.dtypes = [_DTYPES[o["kind"]] for o in outputs]
        self._shapes = [[None] if o["list"] else [] for o in outputs]
        #: Whether any column holds arrays, whose length may be 0.
        self.arrays = any(o["list"] for o in outputs)
        numbered: dict[str, Any] = {}
        for number, output in enumerate(outputs):
            *parents, name = output["path"]
            inner = numbered
            for parent in parents:
                inner = inner.setdefault(parent, {})
            inner[name] = number
        self._numbered = numbered
        #: The columns in the order in which tf.nest flattens an element.
        self.order: list[int] = tf.nest.flatten(numbered)

    def spec(self, lead: list[int | None]) -> Any:
        """Return the element's spec, with leading dimensions."""
        return tf.nest.map_structure(lambda n: tf.TensorSpec([*lead, *self._shapes[n]], self.dtypes[n]), self._numbered)


def batches(spec: dict[str, Any], part: Any, columns: Columns) -> tf.data.Dataset:
    """Return the batches of a spec."""
    size = spec["batchRows"] if spec.get("dropRemainder") else None
    return _drop_empty(_scan(spec, part, columns), columns.spec([size]))


def rows(batches: tf.data.Dataset, columns: Columns) -> tf.data.Dataset:
    """Return the rows of batches.

    ``unbatch`` costs a row least, for its position is all that a row adds to the symbolic checkpoint, while
    ``flat_map`` keeps one of its own for each batch. But it ends the process where a component has the shape [n, 0],
    n > 0 (seen with TensorFlow 2.16 and 2.21; with strings it does not, yet nothing says that this is meant). Any
    column of arrays may have it at any time, and to choose for each batch costs each row the ``flat_map`` as well.
    """
    if not columns.arrays:
        return batches.unbatch()
    return batches.flat_map(lambda batch: tf.data.Dataset.from_tensor_slices(batch))


def _scan(spec: dict[str, Any], part: Any, columns: Columns) -> tf.data.Dataset:
    """Return the batches of a spec, and some that have no rows; last in each element stands whether it has any."""
    text = tf.constant(json.dumps(spec))
    number = tf.cast(part, tf.int64)

    def step(token: tf.Tensor, turn: tf.Tensor) -> list[tf.Tensor]:
        following, some, *values = _read(text, number, token, columns.dtypes)
        return [following, *(values[n] for n in columns.order), some]

    element = [*tf.nest.flatten(columns.spec([None])), tf.TensorSpec([], tf.bool)]
    state = tf.constant(START_TOKEN, tf.int64)
    function = _concrete(step, [tf.TensorSpec([None], tf.int64), tf.TensorSpec([], tf.int64)], **_ONE_DEVICE)
    inputs = [tf.data.experimental.to_variant(tf.data.Dataset.range(ENDLESS)), state, *function.captured_inputs]

    def scan(*inputs: tf.Tensor) -> tf.Tensor:
        # An op of a graph: the eager one can't say what its function is to run on.
        graph = tf.compat.v1.get_default_graph()
        function.add_to_graph(graph)
        name = tf.compat.as_str(function.name)
        attributes = {
            "f": tf.compat.v1.AttrValue(func=tf.compat.v1.NameAttrList(name=name, attr=_IN_CALLER)),
            "Tstate": _types([state.dtype]),
            "Targuments": _types([tensor.dtype for tensor in inputs[2:]]),
            "output_types": _types([spec.dtype for spec in element]),
            "output_shapes": _list(shape=[spec.shape.as_proto() for spec in element]),
            "preserve_cardinality": tf.compat.v1.AttrValue(b=False),
        }
        return graph.create_op("ScanDataset", list(inputs), dtypes=[tf.variant], attrs=attributes).outputs[0]

    make = _concrete(scan, [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in inputs])
    return _dataset(make(*inputs), tuple(element), function, make)


def _drop_empty(steps: tf.data.Dataset, element: Any) -> tf.data.Dataset:
    """Leave out the batches without rows; ``element`` is the spec of those that remain.

    Both functions give back what they get, which TensorFlow sees and then does without running them: a microsecond in
    place of forty, for each batch.
    """
    flat = list(steps.element_spec)
    last = _concrete(lambda *values: values[-1], flat)
    some = tf.raw_ops.FilterDataset(
        input_dataset=tf.data.experimental.to_variant(steps), other_arguments=[], predicate=last, **_signature(flat)
    )
    columns = _concrete(lambda *values: list(values[:-1]), flat)
    variant = tf.raw_ops.MapDataset(
        input_dataset=some,
        other_arguments=[],
        f=columns,
        preserve_cardinality=True,
        **_SYNCHRONOUS,
        **_signature(element),
    )
    return _dataset(variant, element, steps, last, columns)


def _read(spec: tf.Tensor, part: tf.Tensor, token: tf.Tensor, dtypes: list[tf.DType]) -> list[tf.Tensor]:
    """Add the op to the graph; it has no generated wrapper, for it is not of a library that TensorFlow loaded.

    Its outputs are the next token, whether there are any rows, and the columns.
    """
    op = tf.compat.v1.get_default_graph().create_op(
        "KindlingRead",
        [spec, part, token],
        dtypes=[tf.int64, tf.bool, *dtypes],
        attrs={"output_types": _types(dtypes)},
        name="KindlingRead",
    )
    op.outputs[0].set_shape([None])
    op.outputs[1].set_shape([])
    return list(op.outputs)


def _concrete(function: Callable[..., Any], signature: list[tf.TensorSpec], **more: Any) -> Any:
    return tf.function(function, input_signature=signature, autograph=False, **more).get_concrete_function()


def _types(dtypes: list[tf.DType]) -> Any:
    return _list(type=[t.as_datatype_enum for t in dtypes])


def _list(**values: list[Any]) -> Any:
    return tf.compat.v1.AttrValue(list=tf.compat.v1.AttrValue.ListValue(**values))


def _signature(element: Any) -> dict[str, Any]:
    flat = tf.nest.flatten(element)
    return {"output_types": [s.dtype for s in flat], "output_shapes": [s.shape for s in flat]}


def _dataset(variant: tf.Tensor, element: Any, *keep: Any) -> tf.data.Dataset:
    dataset = tf.data.experimental.from_variant(variant, element)
    dataset._kindling_keep = keep  # functions live as long as what calls them
    return dataset
