"""Educates' shared image cache: paths that lead somewhere, rules that serve someone (guideline 9, 10, 13)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.model.media_type import DOCKER_LIST, DOCKER_MANIFEST
from seeder.model.occurrence import Occurrence, Puller
from seeder.model.reference import without_tag
from seeder.rules.cache_faults import faults
from seeder.rules.cache_paths import Content, Match, Registry, matches, registries
from seeder.rules.rule import Place, Problem, Rule, Severity
from seeder.rules.subject import Definition, Workshop
from seeder.syntax.yaml_nodes import at, string

_IMAGES = ("environment", "images")
# The cache's service, and its ingress: an environment is called PORTAL-wNN (training-portal, environments.py).
_LITERAL = re.compile(r"image-cache\.[^.]+(?:-w\d+(?::\d+)?\Z|\.svc\b)|images-[^.]+-w\d+\.")


def path_of(one: Occurrence) -> str | None:
    """The path in the cache that an occurrence names; None where it names something else."""
    if not one.unresolved or one.unresolved[0].lower().removeprefix("env_") != "oci_image_cache":
        return None
    return without_tag(one.canonical.partition("/")[2])


def _through(workshop: Workshop) -> list[tuple[Occurrence, str]]:
    found = [(one, path_of(one)) for one in workshop.pulled()]
    return [(one, path) for one, path in found if path]


def _upstreams(workshop: Workshop) -> list[Registry]:
    return [each for definition in workshop.definitions for each in registries(definition.at(*_IMAGES))]


def unmapped(workshop: Workshop) -> Iterator[Problem]:
    upstreams = _upstreams(workshop)
    for one, path in _through(workshop):
        found = list(matches(upstreams, path))
        if not upstreams:
            message = f"{one.raw} is in the image cache, and this workshop has none"
            remedy = "list its upstream under spec.environment.images.registries"
        elif not found:
            message = f"no rule of the image cache is about {path}, so that the cache answers 404"
            remedy = "add a rule, with onDemand: true, or correct the path; library/ is needed for Docker Hub's own"
        elif len(found) > 1:
            message = (
                f"{len(found)} rules of the image cache are about {path}; the first, for {_shown(found[0])}, counts"
            )
            remedy = "keep one of them"
        else:
            continue
        yield Problem(place=Place.of_occurrence(one), message=message, remedy=remedy)


def _shown(match: Match) -> str:
    return f"{match.registry.urls[0] if match.registry.urls else 'no address'}/{match.upstream}"


def unused(workshop: Workshop) -> Iterator[Problem]:
    paths = [path for _, path in _through(workshop)]
    for definition in workshop.definitions:
        upstreams = registries(definition.at(*_IMAGES))
        used = {id(match.content or match.registry) for path in paths for match in list(matches(upstreams, path))[:1]}
        for registry in upstreams:
            for rule in registry.contents or (registry,):
                if id(rule) not in used:
                    yield Problem(
                        place=Place.of_node(definition.file, rule.node),
                        message=f"nothing in the workshop names what this rule of the image cache serves ({_of(rule)})",
                        remedy="take the rule out, or name its images as $(oci_image_cache)/…",
                    )


def _of(rule: Content | Registry) -> str:
    return rule.pattern if isinstance(rule, Content) else ", ".join(rule.urls)


def ingress(workshop: Workshop) -> Iterator[Problem]:
    if any(definition.is_on(*_IMAGES, "ingress", "enabled") for definition in workshop.definitions):
        return
    for one, path in _through(workshop):
        if one.pulled_by is Puller.KUBELET or workshop.is_by_docker(one):
            by = Puller.KUBELET if one.pulled_by is Puller.KUBELET else Puller.DOCKERD
            yield Problem(
                place=Place.of_occurrence(one),
                message=f"{path} is pulled by {by}, which cannot reach the image cache without an ingress",
                remedy="set spec.environment.images.ingress.enabled: true",
            )


def digests(workshop: Workshop) -> Iterator[Problem]:
    types = {str(pin.descriptor.digest): pin.descriptor.media_type for pin in workshop.pins.values()}
    for one, path in _through(workshop):
        digest = one.canonical.partition("@")[2]
        known = types.get(digest, "")
        if digest and known in {"", DOCKER_LIST, DOCKER_MANIFEST}:
            said = "is in Docker's format" if known else "may be in Docker's format"
            yield Problem(
                place=Place.of_occurrence(one),
                message=f"{path} is named by digest and {said}: the cache converts that, and answers 404 to its digest",
                remedy="name it by tag there; a digest works for what is in OCI format",
            )


def credentials(workshop: Workshop) -> Iterator[Problem]:
    for definition in workshop.definitions:
        for entry in definition.fetched():
            for *where, key in (("image", "url"), ("imgpkgBundle", "image"), ("helmChart", "repository", "url")):
                secret = at(entry, *where, "secretRef")
                if secret is not None and "$(oci_image_cache)" in string(at(entry, *where, key)):
                    yield Problem(
                        place=Place.of_node(definition.file, secret),
                        message="the image cache answers 401 to every client that sends credentials",
                        remedy="take secretRef out; the cache carries public images only",
                    )


def broken(workshop: Workshop) -> Iterator[Problem]:
    for definition in workshop.definitions:
        for registry in registries(definition.at(*_IMAGES)):
            for node, message, remedy in faults(registry):
                yield Problem(place=Place.of_node(definition.file, node), message=message, remedy=remedy)


def open_(workshop: Workshop) -> Iterator[Problem]:
    for definition in workshop.definitions:
        for registry in registries(definition.at(*_IMAGES)):
            if not registry.on_demand:
                continue
            if not registry.contents:
                yield _opened(definition, registry)
            for content in registry.contents:
                if set(content.prefix.strip("/").split("/")) <= {"", "**", "*"}:
                    yield _opened(definition, content)


def literal(workshop: Workshop) -> Iterator[Problem]:
    for one in workshop.pulled():
        host = one.canonical.partition("/")[0]
        if _LITERAL.match(host):
            yield Problem(
                place=Place.of_occurrence(one),
                message=f"{host} names the cache of one environment; the next one has another name",
                remedy="write $(oci_image_cache), or what stands for it there, in its place",
            )


def _opened(definition: Definition, rule: Content | Registry) -> Problem:
    return Problem(
        place=Place.of_node(definition.file, rule.node),
        message="this rule lets every learner fill the cache with whatever the registry has",
        remedy="name the repositories that the workshop needs as prefixes",
    )


RULES = (
    Rule(
        id="cache-unmapped",
        severity=Severity.ERROR,
        title="Each path of the image cache has one rule",
        guideline=9,
        elsewhere="whether the cache serves each image",
        of_workshop=unmapped,
    ),
    Rule(
        id="cache-rule-broken",
        severity=Severity.ERROR,
        title="The rules of the image cache do what they say",
        guideline=9,
        of_workshop=broken,
    ),
    Rule(
        id="cache-ingress",
        severity=Severity.ERROR,
        title="Nodes and docker reach the image cache through its ingress",
        guideline=9,
        elsewhere="whether the ingress has a certificate that nodes trust",
        of_workshop=ingress,
    ),
    Rule(
        id="cache-digest",
        severity=Severity.WARNING,
        title="The image cache is asked by digest only for what is in OCI format",
        guideline=9,
        of_workshop=digests,
    ),
    Rule(
        id="cache-credentials",
        severity=Severity.ERROR,
        title="Nobody sends credentials to the image cache",
        guideline=10,
        elsewhere="whether each image that the cache carries is public",
        of_workshop=credentials,
    ),
    Rule(
        id="cache-rule-unused",
        severity=Severity.WARNING,
        title="Each rule of the image cache serves something",
        guideline=9,
        of_workshop=unused,
    ),
    Rule(
        id="cache-literal-host",
        severity=Severity.ERROR,
        title="The image cache is named by its variable",
        guideline=9,
        of_workshop=literal,
    ),
    Rule(
        id="cache-open",
        severity=Severity.NOTE,
        title="The rules of the image cache name what the workshop needs",
        guideline=13,
        elsewhere="how full mirror and cache are, and whether they hold what no workshop names",
        of_workshop=open_,
    ),
)
