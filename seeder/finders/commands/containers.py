"""docker and what speaks its language: podman, nerdctl, buildah, dive."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from seeder.finders.commands.container_options import BUILD, COMMON, FROM, GLOBAL, PULL, RUN, SCAN
from seeder.finders.commands.use import Kind, Reading, Tool, Use, after, in_options, made, option_set, split, verbs
from seeder.finders.yaml.root import LITERAL
from seeder.model.occurrence import ANYWHERE, Puller
from seeder.model.reference import has_selector
from seeder.syntax.shell_nodes import Word

_OPTION_LIKE = re.compile(r"\$\{?\w*(?:OPT|ARG|FLAG|PARAM)\w*(?:\[[@*]\])?\}?\Z", re.IGNORECASE)
_PORTS = re.compile(r"(?:\d+(?:\.\d+){3}:)?\d{2,5}:\d{2,5}(?:/(?:tcp|udp))?\Z")  # `-P 8080:80`, where `-p` was meant
_BASE = re.compile(r"IMAGE|BASE|FROM", re.IGNORECASE)


def _run(words: Sequence[Word], options: frozenset[str] = RUN) -> Iterator[Reading]:
    """The first word that is no option; `$DOCKER_OPTS` before it is passed over, and ports that no option takes."""
    for count in range(1, 4):
        found = split(words, options, stop=count)
        if len(found.positionals) < count or "--rootfs" in found.flags:
            return
        image = found.positionals[-1]
        if not _OPTION_LIKE.match(image.value) and not _PORTS.match(image.value):
            yield Use(word=after(image, "docker://") or image)
            return


def pull(words: Sequence[Word]) -> Iterator[Reading]:
    for word in split(words, PULL).positionals:
        yield Use(word=after(word, "docker://") or word)


def _build(words: Sequence[Word]) -> Iterator[Reading]:
    found = split(words, BUILD)
    yield from map(made, found.values("-t", "--tag", "--manifest"))
    for word in found.values("--from"):
        yield Use(word=word, puller=Puller.BUILD)
    for word in found.values("--build-arg"):
        name, equals, _ = word.value.partition("=")
        value = word.cut(len(name) + 1) if equals else word
        is_named = re.search(r"[/:]", value.value) if _BASE.search(name) else LITERAL.match(value.value)
        if equals and is_named:
            yield Use(word=value, puller=Puller.BUILD)
    for word in found.values("--build-context"):
        _, _, image = word.value.partition("=docker-image://")
        if image:
            yield Use(word=word.cut(len(word.value) - len(image)), puller=Puller.BUILD)


def push(words: Sequence[Word]) -> Iterator[Reading]:
    """podman and buildah also take a destination with its transport."""
    for word in split(words, PULL | COMMON).positionals:
        yield made(after(word, "docker://") or word)


def _tag(words: Sequence[Word]) -> Iterator[Reading]:
    source, *targets = split(words, COMMON).positionals or (None,)
    if source is not None and targets:
        yield Use(word=source, kind=Kind.LOCAL)
        yield from map(made, targets)


def _local(words: Sequence[Word]) -> Iterator[Reading]:
    for word in split(words, COMMON).positionals:
        yield Use(word=word, kind=Kind.LOCAL)


def _listed(words: Sequence[Word]) -> Iterator[Reading]:
    """`docker images nginx` lists all versions that are here."""
    found = split(words, option_set("f filter format"))
    references = [word for each in found.values("-f", "--filter") if (word := after(each, "reference="))]
    for word in (*found.positionals, *references):
        yield Use(word=word, kind=Kind.LOCAL, file="" if has_selector(word.value) else ANYWHERE)


def _remove(words: Sequence[Word]) -> Iterator[Reading]:
    """`-f` is no filter here but force."""
    for word in split(words, frozenset({"--platform"})).positionals:
        yield Use(word=word, kind=Kind.LOCAL)


def _inspect(words: Sequence[Word]) -> Iterator[Reading]:
    """`docker inspect` takes containers too, whose names hold neither colon nor slash."""
    found = split(words, COMMON)
    is_image = any(word.value == "image" for word in found.values("--type"))
    for word in found.positionals:
        if is_image or re.search(r"[:/]", word.value):
            yield Use(word=word, kind=Kind.LOCAL)


def _ps(words: Sequence[Word]) -> Iterator[Reading]:
    """`docker ps --filter ancestor=nginx`"""
    for word in split(words, option_set("f filter format n last")).values("-f", "--filter"):
        if image := after(word, "ancestor="):
            yield Use(word=image, kind=Kind.LOCAL)


def _commit(words: Sequence[Word]) -> Iterator[Reading]:
    yield from map(made, split(words, COMMON).positionals[1:2])


def _look(words: Sequence[Word]) -> Iterator[Reading]:
    """Asks a registry for a manifest: `docker manifest inspect`, `buildx imagetools inspect`."""
    for word in split(words, COMMON).positionals[:1]:
        yield Use(word=word, puller=Puller.CLI)


def _join(words: Sequence[Word]) -> Iterator[Reading]:
    """`buildx imagetools create -t NEW OLD…`"""
    found = split(words, COMMON)
    yield from map(made, found.values("-t", "--tag"))
    for word in found.positionals:
        yield Use(word=word, puller=Puller.CLI)


def _scan(words: Sequence[Word]) -> Iterator[Reading]:
    for word in split(words, SCAN).positionals[:1]:
        scheme, _, rest = word.value.partition("://")
        if rest and scheme not in {"image", "registry"}:
            return
        yield Use(word=word.cut(len(word.value) - len(rest)) if rest else word)


def _scout(words: Sequence[Word]) -> Iterator[Reading]:
    """Asks the registry itself where the machine has no such image, past dockerd's mirror; dive likewise."""
    yield from _pulled_by(Puller.CLI, _scan(words))
    for word in split(words, SCAN).values("--to"):
        yield from _pulled_by(Puller.CLI, _scan([word]))


def _pulled_by(puller: Puller, readings: Iterator[Reading]) -> Iterator[Reading]:
    """What would be dockerd's to pull is pulled by another."""
    for reading in readings:
        if isinstance(reading, Use) and reading.puller is Puller.DOCKERD:
            yield replace(reading, puller=puller)
        else:
            yield reading


def _plugin(words: Sequence[Word]) -> Iterator[Reading]:
    """`docker plugin install IMAGE KEY=VALUE…`"""
    for word in split(words, option_set("alias")).positionals[:1]:
        yield Use(word=word)


def _builder(words: Sequence[Word]) -> Iterator[Reading]:
    """`buildx create --driver-opt image=moby/buildkit:v0.13.2`"""
    found = split(words, option_set("driver-opt driver name node platform buildkitd-config"))
    for word in found.values("--driver-opt"):
        if image := after(word, "image="):
            yield Use(word=image.cut(0, len(image.value.partition(",")[0])))


def _add(words: Sequence[Word]) -> Iterator[Reading]:
    """`podman manifest add LIST IMAGE`"""
    for word in split(words, COMMON).positionals[1:2]:
        yield Use(word=after(word, "docker://") or word)


def _from(words: Sequence[Word]) -> Iterator[Reading]:
    for reading in _run(words, FROM):
        yield replace(reading, puller=Puller.BUILD) if isinstance(reading, Use) else reading


_COPY = option_set("chmod chown contextdir ignorefile authfile cert-dir creds")

_VERBS: dict[str, Tool] = {
    "run": _run,
    "create": _run,
    "pull": pull,
    "build": _build,
    "bud": _build,
    "push": push,
    "tag": _tag,
    "rmi": _remove,
    "history": _local,
    "save": _local,
    "images": _listed,
    "inspect": _inspect,
    "ps": _ps,
    "commit": _commit,
    "import": _commit,
    "from": _from,
    **dict.fromkeys(("copy", "add"), in_options(Puller.BUILD, _COPY, "--from")),  # of buildah
}
_GROUPS: dict[str, dict[str, Tool]] = {
    "container": {"run": _run, "create": _run, "commit": _commit},
    "image": _VERBS
    | {"rm": _remove, "remove": _remove, "ls": _listed, "list": _listed, "inspect": _local, "exists": _local},
    "buildx": {"build": _build, "b": _build, "create": _builder},
    "builder": {"build": _build},
    "imagetools": {"inspect": _look, "create": _join},
    "manifest": {"inspect": _look, "create": _tag, "add": _add},
    "service": {"create": _run, "update": in_options(Puller.DOCKERD, RUN, "--image")},
    "scout": dict.fromkeys(("cves", "quickview", "qv", "recommendations", "sbom", "compare"), _scout),
    "sbom": {"": _scan},
    "trust": {"inspect": _look},
    "plugin": {"install": _plugin},
    "pod": {"create": in_options(Puller.DOCKERD, RUN, "--infra-image")},
    "artifact": {"pull": pull},
}


def docker(words: Sequence[Word]) -> Iterator[Reading]:
    group = _VERBS
    for verb, rest in verbs(words, GLOBAL):
        if handler := group.get(verb):
            yield from handler(rest)
            return
        if verb not in _GROUPS:
            return
        group = _GROUPS[verb]
        if handler := group.get(""):
            yield from handler(rest)
            return


def daemonless(words: Sequence[Word]) -> Iterator[Reading]:
    """podman, nerdctl and buildah pull by themselves: no mirror of dockerd stands behind them."""
    yield from _pulled_by(Puller.CLI, docker(words))


def buildx(words: Sequence[Word]) -> Iterator[Reading]:
    """The plugin called by its own name."""
    for verb, rest in verbs(words, GLOBAL):
        if handler := _GROUPS["buildx"].get(verb):
            yield from handler(rest)
        return


def dive(words: Sequence[Word]) -> Iterator[Reading]:
    found = split(words, option_set("source config highestUserWastedPercent lowestEfficiency j json ci-config"))
    if found.positionals and found.positionals[0].value == "build":
        yield from _build(words[1:])
    elif found.positionals:
        yield from _scout(found.positionals[:1])


TOOLS: dict[str, Tool] = {
    "docker": docker,
    **dict.fromkeys(("podman", "nerdctl", "buildah", "finch"), daemonless),
    "docker-buildx": buildx,
    "dive": dive,
}
