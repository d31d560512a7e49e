"""Places at targets, and pins that have one."""

from __future__ import annotations

from msgspec import Struct

from seeder.model.pin import Pin
from seeder.model.reference import ImageReference


class Destination(Struct, frozen=True, kw_only=True):
    """A place at a target: `target` is its name in the catalog, `registry` the host that seeder pushes to.

    `tags` are put there in this order, the plain tag first; `written` is the host that goes into files, and `joint`
    what stands between it and the repository.
    """

    target: str
    registry: str
    written: str
    joint: str = "/"
    repository: str
    tags: tuple[str, ...]

    @property
    def place(self) -> ImageReference:
        """The repository, on the host that seeder talks to; no tag and no digest."""
        return ImageReference(self.registry, self.repository)


class Placed(Struct, frozen=True, kw_only=True):
    """A pin and where it is to stand. Where it is `required` and does not, the run fails."""

    pin: Pin
    destination: Destination
    required: bool = True

    @property
    def reference(self) -> ImageReference:
        return self.pin.reference
