"""Search texts and what they must match change together, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from seeder.model.occurrence import Context, Occurrence
from seeder.rewrite.change import Change, Left
from seeder.rewrite.spell import prefix_of

_HOME = re.compile(r"(?:~|\$HOME|\$\{HOME\}|/home/eduk8s|\.)/+")
_CONTENT = "/opt/workshop/"
_COMMANDS = frozenset({Context.INSTRUCTIONS_COMMAND, Context.SHELL_COMMAND})
_BY_HAND = "change the page and the file by hand"


def couple(
    changes: Sequence[Change], left: Sequence[Left], occurrences: Iterable[Occurrence]
) -> tuple[list[Change], list[Left]]:
    """Adds the changes of search texts; takes back those of files whose search text cannot change with them."""
    occurrences = list(occurrences)
    partners = {text: _partners(text, occurrences) for text in occurrences if text.coupled_to and not text.pulled}
    fates = {change.occurrence: change for change in changes}
    kept, refused = dict(fates), list(left)
    for texts, others in _groups(partners):
        added, reason = _together(texts, partners, fates)
        if not reason:
            kept.update({change.occurrence: change for change in added})
            continue
        taken_back = [other for other in others if kept.pop(other, None) is not None]
        refused += [Left(occurrence=other, reason=reason, hint=_BY_HAND) for other in taken_back]
    return list(kept.values()), refused


def path_in_tree(named: str) -> str:
    """A file as the session names it, as a path of the tree: /opt/workshop is its folder `workshop`, ~ all the rest."""
    if named.startswith(_CONTENT):
        return f"workshop/{named.removeprefix(_CONTENT)}"
    return _HOME.sub("", named, count=1) if _HOME.match(named) else named


def _partners(text: Occurrence, occurrences: Iterable[Occurrence]) -> list[Occurrence]:
    """What the text may select: in the file that it names, else in what pages show, for one creates that file."""
    path = path_in_tree(text.coupled_to)
    alike = [
        other
        for other in occurrences
        if other.pulled
        and other.root == text.root
        and len(other.parts) == 1
        and other.parts[0].text.startswith(text.parts[0].text)
    ]
    named = [other for other in alike if other.file == path]
    found = named or [other for other in alike if _is_in_page(other) and other.context not in _COMMANDS]
    equal = [other for other in found if other.parts[0].text == text.parts[0].text]
    # A search takes the first that it meets: a longer name that comes later is not what it is for.
    return equal if equal and (not named or found[0] in equal) else found


def _is_in_page(occurrence: Occurrence) -> bool:
    return occurrence.file.lower().endswith((".md", ".adoc"))


def _groups(partners: dict[Occurrence, list[Occurrence]]) -> Iterable[tuple[list[Occurrence], list[Occurrence]]]:
    """Texts that share a partner, with all their partners."""
    groups: list[tuple[list[Occurrence], list[Occurrence]]] = []
    for text, others in partners.items():
        mine: tuple[list[Occurrence], list[Occurrence]] = ([text], list(others))
        for group in [group for group in groups if set(group[1]) & set(others)]:
            groups.remove(group)
            mine = (group[0] + mine[0], group[1] + [other for other in mine[1] if other not in group[1]])
        groups.append(mine)
    return groups


def _together(
    texts: Iterable[Occurrence], partners: dict[Occurrence, list[Occurrence]], fates: dict[Occurrence, Change]
) -> tuple[list[Change], str]:
    """The changes of a group's search texts, or why the group must stay as it is."""
    added = []
    for text in texts:
        news = {_new_text(text, other, fates) for other in partners[text]}
        if news <= {text.parts[0].text}:
            continue
        place = f"the search text at {text.place}"
        if text.reason:
            return [], f"{place} must stay equal to it, and cannot change: {text.reason}"
        if len(news) != 1 or None in news:
            return [], f"{place} must stay equal to it, and would match only a part of what it selects"
        added.append(Change(occurrence=text, texts=(news.pop() or "",)))
    return added, ""


def _new_text(text: Occurrence, other: Occurrence, fates: dict[Occurrence, Change]) -> str | None:
    """What the search text has to become to go on matching `other`; None where nothing does."""
    old = other.parts[0].text
    new = fates[other].texts[0] if other in fates else old
    return prefix_of(new, old, text.parts[0].text)
