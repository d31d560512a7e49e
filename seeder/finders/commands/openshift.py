"""What `oc` has besides kubectl's commands (docs.openshift.com, "OpenShift CLI developer command reference")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from seeder.finders.commands.use import Arguments, Document, Kind, Reading, Use, by_place, deployed
from seeder.finders.variables import is_image_variable
from seeder.model.occurrence import Puller
from seeder.syntax.shell_nodes import Word

CREATORS = frozenset({"new-app", "new-build"})
# An address, a folder, and what git hosts have, which are no registries.
_SOURCE = re.compile(r"[./~]|.*(?:://|\.git\Z)|(?:github|gitlab)\.com/|bitbucket\.org/")


def openshift(names: Sequence[str], found: Arguments) -> Iterator[Reading]:
    """The images of a command whose first words are `names`."""
    verb = names[0] if names else ""
    if verb == "import-image":
        yield from map(deployed, found.values("--from"))
    elif verb == "tag":
        is_docker = any(word.value == "docker" for word in found.values("--source"))
        yield from (_image(word, needs_registry=not is_docker) for word in found.positionals[1:2])
    elif verb == "image":
        yield from _looked_at(names[1:], found)
    elif verb == "adm":
        yield from _administered(" ".join(word.value for word in found.positionals[1:3]), found)
    elif names[:2] in (["create", "imagestreamtag"], ["create", "istag"]):
        yield from map(deployed, found.values("--from-image"))
    elif verb in CREATORS:
        yield from _components(found.positionals[1:])
        yield from (Document(word, "dockerfile") for word in found.values("-D", "--dockerfile") if word.value != "-")
        yield from map(deployed, found.values("--source-image"))
        yield from _parameters(found.values("-p", "--param"))
    elif verb == "process":
        yield from _parameters(found.values("-p", "--param"))


def _image(word: Word, *, needs_registry: bool = False) -> Use:
    return Use(word=word, puller=Puller.KUBELET, needs_registry=needs_registry)


def _parameters(words: Iterable[Word]) -> Iterator[Use]:
    """`-p X_IMAGE=ref` of a template; without a registry it may as well be an image stream."""
    for word in words:
        name, equals, _ = word.value.partition("=")
        if equals and is_image_variable(name):
            yield _image(word.cut(len(name) + 1), needs_registry=True)


def _looked_at(verb: Sequence[str], found: Arguments) -> Iterator[Reading]:
    """`oc image info X`, `extract X`, `mirror FROM TO`, which ask registries themselves."""
    kinds = {"info": [Kind.PULL] * 8, "extract": [Kind.PULL], "mirror": [Kind.PULL, Kind.MAKE]}
    yield from by_place(found.positionals[2:], kinds.get("".join(verb), ()))


def _administered(verb: str, found: Arguments) -> Iterator[Reading]:
    """`oc adm release info X`, `oc adm catalog mirror FROM TO`, which ask registries themselves."""
    if verb in {"release info", "release extract", "catalog mirror"}:
        yield from (Use(word=word, puller=Puller.CLI) for word in found.positionals[3:4] if "://" not in word.value)
    elif verb in {"release mirror", "catalog build"}:
        yield from (Use(word=word, puller=Puller.CLI) for word in found.values("--from"))


def _components(words: Sequence[Word]) -> Iterator[Reading]:
    """`oc new-app org/image:tag`, `org/builder~https://git…`, `org/a+org/b` in one pod.

    A name without `/` is looked for among image streams first, and may be a template.
    """
    for word in words:
        start = 0
        for component in word.value.split("+"):
            image, built, _ = component.partition("~")
            if _SOURCE.match(image):
                break
            if "/" in image:
                yield _image(word.cut(start, start + len(image)))
            if built:  # from sources, in whose address a `+` is one of its own
                break
            start += len(component) + 1
