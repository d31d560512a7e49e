"""What `oc` has besides kubectl's commands (docs.openshift.com, "OpenShift CLI developer command reference")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from seeder.finders.commands.use import Arguments, Kind, Reading, Use, by_place, deployed
from seeder.finders.variables import is_image_variable
from seeder.model.occurrence import Puller
from seeder.syntax.shell_nodes import Word


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
    elif verb in {"new-app", "process"}:
        yield from _new_app(found.positionals[1:] if verb == "new-app" else ())
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


def _new_app(words: Sequence[Word]) -> Iterator[Reading]:
    """`oc new-app image:tag` and `builder-image~https://git…`; bare words are templates and image streams."""
    for word in words:
        image, tilde, _ = word.value.partition("~")
        if "://" in image or image.startswith((".", "/")):
            continue
        if "/" in image or (":" in image and tilde):
            yield _image(word.cut(0, len(image)))
