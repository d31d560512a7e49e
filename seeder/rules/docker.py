"""The docker engine of a workshop, and the mirror that it pulls through (guideline 3, 5, 14)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from seeder.model.occurrence import Context, Occurrence, Puller
from seeder.model.platform import Platform
from seeder.rules.rule import Place, Problem, Rule, Severity
from seeder.rules.subject import BUILDS, Definition, Workshop

_DOCKER = ("session", "applications", "docker")
_REGISTRY = ("session", "applications", "registry")
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(m|k|[MGTPE]|[KMGTPE]i)?\Z")
_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18} | {
    f"{unit}i": 1024**power for power, unit in enumerate("KMGTPE", 1)
}
# Educates' defaults (session-manager, handlers/workshopenvironment.py); the mirror's memory follows the registry's.
_STORAGE, _MEMORY = "5Gi", "768Mi"
_MARGIN = Decimal("0.8")
_NODE = Platform("linux", "amd64")


def quantity(text: str) -> int | None:
    """The bytes of a Kubernetes quantity; None where it is none.

    >>> quantity("5Gi")
    5368709120
    """
    match = _QUANTITY.match(text.strip())
    if match is None or match[2] == "m":
        return None
    return int(Decimal(match[1]) * _UNITS[match[2] or ""])


def _enabled(workshop: Workshop) -> Iterator[Definition]:
    return (each for each in workshop.definitions if each.is_on(*_DOCKER, "enabled"))


def _by_docker(workshop: Workshop) -> list[Occurrence]:
    return [one for one in workshop.on_hub() if workshop.is_by_docker(one)]


def mirror(workshop: Workshop) -> Iterator[Problem]:
    found = sorted({one.familiar for one in _by_docker(workshop)})
    if not found:
        return
    for definition in _enabled(workshop):
        yield Problem(
            place=_place(definition, *_DOCKER, "enabled"),
            message=f"the session's docker pulls {_listed(found)} from Docker Hub, in each session anew unless the "
            "cluster has a mirror",
            remedy="have dockerDaemon.proxyCache set in the cluster (Educates 3.3.1 or newer), or let `seeder "
            "rewrite` point the workshop at your registry",
        )


def storage(workshop: Workshop) -> Iterator[Problem]:
    sizes = {one.familiar: size for one in _by_docker(workshop) if (size := _size(workshop, one)) is not None}
    for definition in _enabled(workshop):
        given = definition.text(*_DOCKER, "storage") or _STORAGE
        room = quantity(given)
        total = sum(sizes.values())
        if room is not None and total > room * _MARGIN:
            yield Problem(
                place=_place(definition, *_DOCKER, "storage"),
                message=f"the mirror has {given} for {len(sizes)} images of {_mib(total)} together: once it is full, "
                "they are pulled from Docker Hub again and again",
                remedy=f"set session.applications.docker.storage to {_mib(int(total * 2))} or more",
            )


def _size(workshop: Workshop, one: Occurrence) -> int | None:
    """The bytes that dockerd pulls of an image, where the lock knows them."""
    pin = workshop.pin(one)
    known = pin.platforms if pin else {}
    fitting = [of.size for platform, of in known.items() if _NODE.accepts(platform)]
    return max(fitting, default=None)


def memory(workshop: Workshop) -> Iterator[Problem]:
    for definition in _enabled(workshop):
        given = definition.text(*_REGISTRY, "memory")
        found, least = quantity(given) if given else None, quantity(_MEMORY)
        if found is not None and least is not None and found < least:
            yield Problem(
                place=_place(definition, *_REGISTRY, "memory"),
                message=f"registry.memory is {given}, and the mirror of docker has that too: less than {_MEMORY} may "
                "end it in the middle of a class",
                remedy=f"set it to {_MEMORY} or more, or leave it out",
            )


def unused(workshop: Workshop) -> Iterator[Problem]:
    by_docker = {Puller.DOCKERD, Puller.BUILD}
    named = any(one.context in BUILDS and one.pulled_by in by_docker for one in workshop.occurrences)
    if named or workshop.docker_users or not workshop.has_content:
        return
    for definition in _enabled(workshop):
        if definition.at(*_DOCKER, "compose") is None:
            yield Problem(
                place=_place(definition, *_DOCKER, "enabled"),
                message="docker is enabled, and no file of the workshop uses it: each session starts a privileged "
                "engine, whose image is on Docker Hub, for nothing",
                remedy="take session.applications.docker out",
            )


def untagged(workshop: Workshop) -> Iterator[Problem]:
    """Names of what must be there already, where docker has it by its digest alone.

    Seen with Docker 20.10: after a pull by tag and digest, `docker rmi name:tag` knows no such image.
    """
    found = [one for one in workshop.pulled() if one.pulled_by is Puller.DOCKERD]
    by_digest = {one.canonical.partition("@")[0]: one for one in found if "@" in one.canonical}
    by_tag = {one.canonical for one in found}
    for one in workshop.pulled(Context.SHELL_COMMAND, Context.INSTRUCTIONS_COMMAND):
        pulled = by_digest.get(one.canonical) if one.pulled_by is Puller.NONE else None
        if pulled is not None and one.canonical not in by_tag:
            digest = pulled.canonical.partition("@")[2]
            yield Problem(
                place=Place.of_occurrence(one),
                message=f"docker knows no {one.familiar}: {pulled.place} pulls it by digest, and so no tag is kept",
                remedy=f"pull it by its tag first, or name it by digest: {one.raw.rpartition(':')[0]}@{digest[:15]}…",
            )


def _place(definition: Definition, *path: str) -> Place:
    """Where a key's value stands; where it is left out, the nearest that is there above it."""
    for end in range(len(path), -1, -1):
        node = definition.at(*path[:end])
        if node is not None:
            return Place.of_node(definition.file, node)
    return Place.of_node(definition.file, definition.root)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _mib(size: int) -> str:
    return f"{size // 1024**2 or 1}Mi" if size < 10 * 1024**3 else f"{size // 1024**3}Gi"


RULES = (
    Rule(
        id="docker-without-mirror",
        severity=Severity.NOTE,
        title="What docker pulls from Docker Hub goes through a mirror",
        guideline=3,
        elsewhere="whether dockerDaemon.proxyCache is set, and the mirror runs and is used",
        of_workshop=mirror,
    ),
    Rule(
        id="mirror-storage",
        severity=Severity.WARNING,
        title="The mirror has room for what docker pulls",
        guideline=5,
        elsewhere="how full the mirror's volume is, and whether it reports that no space is left",
        of_workshop=storage,
    ),
    Rule(
        id="mirror-memory",
        severity=Severity.WARNING,
        title="The mirror has enough memory",
        guideline=5,
        of_workshop=memory,
    ),
    Rule(
        id="docker-unused",
        severity=Severity.WARNING,
        title="Docker is enabled only where it is used",
        guideline=14,
        of_workshop=unused,
    ),
    Rule(
        id="docker-tag-missing",
        severity=Severity.NOTE,
        title="What docker commands call by its tag is pulled by its tag",
        of_workshop=untagged,
    ),
)
