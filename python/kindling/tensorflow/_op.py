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

#: A function for one device, which TensorFlow does not optimize whenever an iterator is made.
_ONE_DEVICE = {"experimental_attributes": {"experimental_ints_on_device": True}}

#: Have such a function run in the thread that asks for the next element. Otherwise each of its inputs is handed to a
#: pool of threads, which costs more than the batch: 0.15 ms.
_IN_CALLER = {"_executor": tf.compat.v1.AttrValue(s=b"SINGLE_THREADED_EXECUTOR")}

_lock = threading.Lock()


def register() -> None:
    """Make the op known to TensorFlow, once in a process, whichever copy of the package asks.

    TensorFlow ends the process when an op is added a second time, so what the first attempt gave is the answer to
    each later one: ``tf._kindling_problem``, None where it went well.
    """
    with _lock:
        if not hasattr(tf, "_kindling_problem"):
            library = _library.load()
            tf._kindling_problem = _library.take_text(library, library.kindling_tensorflow_register())
        if tf._kindling_problem:
            raise errors.LibraryError(
                f"libkindling does not work with TensorFlow {tf.__version__}: {tf._kindling_problem}"
            )


class Columns:
    """The columns that the op gives for a spec, and the elements that they make."""

    def __init__(self, outputs: list[dict[str, Any]]) -> None:
        """Take the ``outputs`` that libkindling describes."""
        self.dtypes = [_DTYPES[o["kind"]] for o in outputs]
        self._shapes = [o.get("shape", [None]) if o["list"] else [] for o in outputs]
        #: The columns that hold arrays of any length.
        self.lists = [number for number, shape in enumerate(self._shapes) if shape == [None]]
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

    def flat(self, lead: list[int | None]) -> list[tf.TensorSpec]:
        """Return the same as a list, in that order."""
        return list(tf.nest.flatten(self.spec(lead)))


def batches(spec: dict[str, Any], part: Any, columns: Columns) -> tf.data.Dataset:
    """Return the batches of a spec that states their size."""
    size = spec["batchRows"] if spec.get("dropRemainder") else None
    return _drop_empty(_scan(spec, part, columns), columns.spec([size]))


def rows(spec: dict[str, Any], part: Any, columns: Columns) -> tf.data.Dataset:
    """Return the rows of a spec that states no size of batches.

    They are taken out of batches by ``unbatch``. Two things are in its way: the arrays of a batch must have one length,
    and it ends the process where that is 0 (seen with TensorFlow 2.16 and 2.21). So the op gives arrays as long as the
    longest, of one element at least, and beside them the lengths to which each row is cut; arrays whose shape is
    known need neither. ``flat_map`` would need none of it, but takes twice as long for a row (2.6 us of CPU in
    place of 1.4, the cut adds 2.7), and has a new iterator for each batch: symbolic checkpoints keep the names of all
    of them, so that an epoch becomes slower and slower. An op of our own that gives single rows would cost as much as
    ``unbatch`` and the cut together: TensorFlow needs 2 us to call a function for each row, whatever is in it.
    """
    steps = _scan(spec, part, columns)
    if not columns.lists:
        return _drop_empty(steps, columns.spec([None])).unbatch()
    return _cut(_drop_empty(steps, tuple(steps.element_spec[:-1])).unbatch(), columns)


def _scan(spec: dict[str, Any], part: Any, columns: Columns) -> tf.data.Dataset:
    """Return the batches of a spec, and some that have no rows; last in each element stands whether it has any."""
    text = tf.constant(json.dumps(spec))
    number = tf.cast(part, tf.int64)
    lengths = [] if spec.get("batchRows") else columns.lists
    dtypes = columns.dtypes + [tf.int64] * len(lengths)

    def step(token: tf.Tensor, turn: tf.Tensor) -> list[tf.Tensor]:
        following, some, *values = _read(text, number, token, dtypes)
        return [following, *(values[n] for n in columns.order), *values[len(columns.dtypes) :], some]

    element = [
        *columns.flat([None]),
        *(tf.TensorSpec([None, 1], tf.int64) for _ in lengths),
        tf.TensorSpec([], tf.bool),
    ]
    state = tf.constant(START_TOKEN, tf.int64)
    function = _concrete(step, [tf.TensorSpec([None], tf.int64), tf.TensorSpec([], tf.int64)], **_ONE_DEVICE)
    inputs = [tf.data.experimental.to_variant(tf.data.Dataset.range(ENDLESS)), state]
    return _run(
        "ScanDataset", function, inputs, tuple(element), Tstate=_types([state.dtype]), preserve_cardinality=_bool(False)
    )


def _cut(rows: tf.data.Dataset, columns: Columns) -> tf.data.Dataset:
    """Cut the arrays of rows to their lengths, which stand behind the columns."""

    def cut(*values: tf.Tensor) -> list[tf.Tensor]:
        length = dict(zip(columns.lists, values[len(columns.order) :], strict=True))
        return [
            tf.raw_ops.Slice(input=value, begin=tf.constant([0], tf.int64), size=length[number])
            if number in length
            else value
            for number, value in zip(columns.order, values, strict=False)
        ]

    more = {name: _bool(value) for name, value in _SYNCHRONOUS.items()}
    return _run(
        "MapDataset",
        _concrete(cut, list(rows.element_spec), **_ONE_DEVICE),
        [tf.data.experimental.to_variant(rows)],
        columns.spec([]),
        use_inter_op_parallelism=_bool(False),
        preserve_cardinality=_bool(True),
        **more,
        keep=rows,
    )


def _run(
    kind: str, function: Any, inputs: list[tf.Tensor], element: Any, keep: Any = None, **attributes: Any
) -> tf.data.Dataset:
    """Return a dataset whose function runs in the thread that asks for the next element, on the inputs."""
    inputs = [*inputs, *function.captured_inputs]
    captured = [tensor.dtype for tensor in function.captured_inputs]
    flat = tf.nest.flatten(element)

    def make(*inputs: tf.Tensor) -> tf.Tensor:
        # An op of a graph: the eager one can't say what its function is to run on.
        graph = tf.compat.v1.get_default_graph()
        function.add_to_graph(graph)
        name = tf.compat.as_str(function.name)
        every = {
            "f": tf.compat.v1.AttrValue(func=tf.compat.v1.NameAttrList(name=name, attr=_IN_CALLER)),
            "Targuments": _types(captured),
            "output_types": _types([spec.dtype for spec in flat]),
            "output_shapes": _list(shape=[spec.shape.as_proto() for spec in flat]),
        }
        return graph.create_op(kind, list(inputs), dtypes=[tf.variant], attrs={**every, **attributes}).outputs[0]

    made = _concrete(make, [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in inputs])
    return _dataset(made(*inputs), element, function, made, keep)


def _drop_empty(steps: tf.data.Dataset, element: Any) -> tf.data.Dataset:
    """Leave out the batches without rows; ``element`` is the spec of those that remain.

    Both functions give back what they get, which TensorFlow sees and then does without running them: a microsecond in
    place of forty, for each batch. It still makes them ready for running whenever an iterator is made, and optimizes
    them then unless they are for one device: 9 ms for ten columns. Of those it does not see it where they give back
    an int32.
    """
    flat = list(steps.element_spec)
    last = _concrete(lambda *values: values[-1], flat, **_ONE_DEVICE)
    some = tf.raw_ops.FilterDataset(
        input_dataset=tf.data.experimental.to_variant(steps), other_arguments=[], predicate=last, **_signature(flat)
    )
    device = {} if any(spec.dtype == tf.int32 for spec in flat[:-1]) else _ONE_DEVICE
    columns = _concrete(lambda *values: list(values[:-1]), flat, **device)
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


def _bool(value: bool) -> Any:
    return tf.compat.v1.AttrValue(b=value)


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
