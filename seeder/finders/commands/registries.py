"""skopeo, crane, oras, imgpkg and others that speak to registries themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seeder.finders.commands.use import Kind, Reading, Tool, Use, after, by_place, made, option_set, split
from seeder.model.occurrence import Puller, Spelling
from seeder.syntax.shell_nodes import Word

_SKOPEO = option_set(
    "authfile src-authfile dest-authfile creds src-creds dest-creds cert-dir src-cert-dir dest-cert-dir f format "
    "additional-tag sign-by sign-passphrase-file src-daemon-host dest-daemon-host daemon-host policy registries.d "
    "override-arch override-os override-variant tmpdir command-timeout s src d dest retry-times image-parallel-copies "
    "multi-arch digestfile encryption-key encrypt-layer decryption-key src-shared-blob-dir dest-shared-blob-dir "
    "src-username src-password dest-username dest-password username password src-registry-token dest-registry-token "
    "dest-compress-format dest-compress-level src-tls-verify- n"
)


# What each word after the verb is.
_SKOPEO_VERBS = {
    "copy": (Kind.PULL, Kind.MAKE),
    "inspect": (Kind.PULL,),
    "list-tags": (Kind.LIST,),
    "delete": (Kind.MAKE,),
}


def skopeo(words: Sequence[Word]) -> Iterator[Reading]:
    """Names come with their transport: `docker://` asks a registry, `docker-daemon:` the machine."""
    found = split(words, _SKOPEO)
    verb, *names = found.positionals or (None,)
    if verb is None:
        return
    if verb.value == "sync":
        if any(word.value == "docker" for word in found.values("-s", "--src")):
            yield from (Use(word=word, puller=Puller.CLI, spelling=Spelling.DIGEST_ONLY) for word in names[:1])
        return
    for word, kind in zip(names, _SKOPEO_VERBS.get(verb.value, ()), strict=False):
        yield from _transported(word, kind)


def _transported(word: Word, kind: Kind) -> Iterator[Reading]:
    """skopeo refuses a tag and a digest together."""
    if image := after(word, "docker://"):
        yield Use(word=image, kind=kind, puller=Puller.CLI, spelling=Spelling.DIGEST_ONLY)
    elif image := after(word, "docker-daemon:") or after(word, "containers-storage:"):
        yield Use(word=image, kind=Kind.MAKE if kind is Kind.MAKE else Kind.LOCAL)


_CRANE = option_set(
    "platform f format new_layer b base t tag o output e env a annotation l label u user repo set-platform j jobs "
    "new_base old_base rebased entrypoint cmd workdir w append c cache_path p password"
)
_CRANE_VERBS = {
    **dict.fromkeys(
        ("digest", "manifest", "config", "blob", "export", "validate", "flatten", "mutate", "rebase"), (Kind.PULL,)
    ),
    **dict.fromkeys(("copy", "cp"), (Kind.PULL, Kind.MAKE)),
    "pull": (Kind.PULL,),
    "tag": (Kind.PULL,),
    "ls": (Kind.LIST,),
}


def crane(words: Sequence[Word]) -> Iterator[Reading]:
    found = split(words, _CRANE)
    verb, *names = found.positionals or (None,)
    if verb is None:
        return
    if verb.value == "push":
        yield from by_place(names[1:2], (Kind.MAKE,))
    else:
        yield from by_place(names, _CRANE_VERBS.get(verb.value, ()))
    for word in found.values("-b", "--base", "--new_base", "--old_base"):
        yield Use(word=word, puller=Puller.CLI)
    if verb.value != "tag":
        yield from map(made, found.values("-t", "--tag", "--rebased"))


_ORAS = option_set(
    "u username p password registry-config config artifact-type a annotation annotation-file o output platform "
    "concurrency format from-username from-password to-username to-password distribution-spec ca-file "
    "from-registry-config to-registry-config export-manifest media-type depth resolve template last"
)


_ORAS_VERBS = {
    **dict.fromkeys(("pull", "discover", "resolve"), (Kind.PULL,)),
    **dict.fromkeys(("manifest fetch", "manifest fetch-config", "blob fetch"), (Kind.PULL,)),
    **dict.fromkeys(("cp", "copy"), (Kind.PULL, Kind.MAKE)),
    **dict.fromkeys(("push", "attach", "tag", "manifest push", "manifest delete", "blob push"), (Kind.MAKE,)),
    "repo tags": (Kind.LIST,),
}


def oras(words: Sequence[Word]) -> Iterator[Reading]:
    found = split(words, _ORAS)
    names = list(found.positionals)
    verb = names.pop(0).value if names else ""
    if verb in {"manifest", "blob", "repo"} and names:
        verb = f"{verb} {names.pop(0).value}"
    if "--from-oci-layout" not in found.flags:
        yield from by_place(names, _ORAS_VERBS.get(verb, ()))


_IMGPKG = option_set(
    "i image b bundle o output f file lock lock-output to-repo to-tar tar registry-username registry-password "
    "registry-ca-cert-path concurrency cosign-signatures l tag file-exclusion additional-tag"
)


def imgpkg(words: Sequence[Word]) -> Iterator[Reading]:
    found = split(words, _IMGPKG)
    verb = found.positionals[0].value if found.positionals else ""
    named = [*found.values("-i", "--image"), *found.values("-b", "--bundle")]
    if verb == "push":
        yield from map(made, named)
    elif verb == "tag":
        yield from (Use(word=word, kind=Kind.LIST, puller=Puller.CLI) for word in named)
    elif verb in {"pull", "copy", "describe"}:
        yield from (Use(word=word, puller=Puller.IMGPKG) for word in named)
    yield from (Use(word=word, kind=Kind.FILL) for word in found.values("--to-repo"))


TOOLS: dict[str, Tool] = {
    "skopeo": skopeo,
    **dict.fromkeys(("crane", "gcrane"), crane),
    "oras": oras,
    "imgpkg": imgpkg,
}
