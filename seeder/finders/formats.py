"""What is read, by its name and by a quick look at its bytes: a line a format, with the module that reads it.

A module is imported when the first text comes that may hold something for it, since most files of a tree hold nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib import import_module
from typing import Protocol, cast

from msgspec import Struct

from seeder.finders.finding import Finding, Source

_NOTHING = re.compile(r"(?!)")
_SLICE, _OVERLAP = 1 << 20, 64
_SOON = 2048  # bytes in which most of what holds something says so
_FEW = 6  # hints that are sooner looked for one by one, as pieces
_WORDS = bytes(byte if byte < 128 and chr(byte).isalnum() else 32 for byte in range(256))


class Finder(Protocol):
    @staticmethod
    def find(source: Source) -> Iterator[Finding]: ...


class Format(Struct, frozen=True, kw_only=True):
    """A kind of text: `files` are the names of files that are of it, `kinds` what embedded texts of it are called.

    `paths` are whole paths, for files of the tree that their place makes what they are.
    `words` and `pieces` decide quickly that a text holds nothing: one of them stands in every text that holds
    something, a word (letters and digits) between other signs, a piece (the same) also within one. Without any, each
    text is read. A word with a phrase says nothing where the text has no such phrase.
    """

    module: str
    files: re.Pattern[str] = _NOTHING
    kinds: frozenset[str] = frozenset()
    paths: re.Pattern[str] | None = None
    words: frozenset[bytes] = frozenset()
    pieces: tuple[bytes, ...] = ()
    phrases: Mapping[bytes, re.Pattern[bytes]] = {}

    @property
    def finder(self) -> Finder:
        return _loaded(self.module)


@cache
def _loaded(module: str) -> Finder:
    return cast("Finder", import_module(f"seeder.finders.{module}"))


def _set(words: str) -> frozenset[bytes]:
    return frozenset(word.encode() for word in words.split())


# What is filled in before it is used, `envsubst < page.md.in > page.md` by a setup script or another tool's template.
_TEMPLATED = r"(?:\.(?:in|tmpl|tpl|template|gotmpl|j2))?"
SCRIPT = rf".+\.(?:sh|bash|zsh|ksh|bats|command){_TEMPLATED}|\.(?:bashrc|profile|bash_profile|zshrc|envrc)"
SHEBANG = re.compile(r"#!\s*\S*?(?:/|\b)(?:env\s+(?:-\S+\s+)*)?(?:ba|da|z|k|a)?sh\b")  # of a script for a shell
# A `.liquid` file is a piece that classic pages include.
PAGE = rf".+\.(?:md|markdown|adoc|asciidoc){_TEMPLATED}|.+\.liquid"

# The names of commands that pull, and of what scripts are known by (`commands.tools.TOOLS`, held by a test).
_COMMANDS = _set(
    "FROM oc apptainer argocd bootc buildah conftest copa cosign crane crictl crossplane ctr dive dockle faas finch "
    "fission flux func gcloud gcrane gradle gradlew grype helm helm3 ibmcloud imgpkg k3d k3s kctrl kind kubecolor "
    "kustomize minikube mvn mvnw nerdctl notation operator opm oras pack quarkus regctl s2i singularity skopeo spark "
    "syft tanzu timoni tkn trivy virtctl wasm ytt kubescape snyk tern bom pyspark flink velero"
)
# What edits a file may change a tag alone, and say no other word of these; "sed" is one of Latin texts too.
_SED = re.compile(rb"sed (?:[-'\"]|s/)")
_EDITS = {b"sed": _SED, b"gsed": _SED, b"perl": re.compile(rb"perl -")}
_SAID = _COMMANDS | frozenset(_EDITS)
_TOOLS = (b"docker", b"podman", b"kubectl", b"image")

YAML = Format(
    module="yaml",
    kinds=frozenset({"yaml", "compose"}),
    files=re.compile(
        r".+\.(?:ya?ml|json)(?:\.(?!md\Z|lock\Z|bak\Z|orig\Z|old\Z|rej\Z|swp\Z|sha\d+\Z|sig\Z|asc\Z)\w+)?\Z|kustomization\Z",
        re.IGNORECASE,
    ),
    paths=re.compile(r"(?:^|/)templates/(?:.+/)?[^/]+\.tpl\Z"),  # Helm's named templates, which may hold whole pods
    words=_set("FROM oci training learningcenter bundle bundles appVersion"),
    pieces=(
        b"mage",
        b"IMAGE",
        b"docker",
        b"imgpkg",
        b"repo",
        b"registries",
        b"inline",
        b"Secret",
        b"crossplane",
        b"podman",
    ),
)

# In the order in which they are asked.
FORMATS = (
    Format(
        module="dockerfile",
        kinds=frozenset({"dockerfile"}),
        files=re.compile(
            r"(?!.*\.(?:dockerignore|md|adoc|txt|ya?ml|json|sh|py)\Z)"
            r"(?:.+[._-])?(?:Dockerfile|Containerfile)(?:\d+|[._-].+)?",
            re.IGNORECASE,
        ),
        words=_set("FROM from From syntax SYNTAX Syntax"),
    ),
    Format(  # a file whose name has no dot may be a script by its first line
        module="shell",
        kinds=frozenset({"shell"}),
        files=re.compile(rf"[^.]+|{SCRIPT}"),
        words=_SAID | _set("IMAGE REGISTRY REPOSITORY TAG VERSION"),  # what settings are called
        pieces=_TOOLS,
        phrases=_EDITS,
    ),
    Format(
        module="makefile",
        files=re.compile(r"(?:GNU)?[Mm]akefile(?:\.(?!md\Z)[\w-]+)?|.+\.mk|[Jj]ustfile|.+\.just"),
        words=_SAID,
        pieces=_TOOLS,
        phrases=_EDITS,
    ),
    Format(
        module="pages",
        kinds=frozenset({"markdown"}),
        files=re.compile(PAGE, re.IGNORECASE),
        words=_SAID | {b"editor", b"Image"},
        pieces=_TOOLS,
        phrases=_EDITS,
    ),
    Format(
        module="pages.parameters",
        paths=re.compile(r"(?:^|/)workshop/(?:config|modules|workshop[\w.-]*)\.ya?ml\Z"),
        words=_set("params vars"),
    ),
    YAML,
    Format(
        module="dotenv",
        files=re.compile(r"\.env(?:\..+)?|.+\.env|env\.(?:example|sample|template)"),
    ),
    Format(
        module="notebook",
        files=re.compile(r".+\.ipynb"),
        words=_COMMANDS,
        pieces=_TOOLS,
    ),
    Format(
        module="units",
        files=re.compile(rf".+\.(?:service|container|image|volume){_TEMPLATED}|.+\.(?:conf|ini)"),
        words=_COMMANDS | {b"Image"},
        pieces=_TOOLS,
    ),
    Format(
        module="lists",
        files=re.compile(r"(?:.*[-_.])?images?(?:[-_.][\w.-]+)?\.(?:txt|list|lst)", re.IGNORECASE),
    ),
    Format(
        module="programs",
        files=re.compile(r".+\.(?:java|kt|groovy|scala|go|[cm]?[jt]s|tsx|cs)"),
        words=_set("testcontainers Testcontainers k8s"),
    ),
    Format(
        module="python",
        files=re.compile(r".+\.py"),
        words=_set(
            "testcontainers docker podman kubernetes lightkube pykube kopf airflow kfp hera prefect dagster flytekit"
        ),
        pieces=(b"Spawner",),
    ),
    Format(
        module="properties",
        files=re.compile(r".+\.properties|spark-defaults\.conf(?:\.\w+)?"),
        words=_set("docker"),
        pieces=(b"mage",),
    ),
    Format(
        module="jvm",
        files=re.compile(r"pom\.xml|.+\.gradle(?:\.kts)?"),
        words=_set("image builder runImage imageName rootProject"),
    ),
    Format(
        module="unread",
        files=re.compile(
            r".+\.(?:tf|tofu)(?:\.json)?|.+\.tfvars|.+\.nomad(?:\.hcl)?|docker-bake(?:\.override)?\.(?:hcl|json)"
            r"|Jenkinsfile.*|Earthfile|Vagrantfile|Tiltfile|.+\.tiltfile|.+\.(?:ps1|bat|cmd)|.+\.didact\.(?:md|adoc)"
        ),
        words=_set("tags args FROM podman kubectl helm"),
        pieces=(b"image", b"docker"),
    ),
)


_BY_KIND = {kind: [form for form in FORMATS if kind in form.kinds] for one in FORMATS for kind in one.kinds}


def read_by(source: Source) -> Sequence[Format]:
    """The formats that a source is of: by its path, by the name of the file that it becomes, or by its kind."""
    if not source.kind:
        return formats_of(str(source.path))
    if name := source.name:
        return _called(name)
    return _BY_KIND.get(source.kind, ())


@lru_cache(256)
def _called(name: str) -> Sequence[Format]:
    """The formats of a file that a text becomes: many texts become files of the same few names."""
    return [form for form in FORMATS if form.files.fullmatch(name)]


def formats_of(path: str) -> list[Format]:
    """The formats that a file's name calls for; `path` is relative to the tree, with `/` between parts."""
    name = path.rpartition("/")[2]
    return [form for form in FORMATS if form.files.fullmatch(name) or (form.paths and form.paths.search(path))]


def may_hold(formats: Sequence[Format], data: bytes) -> bool:
    """Whether the bytes may hold something for one of the formats.

    A large file is looked at in slices that overlap by more than a hint's length, so that its words never stand in
    memory all together.
    """
    slices = (data[at : at + _SLICE + _OVERLAP] for at in range(0, len(data) or 1, _SLICE))
    return any(_slice_may_hold(formats, part) for part in slices)


def _slice_may_hold(formats: Sequence[Format], data: bytes) -> bool:
    soon = data[:_SOON]
    many = [form for form in formats if len(form.words) + len(form.pieces) > _FEW]
    if any(piece in soon for form in many for piece in form.pieces):
        return True
    for form in formats:
        if form not in many and any(hint in data for hint in (*form.words, *form.pieces) or (b"",)):
            return True
    words = data.translate(_WORDS).split() if many else []
    return any(_says(form, words, data) for form in many)


def _says(form: Format, words: Sequence[bytes], data: bytes) -> bool:
    """Whether a text of these words, most of them many times, holds one of a format's hints."""
    said = form.words.intersection(words)
    return any(word not in form.phrases or form.phrases[word].search(data) for word in said) or any(
        piece in data for piece in form.pieces
    )
