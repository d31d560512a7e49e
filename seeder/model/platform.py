"""Platforms (image-spec image-index.md, the `platform` property)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from seeder.errors import InvalidReferenceError

_PART = re.compile(r"[a-z0-9_.]+\Z")
# What every arm64 machine is, and what most indexes leave out (containerd: platforms/database.go).
_IMPLIED_VARIANTS = {"arm64": "v8"}


class Platform(Struct, frozen=True, order=True):
    """`os/architecture[/variant]`."""

    os: str
    architecture: str
    variant: str = ""

    @classmethod
    def parse(cls, text: str) -> Platform:
        """Reads `linux/arm/v7`; raises InvalidReferenceError."""
        parts = text.split("/")
        if len(parts) not in {2, 3} or not all(_PART.match(part) for part in parts):
            raise InvalidReferenceError(f"{text!r} is no platform: write os/architecture or os/architecture/variant")
        return cls(*parts)

    def accepts(self, other: Platform) -> bool:
        """Whether an image for `other` is what was asked for by this platform."""
        if (self.os, self.architecture) != (other.os, other.architecture):
            return False
        implied = _IMPLIED_VARIANTS.get(self.architecture, "")
        return not self.variant or self.variant == (other.variant or implied)

    def among(self, known: Iterable[Platform]) -> Platform | None:
        """Which of some platforms is meant by this one: the same, else the first that it accepts."""
        fitting = [other for other in known if self.accepts(other)]
        return self if self in fitting else next(iter(fitting), None)

    def __str__(self) -> str:
        return "/".join(filter(None, (self.os, self.architecture, self.variant)))
