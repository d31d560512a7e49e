"""Which skopeo is there, and whether it will do."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping

from msgspec import Struct

from seeder import process
from seeder.errors import EngineError
from seeder.process import Limits, ProcessError

# 1.9 is Debian 12's; before 1.6 there was no --preserve-digests.
OLDEST = (1, 9)
_VERSION = re.compile(r"skopeo version (\d+)\.(\d+)\.?(\d*)")
_HINT = "install skopeo 1.9 or newer (Debian: apt-get install skopeo; others: github.com/containers/skopeo, install.md)"


class Binary(Struct, frozen=True, kw_only=True):
    """A skopeo that is new enough."""

    path: str
    version: tuple[int, int, int]


def find(environment: Mapping[str, str]) -> Binary:
    """The skopeo on PATH; raises EngineError where there is none, none that runs, or one that is too old."""
    path = shutil.which("skopeo", path=environment.get("PATH", ""))
    if path is None:
        raise EngineError("skopeo copies the images, and is not on PATH", hint=_HINT, code="engine-missing")
    try:
        said = process.run([path, "--version"], environment=environment, limits=Limits(timeout=20)).stdout
    except ProcessError as error:
        raise EngineError(f"{path} does not run: {error.message}", hint=_HINT, code="engine-missing") from error
    return Binary(path=path, version=version(said.decode("utf-8", "replace"), path))


def version(said: str, path: str) -> tuple[int, int, int]:
    """Reads `skopeo version 1.9.3` (also `1.22.0-dev commit: …`); raises EngineError."""
    match = _VERSION.search(said)
    if match is None:
        raise EngineError(
            f"{path} --version says {said.strip()[:80]!r}, which names no version", hint=_HINT, code="engine-missing"
        )
    found = (int(match[1]), int(match[2]), int(match[3] or 0))
    if found[:2] < OLDEST:
        raise EngineError(
            f"{path} is skopeo {'.'.join(map(str, found))}; 1.9 is the oldest that will do",
            hint=_HINT,
            code="engine-too-old",
        )
    return found
