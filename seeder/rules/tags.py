"""Names that move, or that say too little (guideline 6, 7)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from seeder.model import educates
from seeder.model.occurrence import Context, Occurrence, Puller, Role, Spelling
from seeder.model.reference import has_selector
from seeder.rules.rule import Fix, Place, Problem, Rule, Severity, fixes
from seeder.rules.subject import Workshop
from seeder.syntax.yaml_nodes import at

# The operator's own list (session-manager, handlers/helpers.py): with one of these tags it pulls at every start.
_ALWAYS = frozenset({"main", "master", "develop", "latest"})
_UNKNOWN = re.compile(r"\$[({]|\{\{")  # what becomes a name, or the end of one, by Educates or a template
_PREFIXED = re.compile(r"v\d")
_DISTRIBUTIONS = frozenset(
    "slim alpine debian buster bullseye bookworm trixie ubuntu focal jammy noble ubi minimal micro distroless "  # noqa: SIM905
    "windowsservercore nanoserver rc beta alpha dev snapshot".split()
)
_SHORT = re.compile(r"(?:base|jdk8|jdk11|jdk17|jdk21|conda)-environment\Z")


def mutable(workshop: Workshop) -> Iterator[Problem]:
    called = _called_by_tag(workshop)
    for one in workshop.on_hub():
        if one.mutable:
            yield Problem(
                place=Place.of_occurrence(one),
                message=f"{one.familiar} may name another image tomorrow, and each check of it goes to Docker Hub",
                remedy="name a full version, such as 1.27.3, or a digest; `seeder pin` finds it",
                fixes=() if one.pulled_by is Puller.DOCKERD and one.canonical in called else _pinned(workshop, one),
            )


def _called_by_tag(workshop: Workshop) -> set[str]:
    """What docker commands call by a tag that no command pulls: docker keeps none of what it pulls by digest."""
    named: dict[Puller, set[str]] = defaultdict(set)
    for one in workshop.pulled(Context.SHELL_COMMAND, Context.INSTRUCTIONS_COMMAND):
        named[one.pulled_by].add(one.canonical)
    return named[Puller.NONE] - named[Puller.DOCKERD]


def _pinned(workshop: Workshop, one: Occurrence) -> tuple[Fix, ...]:
    """The digest that the lock has, put behind the tag: what is pulled today stays what is pulled."""
    pin = workshop.pin(one)
    if pin is None or one.spelling is not Spelling.FIELD or not one.rewritable or len(one.parts) != 1:
        return ()
    part = one.parts[0]
    if part.role is not Role.REFERENCE or re.search(r"[${}@%]", part.text):
        return ()
    tag = "" if has_selector(part.text) else ":latest"
    return fixes(workshop, part, f"{part.text}{tag}@{pin.descriptor.digest}")


def selected(workshop: Workshop) -> Iterator[Problem]:
    for definition in workshop.definitions:
        for entry in definition.fetched():
            for kind in ("image", "imgpkgBundle"):
                found = at(entry, kind, "tagSelection")
                if found is not None:
                    yield Problem(
                        place=Place.of_node(definition.file, found),
                        message="tagSelection takes the newest tag at every session start: sessions of one class may "
                        "get different files, and nothing can be pinned",
                        remedy="name one tag in url",
                    )


def always(workshop: Workshop) -> Iterator[Problem]:
    for one in workshop.pulled(Context.WORKSHOP_IMAGE):
        name, _, digest = one.raw.partition("@")
        last = name.rpartition("/")[2]
        tag = last.partition(":")[2]
        if digest or (tag not in _ALWAYS if tag else _UNKNOWN.search(last)):
            continue
        if tag:
            message = f"the tag {tag} makes Educates pull the workshop's image at every session start"
        elif ":" not in name:
            message = "without a tag, Educates pulls the workshop's image at every session start"
        else:
            message = "without a tag, and with a port in the name, Educates never pulls the workshop's image again"
        yield Problem(
            place=Place.of_occurrence(one),
            message=message,
            remedy="give the image a version of its own as its tag",
        )


def short_name(workshop: Workshop) -> Iterator[Problem]:
    modern = [definition for definition in workshop.definitions if definition.group == educates.GROUP]
    for one in workshop.pulled(Context.WORKSHOP_IMAGE):
        name, _, tag = one.raw.partition(":")
        if tag == "*" or not _SHORT.match(name) or not any(one.file == each.file for each in modern):
            continue
        part = one.parts[0]
        yield Problem(
            place=Place.of_occurrence(one),
            message=f"{one.raw} is none of Educates' short names, which end in :*; it is looked for as {one.canonical}",
            remedy=f"write {name}:*",
            fixes=fixes(workshop, part, f"{name}:*") if len(one.parts) == 1 else (),
        )


def digest_only(workshop: Workshop) -> Iterator[Problem]:
    for one in workshop.pulled():
        reference = one.reference
        if reference is not None and reference.digest and not reference.tag:
            yield Problem(
                place=Place.of_occurrence(one),
                message=f"{reference.name} is named by its digest alone: nobody can see which version that is",
                remedy="write the tag before the digest, name:tag@sha256:…; the digest still decides",
            )


def versions(workshop: Workshop) -> Iterator[Problem]:
    found: dict[str, dict[str, Occurrence]] = defaultdict(dict)
    for one in workshop.pulled():
        if one.reference is not None:
            reference = one.reference.or_latest()
            found[reference.name].setdefault(str(reference).removeprefix(reference.name).lstrip(":@"), one)
    for name, by_version in found.items():
        (first, place), *others = by_version.items()
        for version, one in others:
            if not _may_be_one(first, version):
                yield Problem(
                    place=Place.of_occurrence(one),
                    message=f"{name} is used as {version} here and as {first} at {place.place}: both are copied and "
                    "pulled",
                    remedy="use one version, unless the workshop is about the difference",
                )


def _may_be_one(first: str, second: str) -> bool:
    """Whether one is the tag that the other has beside its digest, or another program of the same version."""
    one, other = first.partition("@")[0], second.partition("@")[0]
    if one == other:
        return not ("@" in first and "@" in second)
    version, program = _program(one)
    of_other, other_program = _program(other)
    return bool(program and other_program) and version == of_other and program != other_program


def _program(tag: str) -> tuple[str, set[str]]:
    """The version that a tag begins with, and its words that name no distribution: `8`, `jre` of 8-jre-alpine."""
    version, *rest = tag.split("-")
    if not version[:1].isdigit() and not _PREFIXED.match(version):
        return "", set()
    words = {word for word in rest if word.isalpha() and word not in _DISTRIBUTIONS}
    return version, words


RULES = (
    Rule(
        id="mutable-tag",
        severity=Severity.WARNING,
        title="Images of Docker Hub are named by a full version",
        guideline=6,
        of_workshop=mutable,
    ),
    Rule(
        id="tag-selection",
        severity=Severity.WARNING,
        title="Workshop files are named by one tag",
        guideline=6,
        of_workshop=selected,
    ),
    Rule(
        id="always-pulled",
        severity=Severity.WARNING,
        title="The workshop's own image has a tag that lets nodes keep it",
        guideline=7,
        elsewhere="the imagePullPolicy of the workshop's container in running sessions",
        of_workshop=always,
    ),
    Rule(
        id="short-name",
        severity=Severity.ERROR,
        title="Educates' own images are named by their exact short names",
        guideline=2,
        of_workshop=short_name,
    ),
    Rule(
        id="digest-without-tag",
        severity=Severity.NOTE,
        title="A digest stands behind a tag",
        of_workshop=digest_only,
    ),
    Rule(
        id="two-versions",
        severity=Severity.NOTE,
        title="A workshop uses one version of an image",
        of_workshop=versions,
    ),
)
