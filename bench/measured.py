"""What the Python workers share: the lines of JSON, and a pass with its time, CPU and memory."""

from __future__ import annotations

import contextlib
import json
import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

#: The memory of this process before its first pass, in MiB.
_IDLE: list[float] = []


def cpu() -> float:
    """Return the seconds of CPU that this process has used, user and system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def memory(name: str) -> float:
    """Return VmRSS or VmHWM of this process in MiB, 0 where there is no /proc."""
    with contextlib.suppress(OSError), open("/proc/self/status") as status:
        for line in status:
            if line.startswith(name + ":"):
                return int(line.split()[1]) / 1024
    return 0.0


def _reset_peak() -> None:
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as file:
        file.write("5")


class Pass:
    """One pass over rows, measured between ``with`` and its end."""

    def __init__(self) -> None:
        """Begin with no rows."""
        self.rows = 0
        self.seconds = 0.0
        self._first: float | None = None
        self._extra: dict[str, float] = {}

    def __enter__(self) -> Pass:  # noqa: PYI034 -- Self is not in Python 3.10
        """Start the clock."""
        self._before = memory("VmRSS")
        _reset_peak()
        self._cpu = cpu()
        self._began = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the clock, unless that was done."""
        if self.seconds == 0.0:
            self.stop()

    def stop(self) -> None:
        """Stop the clock."""
        self.seconds = time.perf_counter() - self._began
        self._used = cpu() - self._cpu
        self._peak = memory("VmHWM")

    def add(self, other: Pass) -> None:
        """Add the time, CPU and memory of a pass that has ended to this one, which was not begun."""
        self._used = other._used + (self._used if self.seconds else 0.0)
        self._peak = max(other._peak, self._peak if self.seconds else 0.0)
        self._before = self._before if self.seconds else other._before
        self.seconds += other.seconds

    def first(self) -> None:
        """Note that the first rows are there."""
        if self._first is None:
            self._first = time.perf_counter() - self._began

    def elapsed(self) -> float:
        """Return the seconds since the beginning."""
        return time.perf_counter() - self._began

    def note(self, **values: float) -> None:
        """Add figures that only some readers have."""
        self._extra.update(values)

    def answer(self) -> dict[str, Any]:
        """Return the pass as the benchmark reads it."""
        found: dict[str, Any] = {
            "rows": self.rows,
            "seconds": self.seconds,
            "cpu": self._used,
            **self._extra,
        }
        if self._first is not None:
            found["first"] = self._first
        if self._peak > 0:
            found["peak_mib"] = max(self._peak - _IDLE[0], 0.0)
            found["growth_mib"] = max(self._peak - self._before, 0.0)
        return found


def serve(
    about: dict[str, str], ops: dict[str, Callable[[dict[str, Any]], Pass]]
) -> None:
    """Describe this worker, then answer requests until the input ends."""
    _IDLE.append(memory("VmRSS"))
    for message in _messages(about, ops):
        print(json.dumps(message), flush=True)


def _messages(
    about: dict[str, str], ops: dict[str, Callable[[dict[str, Any]], Pass]]
) -> Iterator[dict[str, Any]]:
    yield about
    for line in sys.stdin:
        request = json.loads(line)
        try:
            yield ops[request["op"]](request).answer()
        except Exception as error:  # noqa: BLE001 -- whatever went wrong is the answer
            traceback.print_exc()
            yield {"error": f"{type(error).__name__}: {error}"}
