"""The images of the benchmark, made up from their names: the same bytes in every run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from seeder.model.platform import Platform
from seeder.sandbox import AMD64, ARM64, Layer, Sandbox

KB, MB = 1 << 10, 1 << 20
_PLATFORMS = (AMD64, ARM64, Platform("linux", "arm", "v7"), Platform("linux", "s390x"))

Put = Callable[[Sandbox, int, str], str]


def _small(hub: Sandbox, number: int, note: str) -> str:
    """Five layers, of which all images share two and groups of six a third."""
    name = f"bench/small-{number:03}:1"
    shared = [Layer(name="base", size=4 * MB), Layer(name="tools", size=1 * MB)]
    own = [Layer(name=f"{name} {part} {note}", size=100 * KB) for part in "ab"]
    hub.put_image(name, layers=[*shared, Layer(name=f"group {number % 10}", size=300 * KB), *own], note=note)
    return name


def _multi(hub: Sandbox, number: int, note: str) -> str:
    """An index of four platforms."""
    name = f"bench/multi-{number:03}:1"
    hub.put_index(name, platforms=_PLATFORMS, layers=[Layer(name=f"base {number % 4}", size=2 * MB)], note=note)
    return name


def _large(hub: Sandbox, number: int, note: str) -> str:
    """Four layers of 32 MB, two of them shared by all."""
    name = f"bench/large-{number:03}:1"
    shared = [Layer(name=f"large {part}", size=32 * MB) for part in "ab"]
    own = [Layer(name=f"{name} {part} {note}", size=32 * MB) for part in "cd"]
    hub.put_image(name, layers=[*shared, *own], note=note)
    return name


SETS: Mapping[str, tuple[Put, int]] = {"small": (_small, 60), "multi": (_multi, 12), "large": (_large, 6)}
