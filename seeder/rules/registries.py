"""Registries and formats that are gone, or going."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from seeder.model.media_type import SCHEMA1
from seeder.model.occurrence import Occurrence
from seeder.rules.rule import Fix, Place, Problem, Rule, Severity, fixes
from seeder.rules.subject import Workshop


class _Gone(Struct, frozen=True, kw_only=True):
    """A prefix of canonical names; `same` is the prefix under which the same images stand, for a safe fix."""

    prefix: str
    what: str
    remedy: str
    same: str = ""


_GONE = (
    _Gone(  # kubernetes.io/blog/2023/02/06/k8s-gcr-io-freeze-announcement
        prefix="k8s.gcr.io/",
        what="k8s.gcr.io is frozen since April 2023",
        remedy="write registry.k8s.io, which has the same images",
        same="registry.k8s.io/",
    ),
    _Gone(  # docs.github.com: migrating to the Container registry from the Docker registry
        prefix="docker.pkg.github.com/",
        what="docker.pkg.github.com was replaced by ghcr.io",
        remedy="look the image up under the repository's packages; it stands at ghcr.io/OWNER/IMAGE",
    ),
    _Gone(  # github.com/bitnami/containers/issues/83267
        prefix="docker.io/bitnami/",
        what="Bitnami's versions left docker.io/bitnami in 2025; only a few images remain there, as latest",
        remedy="use the project's own image; docker.io/bitnamilegacy has the old ones, without updates",
    ),
)


def gone(workshop: Workshop) -> Iterator[Problem]:
    for one in workshop.pulled():
        for each in _GONE:
            if one.canonical.startswith(each.prefix):
                yield Problem(
                    place=Place.of_occurrence(one),
                    message=f"{one.canonical}: {each.what}",
                    remedy=each.remedy,
                    fixes=_moved(workshop, one, each),
                )
        if one.raw.startswith("registry.hub.docker.com/"):
            yield Problem(
                place=Place.of_occurrence(one),
                message=f"{one.raw}: registry.hub.docker.com is no name to rely on for Docker Hub",
                remedy=f"write {one.canonical}",
            )


def _moved(workshop: Workshop, one: Occurrence, gone_: _Gone) -> tuple[Fix, ...]:
    part = one.parts[0]
    if not gone_.same or not one.rewritable or len(one.parts) != 1 or not part.text.startswith(gone_.prefix):
        return ()
    return fixes(workshop, part, gone_.same + part.text.removeprefix(gone_.prefix))


def schema1(workshop: Workshop) -> Iterator[Problem]:
    for one in workshop.pulled():
        pin = workshop.pin(one)
        if pin is not None and pin.descriptor.media_type in SCHEMA1:
            yield Problem(
                place=Place.of_occurrence(one),
                message=f"{one.canonical} has a schema 1 manifest, which containerd 2 and new registries refuse",
                remedy="use a newer version, or have its publisher push it again",
            )


RULES = (
    Rule(
        id="deprecated-registry",
        severity=Severity.WARNING,
        title="Images are named where they are still kept",
        of_workshop=gone,
    ),
    Rule(
        id="schema1",
        severity=Severity.ERROR,
        title="No image has a schema 1 manifest",
        of_workshop=schema1,
    ),
)
