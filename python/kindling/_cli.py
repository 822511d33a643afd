"""The console script: runs the ``kindling`` program that the wheel carries."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys


def binary() -> pathlib.Path:
    """Return where the program is: ``KINDLING_BINARY``, the package's ``_bin``, or a checkout's ``.build/bin``."""
    named = os.environ.get("KINDLING_BINARY")
    if named:
        return pathlib.Path(named)
    name = "kindling.exe" if sys.platform == "win32" else "kindling"
    package = pathlib.Path(__file__).parent
    inside = package / "_bin" / name
    built = package.parent.parent / ".build" / "bin" / name
    return built if not inside.exists() and built.exists() else inside


def arguments(given: list[str]) -> list[str]:
    """Return the program's arguments: the quick start runs in this very Python."""
    if given[:1] == ["quickstart"] and not any(a == "--python" or a.startswith("--python=") for a in given):
        return [*given, "--python", sys.executable]
    return given


def main() -> int:
    """Run the program in the place of this process."""
    program = binary()
    if not program.exists():
        print(f"kindling: the program is not at {program}: install the wheel, or run 'make build'", file=sys.stderr)
        return 1
    command = [str(program), *arguments(sys.argv[1:])]
    if sys.platform == "win32":
        return subprocess.call(command)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(command[0], command)


if __name__ == "__main__":
    sys.exit(main())
