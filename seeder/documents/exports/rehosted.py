"""What every export is made from: a pinned reference, and where it stands at the target."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct

from seeder.model.digest import Digest
from seeder.model.placed import Destination
from seeder.model.reference import ImageReference

HEADER = "# Written by `seeder export`; write it anew when the lock changes.\n"


class Rehosted(Struct, frozen=True, kw_only=True):
    """`root` is the digest that stands at the destination."""

    reference: ImageReference
    destination: Destination
    root: Digest

    @property
    def name(self) -> str:
        """The name at the target, without tag and digest."""
        return f"{self.destination.written}/{self.destination.repository}"

    @property
    def base(self) -> str | None:
        """What stands in for the source's registry at the target; None where `as:` gives the image another path."""
        path = f"/{self.reference.repository}"
        return self.name.removesuffix(path) if self.name.endswith(path) else None

    @property
    def keeps_tag(self) -> bool:
        """Whether the image can be had at the target by the tag that it has at its source."""
        return self.reference.tag is None or self.reference.tag in self.destination.tags


class Mirrored(Struct, frozen=True, kw_only=True):
    """What mirrors can say of some images: bases by source registry, names by source name, and what they cannot.

    A name has several where its versions stand in several places.
    """

    bases: dict[str, str]
    names: dict[str, Sequence[str]]
    others: tuple[Rehosted, ...]

    def moves(self, image: Rehosted) -> bool:
        """Whether the base of its registry is enough to find it."""
        return image.keeps_tag and image.base is not None and image.base == self.bases[image.reference.registry]


def mirrored(images: Sequence[Rehosted]) -> Mirrored:
    """Mirrors replace the start of a name and nothing else: a tag that `as:` changed is beyond them."""
    found = Mirrored(bases=_bases(images), names={}, others=tuple(image for image in images if not image.keeps_tag))
    named = {image.reference.name for image in images if image.keeps_tag and not found.moves(image)}
    for name in named:
        places = (image.name for image in images if image.keeps_tag and image.reference.name == name)
        found.names[name] = list(dict.fromkeys(places))
    return found


def _bases(images: Iterable[Rehosted]) -> dict[str, str]:
    """By registry, the base that most of its images have."""
    counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for image in images:
        if image.base is not None and image.keeps_tag:
            counted[image.reference.registry][image.base] += 1
    return {registry: bases.most_common(1)[0][0] for registry, bases in counted.items()}


def remark(image: Rehosted) -> str:
    """A comment for what a format cannot express."""
    tag = image.destination.tags[0]
    return f"# {image.reference} is called {image.name}:{tag} at the target, which cannot be said here.\n"
