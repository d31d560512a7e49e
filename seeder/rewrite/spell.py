"""The new texts of an occurrence's parts: the whole name in one, or key by key."""

from __future__ import annotations

from seeder import targets
from seeder.errors import UsageError
from seeder.model.digest import Digest
from seeder.model.occurrence import Occurrence, Part, Role
from seeder.model.placed import Destination
from seeder.model.reference import has_selector, without_tag


def spell(occurrence: Occurrence, destination: Destination, root: Digest) -> tuple[str, ...]:
    """The texts that name `root` at the destination; raises UsageError where the keys have no room for it."""
    if [part.role for part in occurrence.parts] == [Role.REFERENCE]:
        return (targets.spelled(occurrence, destination, root),)
    keys = _Keys(occurrence, destination, root)
    return tuple(keys.text(part) for part in occurrence.parts)


class _Keys:
    """A name split over keys: registry, repository, tag and digest, any of which may be missing.

    Without a key for the host the repository takes it in. Without a key for the digest the tag takes it in where it
    did so before (the chart prints `repository:tag`), else it becomes the tag that names the digest too. A repository
    alone, whose tag a variable brings (`nginx:$TAG`), keeps that tag, where it is the one at the target too.
    """

    def __init__(self, occurrence: Occurrence, destination: Destination, root: Digest) -> None:
        self._destination = destination
        self._root = root
        self._roles = {part.role for part in occurrence.parts}
        tag = occurrence.reference.tag if occurrence.reference and not occurrence.reference.digest else None
        is_kept = self._roles == {Role.REPOSITORY} and tag is not None and tag == destination.tags[0]
        self._pinned = is_kept or bool(self._roles & {Role.TAG, Role.DIGEST, Role.REFERENCE})

    def text(self, part: Part) -> str:
        match part.role:
            case Role.REGISTRY:
                return self._destination.written
            case Role.REPOSITORY | Role.REFERENCE:
                return self._repository(part)
            case Role.TAG:
                return self._tag(part)
            case Role.DIGEST:
                return str(self._root) if ":" in part.text else self._root.hex
            case Role.NAME:
                return f"{self._destination.written}/{self._destination.repository}"
            case Role.PARENT:
                return f"{self._destination.written}/{self._destination.repository}".rpartition("/")[0]

    def _repository(self, part: Part) -> str:
        path = self._destination.repository
        name = path if Role.REGISTRY in self._roles else f"{self._destination.written}/{path}"
        if self._pinned and not has_selector(part.text):
            return name
        if not has_selector(part.text):
            raise UsageError(
                "neither a tag nor a digest is written here, so what is pulled cannot be fixed",
                hint="write the tag beside the repository",
                code="no-tag",
            )
        return f"{name}:{self._destination.tags[0]}@{self._root}"

    def _tag(self, part: Part) -> str:
        plain = self._destination.tags[0]
        if Role.DIGEST in self._roles:
            return plain
        return f"{plain}@{self._root}" if "@" in part.text else self._destination.tags[-1]


def prefix_of(new: str, old: str, part: str) -> str | None:
    """What `part`, the beginning of `old`, becomes where `old` becomes `new`; None where nothing can be said.

    A search text names a whole reference, or one without its tag, or a beginning of either.
    """
    if part == old:
        return new
    name, new_name = without_tag(old), without_tag(new)
    if not old.startswith(part):
        return None
    if len(part) >= len(name):
        begun = new_name + part[len(name) :]
        return begun if new.startswith(begun) else None
    rest = name[len(part) :]
    return new_name.removesuffix(rest) if new_name.endswith(rest) else None
