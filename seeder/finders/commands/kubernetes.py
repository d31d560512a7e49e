"""kubectl, oc, kn, tanzu and others that name what a cluster will pull."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from seeder.finders.commands.helm import set_values
from seeder.finders.commands.openshift import CREATORS, openshift
from seeder.finders.commands.use import (
    Document,
    Kind,
    Reading,
    Tool,
    Use,
    after,
    deployed,
    in_options,
    made,
    option_set,
    split,
)
from seeder.finders.yaml import given
from seeder.model.occurrence import Puller
from seeder.syntax.shell_nodes import Word

VALUES = option_set(
    "n namespace context cluster kubeconfig s server token user as as-group l selector f filename o output image "
    "replicas port env labels overrides override-type restart requests limits serviceaccount schedule from c container "
    "target profile copy-to set-image command-timeout name type field-manager image-pull-policy as-user "
    "annotations e env-from revision-name scale-min scale-max concurrency-limit p param template docker-image "
    "image-stream strategy source to reference-policy group url timeout wait-timeout arg mount volume patch "
    "patch-file source-image builder-image filter-by-os context-dir build-env build-env-file env-file build-arg "
    "source-secret push-secret build-secret build-config-map source-image-path code file dockerfile D param-file "
    "from-image registry-config a to-image to-dir"
)
_SET_IMAGE = re.compile(r"([\w.*-]+)=")


def kubectl(words: Sequence[Word]) -> Iterator[Reading]:
    """`--image` wherever it stands, `set image`, `debug --set-image`, JSON in `--overrides`."""
    ours = until_dashes(words)
    found = split(ours, VALUES)
    names = [word.value for word in found.positionals[:2]]
    if names[:1] and names[0] in CREATORS:  # in `oc exec` and `oc run` -i stands alone
        found = split(ours, VALUES | {"-i"})
    values = [word.value for word in found.positionals[:6]]
    if ("set", "image") in pairwise(values):
        for word in found.positionals[values.index("set") + 2 :]:
            yield from _container_image(word)
        return
    if ("set", "env") in pairwise(values):
        yield from filter(None, map(_variable, found.positionals))
    if names[:1] == ["func"]:
        yield from (Use(word=word, puller=Puller.BUILD) for word in found.values("--builder-image"))
        yield from map(made, found.values("--image"))
        return
    for word in found.values("--image", "--docker-image"):
        yield deployed(word)
    for word in found.values("--set-image"):
        yield from _container_image(word)
    for word in found.values("--overrides", "--patch", *(["-p"] if names[:1] == ["patch"] else [])):
        yield Document(word, "yaml")
    yield from openshift(names, found)
    if names[:1] == ["crossplane"]:
        yield from packages(ours)


def until_dashes(words: Sequence[Word]) -> Sequence[Word]:
    """What stands before `--`: the rest runs in the container."""
    for index, word in enumerate(words):
        if word.value == "--":
            return words[:index]
    return words


def _container_image(word: Word) -> Iterator[Reading]:
    """`container=image` pairs; deployment/x and flags are none."""
    if match := _SET_IMAGE.match(word.value):
        yield deployed(word.cut(match.end()))


def _variable(word: Word) -> Use | None:
    """What `set env` gives a variable that is called an image, as in a manifest."""
    name, _, value = word.value.partition("=")
    return deployed(word.cut(len(name) + 1)) if given.is_variable(name) and given.is_tagged(value) else None


def tanzu(words: Sequence[Word]) -> Iterator[Reading]:
    """`tanzu package repository add NAME --url IMAGE`, kctrl likewise; `apps workload create --image`."""
    found = split(words, VALUES)
    for word in found.values("--image"):
        yield deployed(word)
    yield from map(made, found.values("--source-image"))
    if "repository" in [word.value for word in found.positionals[:3]]:
        for word in found.values("--url"):
            if "://" not in word.value:
                yield Use(word=word, puller=Puller.VENDIR)


_FLUX = option_set("url tag tag-semver digest source revision path interval n namespace o output provider secret-ref")


def flux(words: Sequence[Word]) -> Iterator[Reading]:
    found = split(words, _FLUX)
    is_push = any(word.value == "push" for word in found.positionals[:1])
    for word in (*found.positionals, *found.values("--url")):
        if artifact := after(word, "oci://"):
            yield Use(word=artifact, kind=Kind.MAKE if is_push else Kind.PULL, puller=Puller.CLI)


def kustomize(words: Sequence[Word]) -> Iterator[Reading]:
    """`kustomize edit set image name=new:tag other:tag`"""
    names = [word.value for word in words[:3]]
    for word in words[3:] if names == ["edit", "set", "image"] else ():
        name, equals, _ = word.value.rpartition("=")
        yield deployed(word.cut(len(name) + 1) if equals else word)


def ytt(words: Sequence[Word]) -> Iterator[Reading]:
    """`-v app.image=x` of ytt, and what other tools of its kind take alike."""
    for word in split(words, option_set("f file v data-value data-value-yaml o output")).values("-v", "--data-value"):
        key, equals, _ = word.value.partition("=")
        if equals and key.lower().endswith("image"):
            yield deployed(word.cut(len(key) + 1))


def azure(words: Sequence[Word]) -> Iterator[Reading]:
    """In `az acr`, --image is made in a registry that another option names; `import` takes it from --source."""
    if not words or words[0].value != "acr":
        yield from with_image(words)
        return
    for word in split(words, option_set("t image n name r registry source")).values("--source"):
        yield Use(word=word, puller=Puller.CLI)


def argocd(words: Sequence[Word]) -> Iterator[Reading]:
    found = split(words, option_set("kustomize-image helm-set helm-set-string p parameter repo path dest-namespace"))
    for word in found.values("--kustomize-image"):
        name, equals, _ = word.value.rpartition("=")
        yield deployed(word.cut(len(name) + 1) if equals else word)
    yield from set_values([*found.values("--helm-set", "--helm-set-string")])


def with_image(words: Sequence[Word]) -> Iterator[Reading]:
    """Any tool that takes `--image`: gcloud run, az container, kubectl plugins, an alias of kubectl."""
    for word in split(until_dashes(words), VALUES).values("--image"):
        yield deployed(word)


_DISK = re.compile(r"(?:.*,)?src:")


def virtctl(words: Sequence[Word]) -> Iterator[Reading]:
    """`virtctl create vm --volume-containerdisk=src:IMAGE,name:x`, `guestfs --image`, `vmexport` and their kin."""
    found = split(words, VALUES | option_set("volume-containerdisk"))
    for word in found.values("--volume-containerdisk"):
        start = match.end() if (match := _DISK.match(word.value)) else 0
        yield deployed(word.cut(start, start + len(word.value[start:].partition(",")[0])))
    if "image-upload" not in [word.value for word in found.positionals]:
        yield from map(deployed, found.values("--image"))


def packages(words: Sequence[Word]) -> Iterator[Reading]:
    """`crossplane xpkg install provider IMAGE`, `kubectl crossplane install configuration IMAGE`."""
    names = split(words, VALUES).positionals
    for word, kind in zip(names[1:], names, strict=False):
        if kind.value in {"provider", "configuration", "function"} and "/" in word.value:
            yield deployed(word)


def bundle(words: Sequence[Word]) -> Iterator[Reading]:
    """`operator-sdk run bundle IMAGE`, `bundle validate IMAGE`."""
    names = split(words, VALUES | {"--index-image"}).positionals
    values = [word.value for word in names[:2]]
    if values in (["run", "bundle"], ["run", "bundle-upgrade"], ["bundle", "validate"]):
        puller = Puller.KUBELET if values[0] == "run" else Puller.CLI
        yield from (Use(word=word, puller=puller) for word in names[2:3] if not word.value.startswith((".", "/")))


TOOLS: dict[str, Tool] = {
    **dict.fromkeys(("kubectl", "oc", "k", "kn", "kubecolor"), kubectl),
    **dict.fromkeys(("tanzu", "kctrl"), tanzu),
    **dict.fromkeys(("flux", "timoni", "conftest"), flux),
    "fission": in_options(Puller.KUBELET, VALUES, "--image", "--builder"),
    "virtctl": virtctl,
    **dict.fromkeys(("crossplane", "kubectl-crossplane"), packages),
    "operator-sdk": bundle,
    "kustomize": kustomize,
    "ytt": ytt,
    "az": azure,
    "argocd": argocd,
    "func": lambda words: kubectl([Word(words[0].source, "func", ()), *words]) if words else iter(()),
    **dict.fromkeys(("gcloud", "ibmcloud", "faas-cli"), with_image),
}
