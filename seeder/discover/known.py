"""What a workshop says of itself: its variables, what it builds, which names it looks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from msgspec import Struct, field

from seeder.discover.examine import Examined
from seeder.errors import InvalidReferenceError
from seeder.finders.finding import Spent
from seeder.finders.marks import is_bare
from seeder.finders.variables import Expansion, Name, canonical, expand, unified
from seeder.model.educates import VARIABLES
from seeder.model.occurrence import Context, Mention, Puller
from seeder.model.reference import ImageReference, has_selector, without_tag

Inverse = Callable[[ImageReference], ImageReference | None]

# What makes the folder above it a workshop (project-docs, "Workshop instructions", "Workshop definition").
_MARKS = frozenset({"content", "setup.d", "examiner", "profile", "workshop.yaml", "modules.yaml", "config.yaml"})
_NEAR = frozenset({"appVersion"})  # what a file says for its own folder alone: a chart's default tag


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


class Named(Struct, frozen=True, kw_only=True):
    """A text with its known variables put in, and the name that it then is; `fault` says why it is none.

    `key` is the name as the files of a workshop are compared by it: the original of one that names a target.
    """

    expansion: Expansion
    name: Name
    key: str
    fault: str = ""


class _Workshop(Struct):
    """What the files of a workshop define: values of variables, by folder, and names, by key."""

    assigned: dict[str, dict[str, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    built: set[str] = field(default_factory=set)
    filled: set[str] = field(default_factory=set)
    pushed: set[str] = field(default_factory=set)
    pulled: set[str] = field(default_factory=set)
    sought: dict[str, str] = field(default_factory=dict)
    loaded: set[str] = field(default_factory=set)
    spent: dict[str, list[Spent]] = field(default_factory=lambda: defaultdict(list))


class Folder:
    """What is known to the files of a folder; `given` are the user's values and go first."""

    def __init__(self, path: str, workshop: _Workshop, given: Mapping[str, str], inverse: Inverse | None) -> None:
        self.given = given
        self._inverse = inverse
        self._path = path
        self._workshop = workshop
        self._values: dict[str, str | None] = {}
        self._named: dict[str, Named] = {}

    def named(self, text: str) -> Named:
        """What a text names; worked out once for each text."""
        named = self._named.get(text)
        if named is None:
            named = self._named[text] = _named(expand(text, self._value), self._inverse)
        return named

    def is_built(self, named: Named) -> bool:
        """Whether the workshop itself makes the image."""
        filled = self._workshop.filled
        return named.key in self._workshop.built or bool(filled and without_tag(named.key) in filled)

    def is_pushed(self, named: Named) -> bool:
        """Whether an author's script makes the image and calls it by a variable."""
        return named.key in self._workshop.pushed

    def is_pulled(self, named: Named) -> bool:
        """Whether something in the workshop pulls the image."""
        return _by_tag(named.key) in self._workshop.pulled

    def sought(self, named: Named) -> str:
        """Why a name must stay as it is written: another file finds it by it. Empty where none does."""
        sought = self._workshop.sought
        return sought.get(without_tag(named.key), "") if sought else ""

    def is_loaded(self, named: Named) -> bool:
        """Whether a command of the workshop puts the image onto nodes."""
        return named.key in self._workshop.loaded

    def spent(self, variable: str, value: str) -> str:
        """Why a variable's value may not change; empty where it may."""
        spent = self._workshop.spent.get(variable, ())
        return next((one.reason for one in spent if not one.is_bare or is_bare(value)), "")

    def define(self, file: Examined) -> None:
        """Notes the variables that a file sets."""
        for one in file.assigned:
            if one.variable.lower() not in VARIABLES:
                self._workshop.assigned[one.variable][self._path].add(one.value)
        for use in file.spent:
            self._workshop.spent[use.variable].append(use)

    def use(self, file: Examined) -> None:
        """Notes what a file makes, pulls and looks for, once all variables are known."""
        for one in file.built:
            named = self.named(one.name)
            key = named.key
            if one.is_local and "/" in named.expansion.text:
                self._workshop.pushed.add(key)
                continue
            self._workshop.built.add(key)
            if one.has_all_tags:
                self._workshop.filled.add(without_tag(key))
        self._workshop.loaded.update(self.named(one.name).key for one in file.loaded)
        self._workshop.pulled.update(_by_tag(self.named(one.text).key) for one in file.mentions if _is_pull(one))
        self._workshop.sought.update((without_tag(self.named(one.name).key), one.reason) for one in file.sought)

    def _value(self, variable: str) -> str | None:
        if variable in self.given:
            return self.given[variable]
        if variable not in self._values:
            self._values[variable] = self._only_value(variable)
        return self._values[variable]

    def _only_value(self, variable: str) -> str | None:
        """The one value that the folder's files give it, or all files where they do not; None where there are more."""
        known = self._workshop.assigned.get(variable, {})
        values = known.get(self._path, set())
        if not values and variable not in _NEAR:
            values = set().union(*known.values())
        return next(iter(values)) if len(values) == 1 else None


class Known:
    """What the files of a tree define, each for its own workshop."""

    def __init__(
        self,
        found: Sequence[Examined],
        given: Mapping[str, str],
        roots: frozenset[PurePosixPath],
        inverse: Inverse | None = None,
    ) -> None:
        self._given = given
        self._inverse = inverse
        self._roots = roots
        self._workshops: dict[PurePosixPath, _Workshop] = defaultdict(_Workshop)
        self._folders: dict[str, Folder] = {}
        for file in found:
            self.folder(file.path).define(file)
        for file in found:
            self.folder(file.path).use(file)

    def folder(self, file: str) -> Folder:
        """The folder of a file, and in it the workshop that it belongs to: the tree itself where it is in none."""
        path = file.rpartition("/")[0]
        if path not in self._folders:
            place = PurePosixPath(path)
            home = next((one for one in (place, *place.parents) if one in self._roots), PurePosixPath())
            self._folders[path] = Folder(path, self._workshops[home], self._given, self._inverse)
        return self._folders[path]


def _named(expansion: Expansion, inverse: Inverse | None) -> Named:
    try:
        name, fault = canonical(expansion.text), ""
    except InvalidReferenceError as error:
        name, fault = Name(canonical=expansion.text, reference=None), error.message
    original = inverse(name.reference) if inverse and name.reference else None
    key = str(original.or_latest()) if original else unified(name.canonical)
    return Named(expansion=expansion, name=name, key=key, fault=fault)


def _is_pull(mention: Mention) -> bool:
    return mention.pulled and mention.pulled_by is not Puller.NONE and not _is_guess(mention)


def _is_guess(mention: Mention) -> bool:
    """A variable's value that looks like a name, whatever reads it."""
    return mention.context is Context.OTHER and bool(mention.reason)


def _by_tag(key: str) -> str:
    """A name that has a tag, without its digest: a compose file may pin what a command calls by its tag alone."""
    name = key.partition("@")[0]
    return name if has_selector(name) else key
