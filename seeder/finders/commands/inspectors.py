"""Tools that look into images at their registry: trivy, grype, syft, cosign, notation, regctl, dockle, tkn and others.

Each is a table: what the words after the verb are. Sources: the tools' command references.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from seeder.finders.commands.use import Kind, Reading, Tool, Use, after, in_options, made, option_set, split
from seeder.model.occurrence import Puller
from seeder.syntax.shell_nodes import Word

_OPTIONS = option_set(
    "f format o output severity s scope c config exit-code scanners ignorefile ignore-policy t template cache-dir "
    "timeout key k certificate certificate-chain certificate-identity certificate-oidc-issuer "
    "certificate-identity-regexp certificate-oidc-issuer-regexp platform username u password p vuln-type pkg-types "
    "db-repository java-db-repository type predicate a annotations attachment sbom server token token-header input "
    "cache-backend skip-files skip-dirs security-checks image-config-scanners compliance file-patterns "
    "name only-severity only-package only-package-type epss to ref org stream env fail-on distro "
    "vex select-catalogers exclude source-name source-version base-path rekor-url fulcio-url oidc-issuer "
    "oidc-client-id policy payload signature bundle trusted-root attachment-tag-prefix registry-username "
    "registry-password dir max-signatures signature-format id plugin m user-metadata e timestamp-url digest-tags "
    "image i report tag addr media-type file artifact-type annotation filter concurrency logopt verbosity host"
)
# Where the scanners take something else than an image from.
_ELSEWHERE = frozenset(
    "dir file sbom oci-archive docker-archive oci-dir oci purl pkg singularity archive fs local git".split()  # noqa: SIM905
)
_REGISTRY = ("registry:", "docker:", "podman:", "containerd:", "registry://", "image://")

_PULL, _MAKE, _LIST = (Kind.PULL,), (Kind.MAKE,), (Kind.LIST,)
_Verbs = Mapping[str, tuple[Kind, ...]]


def inspector(verbs: _Verbs, *, has_schemes: bool = False) -> Tool:
    """A tool whose verb, of one word or two, says what the words after it are; `""` is the tool without a verb.

    `has_schemes` says that it takes `registry:x`, `dir:x`; for others `registry:2` is the image of that name.
    """

    def read(words: Sequence[Word]) -> Iterator[Reading]:
        names = list(split(words, _OPTIONS).positionals)
        for size in (2, 1):
            verb = " ".join(word.value for word in names[:size])
            if verb in verbs:
                yield from _by_place(names[size:], verbs[verb], has_schemes=has_schemes)
                return
        yield from _by_place(names, verbs.get("", ()), has_schemes=has_schemes)

    return read


def _by_place(words: Sequence[Word], kinds: tuple[Kind, ...], *, has_schemes: bool) -> Iterator[Reading]:
    for word, kind in zip(words, kinds, strict=False):
        image = _named(word) if has_schemes else word
        if image is not None and not word.value.startswith((".", "/", "~")):
            yield Use(word=image, kind=kind, puller=Puller.CLI)


def _named(word: Word) -> Word | None:
    """The image of a word, without the scheme that says where it is taken from; None for what is no image."""
    for scheme in sorted(_REGISTRY, key=len, reverse=True):
        if image := after(word, scheme):
            return image
    scheme, colon, rest = word.value.partition(":")
    is_elsewhere = colon and (scheme in _ELSEWHERE or rest.startswith("//"))
    return None if is_elsewhere else word


def _nothing(*verbs: str) -> dict[str, tuple[Kind, ...]]:
    return dict.fromkeys(verbs, ())


_trivy_image = inspector({"image": _PULL, "i": _PULL})


def trivy(words: Sequence[Word]) -> Iterator[Reading]:
    yield from _trivy_image(words)
    for word in split(words, _OPTIONS).values("--db-repository", "--java-db-repository"):
        yield Use(word=word, puller=Puller.CLI)


_OPM = option_set(
    "b bundles bundle-images i index binary-image f from-index t tag c container-tool p packages o output mode d "
    "database build-tool ca-file out-dockerfile"
)
_opm_render = inspector({"render": _PULL})


def opm(words: Sequence[Word]) -> Iterator[Reading]:
    """`opm index add --bundles IMAGE,IMAGE --from-index IMAGE --tag MADE`, which asks registries itself."""
    yield from _opm_render(words)
    found = split(words, _OPM)
    verb = " ".join(word.value for word in found.positionals[:2])
    if not verb.startswith(("index ", "registry ", "generate dockerfile")):
        return
    options = {"--from-index", "--index", "--binary-image", "-i", "--bundles", "--bundle-images"}
    if verb != "index export":  # whose -f is a folder
        options |= {"-f"}
    if verb in {"index add", "registry add"}:
        options |= {"-b"}
    for word in found.values(*options):
        yield from (Use(word=word.cut(*match.span()), puller=Puller.CLI) for match in re.finditer(r"[^,]+", word.value))
    yield from map(made, found.values("--tag", "-t"))


_COSIGN: _Verbs = {
    **dict.fromkeys(("verify", "verify-attestation", "tree", "triangulate", "generate", "save"), _PULL),
    **dict.fromkeys(("download sbom", "download signature", "download attestation"), _PULL),
    "copy": (Kind.PULL, Kind.MAKE),
    **dict.fromkeys(("sign", "attest", "clean", "upload blob", "upload wasm"), _MAKE),
    **dict.fromkeys(("attach sbom", "attach signature", "attach attestation"), _MAKE),
}
_REGCTL: _Verbs = {
    **dict.fromkeys(("image copy", "image cp"), (Kind.PULL, Kind.MAKE)),
    **dict.fromkeys(
        (
            *(
                f"image {verb}"
                for verb in ("digest", "manifest", "config", "inspect", "export", "get-file", "check-base")
            ),
            *("manifest get", "manifest head", "manifest digest", "manifest diff"),
            *("artifact get", "artifact list", "artifact tree", "blob get", "image ratelimit"),
        ),
        _PULL,
    ),
    **dict.fromkeys(("image mod", "manifest put", "artifact put", "index create", "tag rm", "tag delete"), _MAKE),
    **dict.fromkeys(("tag ls", "tag list"), _LIST),
}

TOOLS: dict[str, Tool] = {
    "trivy": trivy,
    "grype": inspector(
        {"": _PULL, **_nothing("db", "version", "completion", "explain", "config", "help")}, has_schemes=True
    ),
    "syft": inspector(
        {"scan": _PULL, "packages": _PULL, "attest": _PULL, "": _PULL}
        | _nothing("convert", "version", "completion", "cataloger", "config", "login", "help"),
        has_schemes=True,
    ),
    "kubescape": inspector({"scan image": _PULL}),
    "snyk": inspector({"container test": _PULL, "container monitor": _PULL, "container sbom": _PULL}),
    "tern": in_options(Puller.CLI, _OPTIONS, "-i", "--docker-image"),
    "bom": in_options(Puller.CLI, _OPTIONS, "-i", "--image"),
    "cosign": inspector(_COSIGN),
    "notation": inspector({"sign": _MAKE, **dict.fromkeys(("verify", "inspect", "list", "ls"), _PULL)}),
    "regctl": inspector(_REGCTL),
    "dockle": inspector({"": _PULL}),
    "copa": in_options(Puller.BUILD, _OPTIONS, "-i", "--image"),
    "tkn": inspector({"bundle list": _PULL, "bundle push": _MAKE}),
    "wasm-to-oci": inspector({"pull": _PULL}),
    "opm": opm,
    "bootc": inspector({"switch": _PULL}),
}
