"""Nodes of a cluster and what makes them: ctr, crictl, kind, k3d, minikube."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seeder.finders.commands.container_options import GLOBAL, RUN
from seeder.finders.commands.containers import pull, push
from seeder.finders.commands.use import Kind, Reading, Tool, Use, after, deployed, made, option_set, split, verbs
from seeder.model.occurrence import Puller, Spelling
from seeder.syntax.shell_nodes import Word


def ctr(words: Sequence[Word]) -> Iterator[Reading]:
    """containerd's own: `ctr -n k8s.io images pull REF`, `ctr run REF ID`."""
    for verb, rest in verbs(words, GLOBAL):
        if verb in {"pull", "run"}:
            found = split(rest, RUN | option_set("k hosts-dir skip-metadata mount"), stop=1)
            yield from (Use(word=word, puller=Puller.CLI, spelling=Spelling.COMMAND) for word in found.positionals[:1])
            return
        if verb == "push":
            yield from push(rest)
            return
        if verb in _HERE:
            names = split(rest, option_set("platform")).positionals
            yield from _named(names[verb == "export" :], is_tag=verb == "tag")
            return


_HERE = frozenset({"tag", "export", "rm", "remove", "delete", "del", "check", "label", "inspect"})


def _named(names: Sequence[Word], *, is_tag: bool) -> Iterator[Reading]:
    """Names of images that are here, and after the first of `tag` those that they get."""
    for at, word in enumerate(names):
        is_made = is_tag and at > 0
        name = after(word, "name==") or word
        if is_made or "=" not in name.value:
            yield made(name) if is_made else Use(word=name, kind=Kind.LOCAL)


def crictl(words: Sequence[Word]) -> Iterator[Reading]:
    for verb, rest in verbs(words, option_set("r i t c config runtime-endpoint image-endpoint timeout")):
        if verb == "pull":
            for word in split(rest, option_set("creds auth pod-config a annotation")).positionals[:1]:
                yield deployed(word)
        elif verb in {"rmi", "inspecti", "images", "img"}:
            yield from _named(split(rest, option_set("o output template")).positionals, is_tag=False)
        return


_CLUSTER = option_set(
    "base-image name n config retain wait kubeconfig image i k3s-arg p port agents servers c cluster nodes"
)


def cluster(words: Sequence[Word]) -> Iterator[Reading]:
    """`kind load docker-image X`, `k3d image import X`, `minikube image load X`; the node image of `create cluster`."""
    names = [word.value for word in words[:3]]
    if names[:2] in (["load", "docker-image"], ["image", "import"], ["image", "load"]):
        for word in split(words[2:], _CLUSTER).positionals:
            yield Use(word=word, kind=Kind.LOAD)
    elif names[:2] in (["image", "pull"], ["cache", "add"]):
        yield from pull(words[2:])
    elif names[:1] in (["create"], ["cluster"], ["start"]):
        for word in split(words, _CLUSTER).values("--image", "-i", "--base-image"):
            yield Use(word=word)


TOOLS: dict[str, Tool] = {
    "ctr": ctr,
    "crictl": crictl,
    **dict.fromkeys(("kind", "k3d", "minikube"), cluster),
}
