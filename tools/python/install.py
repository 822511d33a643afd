"""Installs packages with pip and says what it is doing: ``python tools/python/install.py ARGUMENTS OF PIP INSTALL``.

On a terminal one line changes: what is being fetched, how large it is, and for how long. Elsewhere each large package
is a line, so that logs stay short. What pip says is shown when it fails.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time

#: Smaller packages are not worth a line of a log.
LARGE_MB = 10.0
UNITS_MB = {"kB": 1e-3, "MB": 1.0, "GB": 1e3}


class Progress:
    """What is being done now, on standard error."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._began = time.monotonic()
        self._text = "look for packages"
        self._ended = threading.Event()
        self._terminal = sys.stderr.isatty()
        self._thread = threading.Thread(target=self._redraw, daemon=True)

    def __enter__(self) -> Progress:
        """Start to draw, on a terminal."""
        if self._terminal:
            self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Leave an empty line to whoever writes next."""
        if self._terminal:
            self._ended.set()
            self._thread.join()
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def say(self, text: str, *, log: bool) -> None:
        """Change the text; ``log`` says whether it is worth a line where there is no terminal."""
        self._text = text
        if log and not self._terminal:
            print(f"    {text}", file=sys.stderr, flush=True)

    def _redraw(self) -> None:
        while not self._ended.wait(0.2):
            seconds = int(time.monotonic() - self._began)
            print(f"\r\033[K    {self._text}, {seconds} s"[:110], end="", file=sys.stderr, flush=True)


def follow(line: str, progress: Progress) -> None:
    """Tell what a line of pip means."""
    if found := re.match(r"\s*(?:Downloading|Using cached) (\S+?)-(\d[^-\s]*)\S* \(([\d.]+) (kB|MB|GB)\)", line):
        name, version, size, unit = found.groups()
        progress.say(f"fetch {name} {version} ({size} {unit})", log=float(size) * UNITS_MB[unit] >= LARGE_MB)
    elif found := re.match(r"\s*Collecting ([\w.-]+)", line):
        progress.say(f"look for {found[1]}", log=False)
    elif line.startswith("Installing collected packages:"):
        count = line.count(",") + 1
        progress.say(f"install {count} package{'s' * (count > 1)}", log=count > 1)


def main(arguments: list[str]) -> int:
    """Run pip and return its exit code."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "--progress-bar",
        "off",
        *arguments,
    ]
    said = []
    with (
        Progress() as progress,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as pip,
    ):
        for line in pip.stdout or ():
            said.append(line)
            follow(line, progress)
    if pip.returncode:
        sys.stderr.writelines(said)
    return pip.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
