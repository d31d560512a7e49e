"""What a workshop says of itself: its variables, what it builds, which names it looks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from seeder.discover.examine import Examined
from seeder.errors import InvalidReferenceError
from seeder.finders.variables import Expansion, canonical, expand, unified
from seeder.model.occurrence import Context, Mention, Puller

# What Educates gives at run time (session-manager): a workshop's own script cannot know better.
PLATFORM = frozenset(
    {"image_repository", "oci_image_cache", "assets_repository", "platform_arch", "cluster_domain", "workshop_name"}
    | {"workshop_version", "environment_name", "workshop_namespace", "training_portal", "ingress_domain"}
    | {"ingress_protocol", "ingress_port", "ingress_port_suffix", "workshop_image", "session_name", "session_id"}
    | {"session_namespace", "session_url", "session_hostname", "registry_host", "registry_username"}
    | {"registry_password", "registry_auth_token", "registry_secret", "registry_auth_file", "vcluster_namespace"}
)
# What makes the folder above it a workshop (project-docs, "Workshop instructions", "Workshop definition").
_MARKS = frozenset({"content", "setup.d", "examiner", "profile", "workshop.yaml", "modules.yaml", "config.yaml"})
_NEAR = frozenset({"appVersion"})  # what a file says for its own folder alone: a chart's default tag

_Values = dict[str, list[tuple[PurePosixPath, str]]]


def workshops(paths: Iterable[str]) -> frozenset[PurePosixPath]:
    """The folders of a tree that are workshops, by the paths of its files with `/` between parts."""
    found = set()
    for path in paths:
        if "workshop" not in path:
            continue
        parts = path.split("/")
        for at, part in enumerate(parts[:-1]):
            named = part == "resources" and parts[at + 1] in {"workshop.yaml", "workshop.yml"}
            if named or (part == "workshop" and parts[at + 1] in _MARKS):
                found.add(PurePosixPath(*parts[:at]))
    return frozenset(found)


class Known:
    """What the files of a tree define, each for its own workshop; `given` are the user's values and go first."""

    def __init__(self, found: Sequence[Examined], given: Mapping[str, str], roots: frozenset[PurePosixPath]) -> None:
        self.given = given
        self._roots = roots
        self._homes: dict[str, PurePosixPath] = {}
        self._lookups: dict[str, Callable[[str], str | None]] = {}
        self._assigned: dict[PurePosixPath, _Values] = defaultdict(lambda: defaultdict(list))
        for file in found:
            values = self._assigned[self.workshop(file.path)]
            for one in file.assigned:
                if one.variable.lower() not in PLATFORM:
                    values[one.variable].append((PurePosixPath(file.path).parent, one.value))
        self._built = {(self.workshop(file.path), self._key(name, file.path)) for file in found for name in file.built}
        self._pulled = {
            (self.workshop(file.path), self._key(one.text, file.path))
            for file in found
            for one in file.mentions
            if one.pulled and one.pulled_by is not Puller.NONE and not _is_guess(one)
        }
        self._sought = {
            (self.workshop(file.path), without_tag(self._key(one.name, file.path))): one.reason
            for file in found
            for one in file.sought
        }

    def workshop(self, file: str) -> PurePosixPath:
        """The workshop that a file belongs to; the tree itself where it stands in none."""
        home = self._homes.get(file)
        if home is None:
            parents = PurePosixPath(file).parents
            home = self._homes[file] = next((one for one in parents if one in self._roots), PurePosixPath())
        return home

    def expand(self, text: str, file: str) -> Expansion:
        lookup = self._lookups.get(file) or self._lookups.setdefault(file, self._lookup(file))
        return expand(text, lookup)

    def is_built(self, name: str, file: str) -> bool:
        """Whether the workshop itself makes the image of a canonical name."""
        return (self.workshop(file), unified(name)) in self._built

    def is_pulled(self, name: str, file: str) -> bool:
        """Whether something in the workshop pulls the image of a canonical name."""
        return (self.workshop(file), unified(name)) in self._pulled

    def sought(self, name: str, file: str) -> str:
        """Why a name must stay as it is written: another file finds it by it. Empty where none does."""
        return self._sought.get((self.workshop(file), without_tag(unified(name))), "")

    def _lookup(self, file: str) -> Callable[[str], str | None]:
        folder, values = PurePosixPath(file).parent, self._assigned.get(self.workshop(file), {})

        def value(name: str) -> str | None:
            if name in self.given:
                return self.given[name]
            known = values.get(name, ())
            near = {value for place, value in known if place == folder}
            if not near and name not in _NEAR:
                near = {value for _, value in known}
            return near.pop() if len(near) == 1 else None

        return value

    def _key(self, text: str, file: str) -> str:
        expanded = self.expand(text, file).text
        try:
            return unified(canonical(expanded).canonical)
        except InvalidReferenceError:
            return expanded


def _is_guess(mention: Mention) -> bool:
    """A variable's value that looks like a name, whatever reads it."""
    return mention.context is Context.OTHER and bool(mention.reason)


def without_tag(name: str) -> str:
    """A canonical name without tag and digest."""
    bare = name.partition("@")[0]
    head, slash, last = bare.rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"
