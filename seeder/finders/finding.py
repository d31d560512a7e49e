"""What goes into a finder and what comes out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from seeder.finders.variables import is_name
from seeder.model.occurrence import Context, Mention, Part, Puller, Spelling
from seeder.syntax.text import Text

MAX_DEPTH = 8  # texts in texts, objects in objects: deeper ones are no longer people's work


class Source(Struct, frozen=True, kw_only=True):
    """A text to look into: a file of a tree, or one embedded in another.

    `path` is relative to its root with `/` between parts; an embedded text has the path of its file, and `kind` says
    what it is (`yaml`, `shell`, `dockerfile`, `compose`, `markdown`, `file:<name>` for a file that is being created …;
    empty for a file of the tree, which its path names). `context` is what the outer place imposes on the mentions
    inside (a command in a page is an instructions-command), None where it imposes nothing.
    """

    path: PurePosixPath
    text: Text
    kind: str = ""
    context: Context | None = None
    depth: int = 0

    @property
    def name(self) -> str:
        """The name of the file that this text is, or becomes; empty for a part of one."""
        if self.kind.startswith("file:"):
            return self.kind.removeprefix("file:").rstrip("/").rpartition("/")[2]
        return "" if self.kind else self.path.name

    def inner(self, text: Text, kind: str) -> Source:
        """A text inside this one; what is imposed on this one is on that too."""
        return replace(self, text=text, kind=kind, depth=self.depth + 1)


class Slot(Struct, frozen=True, kw_only=True):
    """A kind of place for a name, and what is true of each that stands in one.

    `reason` is why it is not to be rewritten.
    """

    context: Context
    pulled_by: Puller = Puller.KUBELET
    spelling: Spelling = Spelling.FIELD
    reason: str = ""
    pulled: bool = True

    def mention(self, text: str, parts: tuple[Part, ...]) -> Mention:
        return Mention(
            text=text,
            parts=parts,
            context=self.context,
            pulled_by=self.pulled_by,
            spelling=self.spelling,
            reason=self.reason,
            pulled=self.pulled,
        )

    def whole(self, text: Text, name: str = "") -> Iterator[Mention]:
        """The mention that a text is, if it can be a name and stands together in the file; of `name` where it is a part
        of that.
        """
        part = text.part(0, len(text))
        if part is not None and is_name(name or text.content):
            yield self.mention(name or text.content, (part,))


class Built(Struct, frozen=True):
    """A name that the workshop itself builds, tags or loads: mentions of it elsewhere in the workshop are no pulls.

    `has_all_tags` is true for a repository that images are copied to, whatever tags they have; `is_local` where the
    name counts only if its variables bring neither a registry nor an account.
    """

    name: str
    has_all_tags: bool = False
    is_local: bool = False


class Assigned(Struct, frozen=True):
    """A variable that the workshop defines for other files (page parameters, `.env`, exported shell variables)."""

    variable: str
    value: str


class Sought(Struct, frozen=True):
    """A name, without its tag, by which another file finds this image in the workshop: it stays, and this is why."""

    name: str
    reason: str


class Loaded(Struct, frozen=True):
    """An image that a command puts onto a cluster's nodes, where pods find it by its name and tag alone."""

    name: str


class Spent(Struct, frozen=True):
    """A variable of which something else than an image is made as well; `is_bare` for values that may be any name."""

    variable: str
    reason: str
    is_bare: bool = False


class Unparsed(Struct, frozen=True):
    """Why the source, or an embedded part of it, could not be understood."""

    reason: str


Finding = Mention | Source | Built | Assigned | Sought | Loaded | Spent | Unparsed
