"""Where references stand: what finders yield, and what discovery makes of it."""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from seeder.model.reference import ImageReference

ANYWHERE = "*"  # where a text is looked for that is compared with no file's: in all of its workshop
_ESCAPE = re.compile(r"\\(\W)")


class Context(StrEnum):
    """What kind of place a reference stands in (the `context` of scan's JSON)."""

    WORKSHOP_IMAGE = "workshop-image"
    WORKSHOP_FILES = "workshop-files"
    IMGPKG_BUNDLE = "imgpkg-bundle"
    EXTENSION_PACKAGE = "extension-package"
    POD_SPEC = "pod-spec"
    CUSTOM_RESOURCE = "custom-resource"
    COMPOSE = "compose"
    DOCKERFILE_FROM = "dockerfile-from"
    DOCKERFILE_COPY_FROM = "dockerfile-copy-from"
    SHELL_COMMAND = "shell-command"
    INSTRUCTIONS_COMMAND = "instructions-command"
    HELM_VALUES = "helm-values"
    HELM_OCI = "helm-oci"
    ZOT_SYNC_RULE = "zot-sync-rule"
    PUBLISH = "publish"
    OTHER = "other"


class Puller(StrEnum):
    """Who pulls what stands there."""

    KUBELET = "kubelet"
    DOCKERD = "dockerd"
    VENDIR = "vendir"
    IMGPKG = "imgpkg"
    BUILD = "build"
    ZOT = "zot"
    CLI = "cli"
    NONE = "none"


class Spelling(StrEnum):
    """How a rehosted name may be written in a place."""

    FIELD = "field"  # repo:tag@digest
    COMMAND = "command"  # repo:tag, since dockerd stores an image pulled by tag and digest without its tag
    DIGEST_ONLY = "digest-only"  # repo@digest: skopeo refuses tag and digest together
    TAG_ONLY = "tag-only"  # repo:tag, where the format has no room for a digest


class Role(StrEnum):
    """Which part of a name a span holds; REFERENCE is the whole of it."""

    REFERENCE = "reference"
    REGISTRY = "registry"
    REPOSITORY = "repository"
    TAG = "tag"
    DIGEST = "digest"
    NAME = "name"  # registry and repository, whose tag stands elsewhere and stays as it is (a chart's version)
    PARENT = "parent"  # as NAME, without the last component, which stands elsewhere too (a chart's name)


class Span(Struct, frozen=True, order=True):
    """Bytes `start` up to and without `end` of a file."""

    start: int
    end: int


def unescaped(pattern: str) -> str:
    """The text that the beginning of a regular expression stands for: without its escapes."""
    return _ESCAPE.sub(r"\1", pattern)


def path_of(root: str, file: str) -> str:
    """The path of a root's file as a person can open it; a root that is a file is that file."""
    same = root == file or root.endswith(f"/{file}")
    return root if same else f"{root.rstrip('/')}/{file}".removeprefix("./")


class Part(Struct, frozen=True):
    """A span, the text that stands in it (as decoded from the file's bytes) and its place in lines and code points.

    `line` and `column` count from 1; `end_column` is exclusive. `tail` is what stands behind a name whose tag comes
    from elsewhere and stays: `:${VERSION}`.
    """

    span: Span
    text: str
    line: int
    column: int
    end_column: int
    role: Role = Role.REFERENCE
    tail: str = ""


class Mention(Struct, frozen=True):
    """What a finder saw: a text that is a reference by its place, variables and all.

    `text` is the name with escapes undone and split keys joined; `parts` are the spans that hold it, one unless the
    name is split over keys. `reason` says why the place is not to be rewritten and is empty where it is.
    Pulled by NONE is a name that must be here already (`docker rmi`, a page's parameter): it counts where something
    else in the workshop pulls that name. `pulled` is false for what only looks like a reference (a stage, a push
    target): left out without `--all`.
    `coupled_to` is set for a text that must stay equal to one in another file (an action's search text): that file as
    the workshop names it (`~/exercises/pod.yaml`), ANYWHERE for none in particular. It is not pulled, and changes with
    what it must match or not at all.
    Where the very name is pulled, one that lists what is here (`docker images x`) counts as any other.
    `pattern` is the regular expression that such a text is a part of, with whose escapes it is written.
    """

    text: str
    parts: tuple[Part, ...]
    context: Context
    pulled_by: Puller
    spelling: Spelling = Spelling.FIELD
    reason: str = ""
    pulled: bool = True
    coupled_to: str = ""
    pattern: str = ""

    def unpulled(self, reason: str) -> Mention:
        """The same as what only looks like a reference, and why."""
        return replace(self, pulled=False, pulled_by=Puller.NONE, reason=reason)


class Occurrence(Struct, frozen=True, kw_only=True):
    """A mention in its file, its variables resolved as far as the workshop says.

    `canonical` is the reference in canonical form with `:latest` where it has neither tag nor digest; unknown
    variables stay in it. `reference` is None exactly where they do. `rehosted_from` is set by discovery where the
    text already names a target of ours: then `reference` is the original's. `hub` says that it is Docker Hub that is
    asked; `mutable` that what the name means may change, None where the tag is a variable (design §3).
    `elsewhere` says that another place decides what is pulled here, and is rewritten in its stead.
    """

    root: str
    file: str
    parts: tuple[Part, ...]
    canonical: str
    reference: ImageReference | None
    context: Context
    pulled_by: Puller
    spelling: Spelling
    rewritable: bool
    pulled: bool = True
    reason: str = ""
    unresolved: tuple[str, ...] = ()
    rehosted_from: ImageReference | None = None
    coupled_to: str = ""
    pattern: str = ""
    hub: bool = False
    mutable: bool | None = None
    elsewhere: bool = False

    @property
    def raw(self) -> str:
        """The exact text; parts of a split name are joined by their order in the reference."""
        return self.parts[0].text if len(self.parts) == 1 else self.canonical

    @property
    def searched(self) -> str:
        """What a search text says; in a regular expression without its escapes."""
        written = self.parts[0].text
        return unescaped(written) if self.pattern else written

    @property
    def written(self) -> str:
        """As `raw`, with the variable tag that stands behind the part."""
        return self.raw + self.parts[0].tail if len(self.parts) == 1 else self.raw

    @property
    def familiar(self) -> str:
        """The short form of the reference, for people: `nginx:1.27`, `redis:latest`."""
        return self.reference.or_latest().familiar() if self.reference else self.canonical

    @property
    def line(self) -> int:
        return self.parts[0].line

    @property
    def place(self) -> str:
        """`file:line` below the root."""
        return f"{self.file}:{self.line}"

    @property
    def path(self) -> str:
        """The file as a person can open it."""
        return path_of(self.root, self.file)

    @property
    def where(self) -> str:
        """`path:line`, for messages."""
        return f"{self.path}:{self.line}"


class Unread(Struct, frozen=True, kw_only=True, order=True):
    """A file that holds, or may hold, references and was not understood."""

    root: str
    file: str
    reason: str

    @property
    def path(self) -> str:
        """The file as a person can open it."""
        return path_of(self.root, self.file)
