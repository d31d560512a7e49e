"""Mentions made into Occurrences: variables put in, own builds told apart, the canonical form worked out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from seeder.discover.examine import Examined
from seeder.discover.known import Folder, Inverse, Known, Named
from seeder.errors import InvalidReferenceError
from seeder.finders.stand_ins import is_stand_in
from seeder.finders.variables import Name, canonical, is_hollow_name, is_mutable
from seeder.model.occurrence import Context, Mention, Occurrence, Puller, Role, Spelling
from seeder.model.reference import HUB, HUB_ALIASES, without_tag

_COMMANDS = frozenset({Context.SHELL_COMMAND, Context.INSTRUCTIONS_COMMAND})
_HERE = "localhost/"  # without a port it is no registry: podman and CRI-O name so what was built on the machine
# OpenShift's own registry, which holds a cluster's image streams.
_STREAMS = re.compile(
    r"(?:image-registry\.openshift-image-registry|docker-registry\.default)\.svc(?:\.cluster\.local)?(?::\d+)?/"
)
_DEFINITION = "workshop.yaml"
# A name that says that nobody has it, for an exercise that shows what a failing pull looks like.
_NOWHERE = re.compile(
    r"(?:do(?:es)?[-_]?no?t[-_]?exists?|not[-_]existing|non[-_]?exist(?:ent|ant|ing)|no[-_]such[-_](?:image|tag|version))"
    r"[\w.:-]*\Z"
)
_MANIFESTS = frozenset({Context.POD_SPEC, Context.CUSTOM_RESOURCE})


class Resolver(Struct, kw_only=True):
    """Understands the mentions of one tree by all that the tree says."""

    root: str
    known: Known
    inverse: Inverse | None = None

    def occurrences(self, found: Sequence[Examined]) -> Iterator[Occurrence]:
        """Every mention as an Occurrence, one a place, sorted by place.

        A text that is a part of several names, each with a tag from elsewhere, has one for each name.
        """
        for file in sorted(found, key=lambda file: file.path):
            folder = self.known.folder(file.path)
            placed: dict[object, Occurrence] = {}
            values: dict[str, list[str]] = {}
            for given in file.assigned:
                values.setdefault(given.value, []).append(given.variable)
            for mention in file.mentions:
                if not mention.parts:
                    continue
                one = self._mapped_back(self._occurrence(file.path, folder, mention, values))
                spans = tuple((part.span.start, part.span.end) for part in one.parts)
                is_whole = one.parts[0].role is Role.REFERENCE
                place = spans if is_whole else (spans, one.canonical)
                if place not in placed or (one.pulled and not placed[place].pulled):
                    placed[place] = one
            yield from sorted(_without_echoes(placed.values()), key=_place)

    def _occurrence(self, file: str, folder: Folder, mention: Mention, values: Mapping[str, list[str]]) -> Occurrence:
        named = _read(folder, mention)
        name = named.name
        absence = _absence(folder, mention, named, values)
        fault = _fault(folder, mention, named, values, absence)
        sought = "" if fault else _sought(folder, mention, named, file)
        is_search = bool(mention.coupled_to and absence)  # `docker images x` where another version of x is pulled
        reason = mention.reason if is_search else fault or sought
        return Occurrence(
            root=self.root,
            file=file,
            parts=mention.parts,
            canonical=name.canonical,
            reference=name.reference,
            context=mention.context,
            pulled_by=mention.pulled_by,
            spelling=_spelling(folder, mention, named),
            rewritable=mention.pulled and not reason,
            pulled=mention.pulled and not absence,
            reason=reason,
            unresolved=named.expansion.unresolved,
            coupled_to=mention.coupled_to,
            pattern=mention.pattern,
            hub=name.hub,
            mutable=is_mutable(name.canonical),
            elsewhere=bool(sought),
        )

    def _mapped_back(self, one: Occurrence) -> Occurrence:
        original = self.inverse(one.reference) if self.inverse is not None and one.reference is not None else None
        if original is None:
            return one
        text = str(original.or_latest())
        return replace(
            one,
            reference=original,
            rehosted_from=original,
            canonical=text,
            hub=original.is_hub,
            mutable=is_mutable(text),
        )


def _without_echoes(found: Collection[Occurrence]) -> Iterator[Occurrence]:
    """All but whole names that nothing pulls as such, of text that is a part of one (`B=x`, then `docker run $B:1`)."""
    parts = {part.span for one in found if one.pulled for part in one.parts if part.role is not Role.REFERENCE}
    for one in found:
        part = one.parts[0]
        is_used = one.pulled_by is not Puller.NONE or bool(one.coupled_to)
        if is_used or part.role is not Role.REFERENCE or part.span not in parts:
            yield one


def _place(one: Occurrence) -> tuple[int, int, str]:
    span = one.parts[0].span
    return span.start, span.end, one.canonical


def _read(folder: Folder, mention: Mention) -> Named:
    """What a mention names; a rule of zot names a host or a repository, and no image that could be pinned."""
    named = folder.named(mention.text)
    if mention.context is not Context.ZOT_SYNC_RULE:
        return named
    text = named.expansion.text
    if "/" in text:
        name = replace(named.name, canonical=without_tag(named.name.canonical), reference=None)
        return replace(named, name=name)
    host = HUB if text in HUB_ALIASES else text
    return replace(named, name=Name(canonical=host, reference=None, hub=host == HUB), key=host, fault="")


def _absence(folder: Folder, mention: Mention, named: Named, values: Mapping[str, list[str]]) -> str:
    """Why what looks like a pull is none, by all that the workshop says."""
    if not mention.pulled:
        return ""
    if mention.text in values and folder.is_pushed(named):
        return "the value of a variable by which an author's script makes the image"
    if folder.is_built(named):
        return "the workshop builds it"
    if mention.context is not Context.ZOT_SYNC_RULE and (why := _no_image(named)):
        return why
    if mention.pulled_by is Puller.NONE and not folder.is_pulled(named):
        return "names what is here already, and nothing in the workshop pulls it"
    if mention.context in _COMMANDS and named.name.reference is None and is_hollow_name(named.expansion.text):
        return "nothing of the name is known"
    return ""


def _fault(folder: Folder, mention: Mention, named: Named, values: Mapping[str, list[str]], absence: str) -> str:
    """Why a name is not to be rewritten where it stands."""
    return (
        ("" if "*" in named.expansion.text else named.fault)
        or mention.reason
        or absence
        or _variable_fault(folder, mention, named)
        or _spent(folder, mention, values)
    )


def _no_image(named: Named) -> str:
    """Why a name says by itself that no registry has it for us."""
    name = named.name.canonical
    if name.startswith(_HERE):
        return "podman's name for an image that was built here"
    if _STREAMS.match(name):
        return "an image stream of the cluster itself"
    if _NOWHERE.search(name.partition("@")[0]):
        return "its name says that nobody has it"
    return "stands for a name of the reader's own" if is_stand_in(named.expansion.text) else ""


def _variable_fault(folder: Folder, mention: Mention, named: Named) -> str:
    if named.name.is_open:
        return f"its registry is known at run time only ({', '.join(dict.fromkeys(named.expansion.unresolved))})"
    elsewhere = [given for given in named.expansion.given if given not in folder.given]
    if elsewhere and (_is_open(mention.text) or mention.parts[0].text not in mention.text):
        return f"the value of {elsewhere[0]} stands elsewhere: change it there"
    return ""


def _spent(folder: Folder, mention: Mention, values: Mapping[str, list[str]]) -> str:
    """Why a variable's value stays where it stands: another file makes something else of it too."""
    if not mention.pulled:
        return ""
    variables = [variable for part in mention.parts for variable in values.get(part.text, ())]
    return next(filter(None, (folder.spent(variable, mention.parts[0].text) for variable in variables)), "")


def _spelling(folder: Folder, mention: Mention, named: Named) -> Spelling:
    """Nodes have what was loaded onto them under its tag, and under no digest that a registry knows."""
    is_field = mention.spelling is Spelling.FIELD and mention.pulled_by is Puller.KUBELET
    return Spelling.COMMAND if is_field and folder.is_loaded(named) else mention.spelling


def _sought(folder: Folder, mention: Mention, named: Named, file: str) -> str:
    is_whole = len(mention.parts) == 1  # kustomize's own entries are in parts, and are what it puts in
    if not is_whole or mention.context not in _MANIFESTS:
        return ""
    is_built = file.rpartition("/")[2] != _DEFINITION  # Educates applies the objects of that one by itself
    return folder.sought(named) if is_built else ""


def _is_open(text: str) -> bool:
    try:
        return canonical(text).is_open
    except InvalidReferenceError:
        return True
