"""helm, and the settings of its charts that other tools take too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from seeder.finders.commands.use import Kind, Reading, Tool, Use, after, deployed, option_set, split
from seeder.finders.yaml import charts
from seeder.model.occurrence import Context, Puller, Role, Spelling
from seeder.syntax.shell_nodes import Word

_HELM = option_set(
    "n namespace kube-context kubeconfig f values set set-string set-file set-json set-literal version repo username "
    "password ca-file cert-file key-file keyring timeout description d destination untardir o output name-template a "
    "api-versions kube-version s show-only post-renderer history-max registry-config repository-cache repository-config"
)
_FOLDER = re.compile(r"(?:[.~]{1,2}|\$\{?\w+\}?)?/(?:[^\s/]+/)*([A-Za-z][\w-]*)/?\Z")
_ROLES = {
    "registry": Role.REGISTRY,
    "repository": Role.REPOSITORY,
    "name": Role.REPOSITORY,
    "tag": Role.TAG,
    "digest": Role.DIGEST,
}


def helm(words: Sequence[Word]) -> Iterator[Reading]:
    found = split(words, _HELM)
    names = [word.value for word in found.positionals[:2]]
    if names[:1] == ["chart"]:
        for word in found.positionals[2:]:
            kind = Kind.MAKE if names[1:] in (["push"], ["save"]) else Kind.PULL
            yield Use(word=word, kind=kind, puller=Puller.CLI, context=Context.HELM_OCI)
        return
    version = next(found.values("--version"), None)
    for word in found.positionals[1:]:
        if chart := after(word, "oci://"):
            yield from _chart(chart, version, is_push=names[0] == "push")
    folder = next((match[1] for word in found.positionals[1:] if (match := _FOLDER.match(word.value))), "")
    yield from set_values([*found.values("--set"), *found.values("--set-string")], folder)


def _chart(chart: Word, version: Word | None, *, is_push: bool) -> Iterator[Reading]:
    """`oci://host/path`, whose tag is the value of --version."""
    if is_push:
        yield Use(word=chart, kind=Kind.MAKE, context=Context.HELM_OCI)
    else:
        yield Use(parts=((Role.NAME, chart),), version=version, puller=Puller.CLI, context=Context.HELM_OCI)


def set_values(words: Sequence[Word], folder: str = "") -> Iterator[Reading]:
    """`image=x` is a name; `image.repository=x,image.tag=y` are the parts of one, grouped by what stands before.

    A tag alone is that of the repository which the values of the chart in `folder` name.
    """
    pairs = [(pair.value.partition("=")[0], pair) for word in words for pair in _pairs(word)]
    yield from values_of([(key, pair.cut(len(key) + 1)) for key, pair in pairs], folder)


def values_of(pairs: Iterable[tuple[str, Word]], folder: str = "") -> Iterator[Use]:
    """The names that keys and their values make, grouped by what stands before the last part of a key."""
    groups: dict[str, list[tuple[Role, Word]]] = {}
    for key, word in pairs:
        above, _, last = key.rpartition(".")
        if last.lower().endswith("image") and word.value:
            yield deployed(word)
        elif last in _ROLES and (last != "name" or above.lower().endswith("image")):
            groups.setdefault(above, []).append((_ROLES[last], word))
    for above, parts in groups.items():
        roles = {role for role, _ in parts}
        if Role.REPOSITORY in roles and (above.lower().endswith("image") or roles & {Role.TAG, Role.DIGEST}):
            yield Use(parts=tuple(parts), puller=Puller.KUBELET, spelling=Spelling.COMMAND)
        elif folder and above and roles == {Role.TAG}:
            named = f"$({charts.repository(folder, above)})"
            yield Use(parts=tuple(parts), before=named, puller=Puller.KUBELET, spelling=Spelling.COMMAND)


def _pairs(word: Word) -> Iterator[Word]:
    """`a=b,c=d`, with `\\,` no end of a pair."""
    for match in re.finditer(r"(?:[^,\\]|\\.)+", word.value):
        if "=" in match[0]:
            yield word.cut(*match.span())


TOOLS: dict[str, Tool] = dict.fromkeys(("helm", "helm3"), helm)
