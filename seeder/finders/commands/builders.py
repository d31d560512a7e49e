"""Tools that build images from source: pack, Spring Boot's and Jib's plugins, kp, ko."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from seeder.finders.commands.use import Kind, Reading, Tool, Use, after, made, option_set, split
from seeder.model.occurrence import Puller
from seeder.syntax.shell_nodes import Word

_PACK = option_set(
    "B builder b buildpack e env env-file p path t tag network volume r run-image lifecycle-image cache-image cache "
    "pull-policy descriptor d default-process workspace previous-image docker-host gid uid creation-time platform "
    "report-output-dir sbom-output-dir buildpack-registry c config extension insecure-registry m mirror format f"
)


def _pulled(word: Word) -> Use:
    return Use(word=word, puller=Puller.BUILD)


def pack(words: Sequence[Word]) -> Iterator[Reading]:
    found = split(words, _PACK)
    names = [word.value for word in found.positionals[:2]]
    yield from map(_pulled, found.values("-B", "--builder", "--run-image", "--lifecycle-image"))
    for word in found.values("-b", "--buildpack", "--extension"):
        if image := after(word, "docker://"):
            yield _pulled(image)
    yield from map(made, found.values("-t", "--tag"))
    if names[:1] == ["build"]:
        yield from map(made, found.positionals[1:2])
    elif names[:1] == ["rebase"]:
        yield from (Use(word=word, kind=Kind.LOCAL) for word in found.positionals[1:2])
    elif names in (["config", "default-builder"], ["builder", "inspect"], ["buildpack", "pull"]):
        yield from map(_pulled, found.positionals[2:3])
    elif names in (["builder", "create"], ["buildpack", "package"]):
        yield from map(made, found.positionals[2:3])


# Spring Boot's, Jib's and Quarkus' properties, as Maven (-D) and Gradle (--, -P) take them.
_MADE = (
    "-Dspring-boot.build-image.imageName=",
    "-Dimage=",
    "-Djib.to.image=",
    "-Djib.to.tags=",
    "-Dquarkus.container-image.image=",
    "-Ddocker.image.name=",
    "-Pjib.to.image=",
    "--imageName=",
    "--image=",
)
_SPACED = frozenset({"--builder", "--runImage"})  # as Gradle takes them too
_PULLED = (
    "-Dspring-boot.build-image.builder=",
    "-Dspring-boot.build-image.runImage=",
    "-Djib.from.image=",
    "-Pjib.from.image=",
    "-Dquarkus.jib.base-jvm-image=",
    "-Dquarkus.native.builder-image=",
    "--builder=",
    "--runImage=",
)


def java(words: Sequence[Word]) -> Iterator[Reading]:
    for before, word in pairwise(words):
        if before.value in _SPACED and "/" in word.value:
            yield _pulled(word)
    for word in words:
        for prefix in _MADE:
            if image := after(word, prefix):
                yield made(image)
        for prefix in _PULLED:
            if image := after(word, prefix):
                yield _pulled(image)


_KP = option_set(
    "tag t git git-revision blob local-path sub-path env e builder b cluster-builder c n namespace build-image "
    "run-image buildpackage order o stack s store service-account additional-tag cache-size registry-ca-cert-path r"
)
_KP_SHORT = {"clusterstack": ("-b", "-r"), **dict.fromkeys(("clusterstore", "buildpack", "clusterbuildpack"), ("-b",))}


def kp(words: Sequence[Word]) -> Iterator[Reading]:
    found = split(words, _KP)
    yield from map(made, found.values("--tag", "-t", "--additional-tag"))
    yield from map(_pulled, found.values("--build-image", "--run-image", "--buildpackage"))
    short = _KP_SHORT.get(next((word.value for word in found.positionals), ""), ())
    yield from (_pulled(word) for word in found.values(*short) if "/" in word.value)


_S2I = option_set(
    "e env env-file r ref c context-dir p pull-policy as-dockerfile runtime-image application-name callback-url "
    "allowed-uids d destination i inject s scripts-url image-scripts-url volume assemble-user assemble-runtime-user"
)


def s2i(words: Sequence[Word]) -> Iterator[Reading]:
    """`s2i build SOURCE BUILDER NAME`"""
    names = split(words, _S2I).positionals
    if names and names[0].value == "build":
        yield from map(_pulled, names[2:3])
        yield from map(made, names[3:4])


def apptainer(words: Sequence[Word]) -> Iterator[Reading]:
    for word in words:
        if image := after(word, "docker://"):
            yield Use(word=image, puller=Puller.CLI)


TOOLS: dict[str, Tool] = {
    "pack": pack,
    **dict.fromkeys(("mvn", "mvnw", "gradle", "gradlew", "quarkus"), java),
    "kp": kp,
    "s2i": s2i,
    **dict.fromkeys(("apptainer", "singularity"), apptainer),
}
