"""Documents that a page shows: output, a file that stands in the tree, or one that the learner is to write."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from msgspec.structs import replace

from seeder.finders.finding import Finding, Source
from seeder.finders.session import all_mentions
from seeder.model.reference import has_selector
from seeder.syntax.yaml import documents
from seeder.syntax.yaml_nodes import at, string

OUTPUT = "shows what the block before it prints or opens"
_SHOWN = "shown in the page: nothing runs it"
_UNSAID = "shown in the page, which does not say that the learner writes it: change what is applied"
# What introduces output or a look at something, and what asks for something to be written.
_VIEW = re.compile(
    r"\b(?:should|will|would|you(?:['’]ll)?|it|this|which|that|now) (?:then |now |also )?"
    r"(?:see|yields?|shows?|displays?|returns?|finds?|produces?|generates?|reports?)\b"
    r"|\b(?:output|shown below|contents? of|example of|defined (?:as|by)|responds?|response|prints?|log)\b"
    r"|\b(?:here(?:'|’)s|here is|here are|let(?:'|’)s (?:look|take a look|see|view))\b",
    re.IGNORECASE,
)
_TASK = re.compile(
    r"\b(?:edit|append|add|insert|paste|replace|overwrite|modify|change|update|save|write|put|fill in|fill out)\b"
    r"|\bcreate (?:a |an |the |your |this |another |new |following )*(?:[`'\"\w./-]+ ){0,3}"
    r"[`'\"*_]{0,3}(?:[\w.-]+\.ya?ml|file|manifest|yaml|dockerfile|containerfile)\b"
    r"|\b(?:apply|enter|type|deploy)(?: \S+){0,2} (?:following|this|below)\b"
    r"|\bcopy (?!of\b)",
    re.IGNORECASE,
)


def read(source: Source, lead: str, names: Container[str], objects: set[tuple[str, str]]) -> Iterator[Finding]:
    """What a shown document names: pulled where the learner is to write it, by the page's words or its commands.

    Where the page does not say what it shows, a session may well pull what stands there, and it is not changed.
    `names` are those, `tagged`, that the page's own commands pull: what a learner makes of a file that they wrote has
    them too. `objects` are the kinds and names of what the learner wrote so far, and is put down: what comes of them
    later, without a word, is written too.
    """
    mentions = list(all_mentions(source))
    view, task = _last(_VIEW, lead), _last(_TASK, lead)  # what stands last says what comes
    own = _identity(source) if mentions else ("", "")
    is_known = own in objects or any(tagged(mention.text) in names for mention in mentions)
    is_written = task > view or (view < 0 and is_known)
    if is_written and all(own):
        objects.add(own)
    for mention in mentions:
        if is_written or not mention.pulled:
            yield mention
        elif view >= 0:
            yield mention.unpulled(_SHOWN)
        else:
            yield replace(mention, reason=mention.reason or _UNSAID)


def _identity(source: Source) -> tuple[str, str]:
    """The kind and name of a manifest's first object."""
    roots = (root for document in documents(source.text) for root in document.roots) if source.kind == "yaml" else ()
    root = next(iter(roots), None)
    return string(at(root, "kind")), string(at(root, "metadata", "name"))


def _last(pattern: re.Pattern[str], lead: str) -> int:
    """Where the last match begins; -1 where there is none."""
    return max((match.start() for match in pattern.finditer(lead)), default=-1)


def tagged(text: str) -> str:
    """A name with its tag and without its digest: once rewritten, commands have the tag alone and fields have both."""
    name = text.partition("@")[0]
    return name if has_selector(name) else f"{name}:latest"
