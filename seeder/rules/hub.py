"""Docker Hub named where each session, node or command pays a pull for it (guideline 1, 2, 8, 12)."""

from __future__ import annotations

from collections.abc import Iterator

from seeder.model.occurrence import Context, Occurrence, Puller
from seeder.rules.rule import Place, Problem, Rule, Severity
from seeder.rules.subject import Workshop

# Nodes of the Workshop that are fetched for each session or environment; `content` is that of older versions.
_FETCHED = (("workshop", "files"), ("workshop", "packages"), ("environment", "assets"), ("content",))
_FILES = (Context.WORKSHOP_FILES, Context.EXTENSION_PACKAGE, Context.IMGPKG_BUNDLE, Context.HELM_OCI)
_COMMANDS = (Context.SHELL_COMMAND, Context.INSTRUCTIONS_COMMAND, Context.HELM_OCI)
# Who does not pull through the session's docker, and who does unless the tool is one of its kin.
_OWN_WAY = frozenset({Puller.CLI, Puller.IMGPKG, Puller.VENDIR})
_BY_DOCKER = frozenset({Puller.DOCKERD, Puller.BUILD})
_DEPLOYED = (
    Context.POD_SPEC,
    Context.CUSTOM_RESOURCE,
    Context.HELM_VALUES,
    Context.HELM_OCI,
    Context.IMGPKG_BUNDLE,
    Context.SHELL_COMMAND,
    Context.INSTRUCTIONS_COMMAND,
    Context.OTHER,
)
# Nodes of the Workshop whose containers make up the workshop's own pod.
_OWN_POD = (("session", "initContainers"), ("session", "patches"), ("session", "volumes"))


def files(workshop: Workshop) -> Iterator[Problem]:
    for one in workshop.occurrences:
        is_published = one.context is Context.PUBLISH
        if one.hub and (is_published or (one.pulled and _is_fetched(workshop, one))):
            yield _problem(
                one,
                f"{one.familiar} is {'published to' if is_published else 'fetched from'} Docker Hub: every session "
                "pulls it, and a class behind one address shares its limit",
                "publish the workshop's files to another registry, such as ghcr.io, and name that here",
            )


def _is_fetched(workshop: Workshop, one: Occurrence) -> bool:
    return one.context in _FILES and any(each.holds(one, *path) for each in workshop.definitions for path in _FETCHED)


def own_image(workshop: Workshop) -> Iterator[Problem]:
    for one in workshop.on_hub():
        if one.context is Context.WORKSHOP_IMAGE:
            part = "the workshop's own image"
        elif _is_own_pod(workshop, one):
            part = "an image of the workshop's own pod"
        else:
            continue
        yield _problem(
            one,
            f"{one.familiar}, {part}, is on Docker Hub: each node pulls it, and no mirror helps there",
            "host it in another registry, or let `seeder rewrite` point the workshop at yours",
        )


def deployed(workshop: Workshop) -> Iterator[Problem]:
    for one in workshop.on_hub(*_DEPLOYED):
        by_cluster = one.pulled_by is Puller.KUBELET or one.context is Context.IMGPKG_BUNDLE
        if by_cluster and not _is_own_pod(workshop, one) and not _is_fetched(workshop, one):
            yield _problem(
                one,
                f"{one.familiar} is deployed to the cluster from Docker Hub, past the mirror of docker",
                "`seeder rewrite` points it at your registry; or push it to the session's registry first",
            )


def past_the_mirror(workshop: Workshop) -> Iterator[Problem]:
    for one in workshop.on_hub(*_COMMANDS):
        is_past = one.pulled_by in _OWN_WAY or (one.pulled_by in _BY_DOCKER and workshop.is_past_docker(one))
        if is_past and not _is_fetched(workshop, one):
            yield _problem(
                one,
                f"{one.familiar} is fetched from Docker Hub by a tool that does not use docker's mirror",
                "let `seeder rewrite` point the command at your registry, or pull with docker first",
            )


def _is_own_pod(workshop: Workshop, one: Occurrence) -> bool:
    return any(each.holds(one, *path) for each in workshop.definitions for path in _OWN_POD)


def _problem(one: Occurrence, message: str, remedy: str) -> Problem:
    return Problem(place=Place.of_occurrence(one), message=message, remedy=remedy)


RULES = (
    Rule(
        id="hub-workshop-files",
        severity=Severity.ERROR,
        title="Workshop files are not on Docker Hub",
        guideline=1,
        elsewhere="whether $(image_repository) of the portal or the cluster is on Docker Hub",
        of_workshop=files,
    ),
    Rule(
        id="hub-workshop-image",
        severity=Severity.ERROR,
        title="The workshop's own image is not on Docker Hub",
        guideline=2,
        elsewhere="which images the pods of running sessions have",
        of_workshop=own_image,
    ),
    Rule(
        id="hub-deployment",
        severity=Severity.WARNING,
        title="What is deployed to the cluster does not name Docker Hub",
        guideline=8,
        of_workshop=deployed,
    ),
    Rule(
        id="hub-past-mirror",
        severity=Severity.WARNING,
        title="Tools that do not use docker's mirror do not fetch from Docker Hub",
        guideline=12,
        of_workshop=past_the_mirror,
    ),
)
