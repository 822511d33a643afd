"""Reads caches through IgniteDataset: one JSON line on standard input asks for one pass.

python tensorflow_reader.py HOST:PORT
"""

from __future__ import annotations

import json
import sys
import time

from kindling.tensorflow import IgniteDataset


def read(host: str, port: int, cache: str, batch_rows: int) -> tuple[int, float]:
    """Read a cache into batches of TensorFlow tensors; give rows and seconds."""
    dataset = IgniteDataset(cache_name=cache, host=host, port=port).batch(batch_rows)
    rows = 0
    began = time.perf_counter()
    for element in dataset:
        rows += int(element["key"].shape[0])
    return rows, time.perf_counter() - began


def main() -> None:
    host, _, port = sys.argv[1].rpartition(":")
    for line in sys.stdin:
        request = json.loads(line)
        rows, seconds = read(host, int(port), request["cache"], request["batch_rows"])
        print(json.dumps({"rows": rows, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
