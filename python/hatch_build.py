"""Builds libkindling and the kindling program into the wheel, with Go and a C compiler."""

from __future__ import annotations

import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = pathlib.Path(__file__).resolve().parent
MODULE = PACKAGE.parent
LIBRARY = {"darwin": "libkindling.dylib", "win32": "kindling.dll"}.get(sys.platform, "libkindling.so")
PROGRAM = "kindling.exe" if sys.platform == "win32" else "kindling"
#: The oldest glibc that "zig cc" is told to link against.
GLIBC = "2.28"


class BuildHook(BuildHookInterface):  # type: ignore[misc]
    """The hook that hatchling calls before it packs the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the two binaries and tag the wheel with the platform that they need."""
        if self.target_name != "wheel" or version == "editable":
            return
        library = PACKAGE / "kindling" / "_lib" / LIBRARY
        program = PACKAGE / "kindling" / "_bin" / PROGRAM
        go("build", "-buildmode=c-shared", "-o", str(library), "./bridge", compiler=compiler(), exports=exports())
        go("build", "-o", str(program), "./cmd/kindling")
        library.with_suffix(".h").unlink(missing_ok=True)
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform_tag(library)}"


def go(command: str, *arguments: str, compiler: str | None = None, exports: str = "") -> None:
    """Run Go in the module; without a compiler, without cgo."""
    tool = os.environ.get("GO", "go")
    if not (MODULE / "go.mod").exists():
        raise SystemExit(f"the wheel is built from a checkout of Kindling; there is no go.mod in {MODULE}")
    if shutil.which(tool) is None:
        raise SystemExit("the wheel needs Go to build: https://go.dev/dl")
    environment = {**os.environ, "CGO_ENABLED": "1" if compiler else "0"}
    if compiler:
        environment["CC"] = compiler
    flags = ["-trimpath", f"-ldflags=-s -w {exports}".rstrip()]
    subprocess.run([tool, command, *flags, *arguments], cwd=MODULE, env=environment, check=True)


def compiler() -> str:
    """Return the C compiler: CC, "zig cc" where the package ziglang is installed, else the system's."""
    if os.environ.get("CC"):
        return os.environ["CC"]
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine())
    try:
        import ziglang  # noqa: F401
    except ImportError:
        return shutil.which("cc") or shutil.which("gcc") or "cc"
    if sys.platform != "linux":
        return f"{sys.executable} -m ziglang cc"
    return f"{sys.executable} -m ziglang cc -target {machine}-linux-gnu.{GLIBC}"


def exports() -> str:
    """Return linker flags that leave only the documented symbols visible."""
    if sys.platform != "linux":
        return ""
    return f"-extldflags=-Wl,--version-script={MODULE / 'bridge' / 'exports.map'}"


def platform_tag(library: pathlib.Path) -> str:
    """Return the wheel's platform: on Linux by the newest glibc that the library asks for."""
    if sys.platform != "linux":
        from packaging import tags

        return next(iter(tags.platform_tags()))
    versions = [tuple(map(int, v)) for v in re.findall(rb"GLIBC_(\d+)\.(\d+)", library.read_bytes())]
    major, minor = max([(2, 17), *versions])
    return f"manylinux_{major}_{minor}_{platform.machine()}"
