"""What goes into a finder and what comes out."""

from __future__ import annotations

from pathlib import PurePosixPath

from msgspec import Struct

from seeder.model.occurrence import Context, Mention, Puller
from seeder.syntax.text import Text


class Source(Struct, frozen=True, kw_only=True):
    """A text to look into: a file of a tree, or one embedded in another.

    `path` is relative to its root with `/` between parts; an embedded text has the path of its file, and `kind` says
    what it is (`yaml`, `shell`, `dockerfile`, `compose`, `markdown`, `file:<name>` for a file that is being created …;
    empty for a file of the tree, which its path names). `context` and `pulled_by` are what the outer place imposes on
    the mentions inside (a command in a page is an instructions-command), None where it imposes nothing.
    """

    path: PurePosixPath
    text: Text
    kind: str = ""
    context: Context | None = None
    pulled_by: Puller | None = None
    depth: int = 0

    @property
    def name(self) -> str:
        """The name of the file that this text is, or becomes; empty for a part of one."""
        if self.kind.startswith("file:"):
            return self.kind.removeprefix("file:").rstrip("/").rpartition("/")[2]
        return "" if self.kind else self.path.name


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


class Unparsed(Struct, frozen=True):
    """Why the source, or an embedded part of it, could not be understood."""

    reason: str


Finding = Mention | Source | Built | Assigned | Sought | Unparsed
