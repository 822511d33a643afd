"""Reads caches through pyignite: one JSON line on standard input asks for one pass.

python pyignite_reader.py HOST:PORT
"""

from __future__ import annotations

import json
import sys
import time

from pyignite import Client


def read(client: Client, cache: str, page_rows: int) -> tuple[int, float]:
    """Scan a cache row by row, the only way there is; give rows and seconds."""
    rows = 0
    began = time.perf_counter()
    with client.get_cache(cache).scan(page_size=page_rows) as cursor:
        for _key, _value in cursor:
            rows += 1
    return rows, time.perf_counter() - began


def main() -> None:
    host, _, port = sys.argv[1].rpartition(":")
    client = Client()
    with client.connect(host, int(port)):
        for line in sys.stdin:
            request = json.loads(line)
            rows, seconds = read(client, request["cache"], request["page_rows"])
            print(json.dumps({"rows": rows, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
