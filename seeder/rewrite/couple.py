"""Search texts and what they must match change together, or not at all."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice, takewhile
from operator import itemgetter
from pathlib import PurePosixPath

from msgspec import Struct

from seeder.model.occurrence import ANYWHERE, Context, Occurrence
from seeder.model.reference import without_tag
from seeder.rewrite.change import Change, Left
from seeder.rewrite.spell import prefix_of

_HOME = re.compile(r"(?:~|\$HOME|\$\{HOME\}|/home/eduk8s|\.)/+")
_PAGE = re.compile(r"\.(?:md|markdown|adoc|asciidoc|liquid)(?:\.\w+)?\Z")
_SCRIPT = re.compile(r"\.(?:sh|bash)\Z|(?:^|/)(?:setup\.d|profile\.d|examiner/tests)/[^/.]+\Z")
_CONTENT = "/opt/workshop/"
_COMMANDS = frozenset({Context.INSTRUCTIONS_COMMAND, Context.SHELL_COMMAND})
BY_HAND = "change the page and the file by hand"


class _Search(Struct, frozen=True, kw_only=True):
    """Texts of pages that search for the same in the same file, and the names that they may select."""

    texts: Sequence[Occurrence]
    selects: Sequence[Occurrence]


def couple(
    changes: Sequence[Change],
    left: Sequence[Left],
    occurrences: Iterable[Occurrence],
    held: Mapping[Occurrence, str] = {},
) -> tuple[list[Change], list[Left]]:
    """Adds the changes of search texts; takes back those of files whose search text cannot change with them.

    `held` are search texts that have to stay, and why.
    """
    fates = {change.occurrence: change for change in changes}
    kept, refused = dict(fates), list(left)
    for searches in _groups(_searches(occurrences)):
        added, reason = _together(searches, fates, held)
        if not reason:
            kept.update({change.occurrence: change for change in added})
            continue
        others = dict.fromkeys(other for search in searches for other in search.selects)
        taken_back = [other for other in others if kept.pop(other, None) is not None]
        refused += [Left(occurrence=other, reason=reason, hint=BY_HAND) for other in taken_back]
    return list(kept.values()), refused


def tied(occurrences: Iterable[Occurrence]) -> list[frozenset[str]]:
    """Files that search texts tie together: all of them can be written, or none is."""
    groups = _groups(_searches(occurrences))
    return [frozenset(one.file for each in group for one in (*each.texts, *each.selects)) for group in groups]


def path_in_tree(named: str) -> str:
    """A file as the session names it, as a path of its workshop: /opt/workshop is the folder `workshop`, ~ the rest."""
    if named.startswith(_CONTENT):
        return f"workshop/{named.removeprefix(_CONTENT)}"
    return _HOME.sub("", named, count=1) if _HOME.match(named) else named


def _written(text: Occurrence, new: str) -> str:
    """What is written for a search text's new text: in a regular expression with escapes, if it has any."""
    is_escaped = text.pattern and "\\" in text.parts[0].text
    return new.replace(".", r"\.") if is_escaped else new


def files_meant(folder: PurePosixPath, named: str, files: Collection[str]) -> list[str]:
    """Of some files those that a page in `folder` may mean by a path of the session."""
    path = path_in_tree(named)
    exact = next((file for file in _named(folder, path) if file in files), None)
    return [exact] if exact else files_below(folder, path, files)


def files_below(folder: PurePosixPath, path: str, files: Iterable[str]) -> list[str]:
    """Those whose paths end in `path`, below the nearest folder that has any."""
    fitting = [file for file in files if file.endswith(f"/{path}")]
    for above in (folder, *folder.parents):
        if near := [file for file in fitting if PurePosixPath(file).is_relative_to(above)]:
            return near
    return []


def _searches(occurrences: Iterable[Occurrence]) -> list[_Search]:
    occurrences = list(occurrences)
    alike: dict[tuple[PurePosixPath, str, str], list[Occurrence]] = {}
    for text in occurrences:
        if text.coupled_to and not text.pulled:
            key = PurePosixPath(text.file).parent, path_in_tree(text.coupled_to), text.searched
            alike.setdefault(key, []).append(text)
    names = _Names(occurrences) if alike else None
    if names is None:
        return []
    return [
        _Search(
            texts=texts,
            selects=names.compared(key[0], texts[0]) if key[1] == ANYWHERE else names.selected(*key),
        )
        for key, texts in alike.items()
    ]


class _Names:
    """The names that are pulled and stand in one piece: what a search text may select."""

    def __init__(self, occurrences: Iterable[Occurrence]) -> None:
        whole = [found for found in occurrences if found.pulled and len(found.parts) == 1]
        self._by_file: dict[str, list[Occurrence]] = {}
        for found in whole:
            self._by_file.setdefault(found.file, []).append(found)
        self._files: dict[str, list[str]] = {}
        for file in self._by_file:
            self._files.setdefault(PurePosixPath(file).name, []).append(file)
        self._by_name: dict[str, list[Occurrence]] = {}
        for found in whole:
            self._by_name.setdefault(without_tag(found.canonical), []).append(found)
        shown = [found for found in whole if _may_write(found) and found.context not in _COMMANDS]
        self._shown = sorted(((found.parts[0].text, found) for found in shown), key=itemgetter(0))

    def selected(self, folder: PurePosixPath, path: str, text: str) -> list[Occurrence]:
        """What a page in `folder` may select by a text: names in the file that it names.

        Else those in files that may end up there, for a workshop may be published from a folder of its tree; else names
        that pages show or scripts write, for one may create that file.
        """
        named = next((found for file in _named(folder, path) if (found := self._beginning(file, text))), [])
        found = named or self._below(folder, path, text) or list(self._shown_beginning(text))
        equal = [other for other in found if other.parts[0].text == text]
        # A search takes the first that it meets: a longer name that comes later is not what it is for.
        return equal if equal and (not named or found[0] in equal) else found

    def compared(self, folder: PurePosixPath, text: Occurrence) -> list[Occurrence]:
        """The same image, of any version if the text tells none, in the workshop that a folder belongs to."""
        home = next((above.parent for above in (folder, *folder.parents) if above.name == "workshop"), PurePosixPath())
        found = self._by_name.get(without_tag(text.canonical), ())
        is_any = without_tag(text.searched) == text.searched
        return [
            one
            for one in found
            if (is_any or one.canonical == text.canonical) and PurePosixPath(one.file).is_relative_to(home)
        ]

    def _beginning(self, file: str, text: str) -> list[Occurrence]:
        return [found for found in self._by_file.get(file, ()) if found.parts[0].text.startswith(text)]

    def _shown_beginning(self, text: str) -> Iterator[Occurrence]:
        after = islice(self._shown, bisect_left(self._shown, text, key=itemgetter(0)), None)
        return (found for _, found in takewhile(lambda each: each[0].startswith(text), after))

    def _below(self, folder: PurePosixPath, path: str, text: str) -> list[Occurrence]:
        """In the files whose paths end in `path`, below the nearest folder that has any."""
        files = files_below(folder, path, self._files.get(PurePosixPath(path).name, ()))
        return [found for file in files for found in self._beginning(file, text)]


def _named(folder: PurePosixPath, path: str) -> Iterator[str]:
    """The file that a page names, looked for in each folder above the page: a tree may hold many workshops."""
    return (str(above / path) for above in (folder, *folder.parents))


def _may_write(occurrence: Occurrence) -> bool:
    """Whether it stands in a page or a script, which may create a file with it."""
    return bool(_PAGE.search(occurrence.file.lower()) or _SCRIPT.search(occurrence.file))


def _groups(searches: Sequence[_Search]) -> list[list[_Search]]:
    """Searches that may select the same name belong together."""
    selecting: dict[Occurrence, list[int]] = {}
    for at, search in enumerate(searches):
        for other in search.selects:
            selecting.setdefault(other, []).append(at)
    groups, alone = [], dict.fromkeys(range(len(searches)))
    while alone:
        pending, group = [alone.popitem()[0]], []
        while pending:
            group.append(searches[pending.pop()])
            near = [at for other in group[-1].selects for at in selecting.pop(other, ()) if at in alone]
            for at in dict.fromkeys(near):
                del alone[at]
                pending.append(at)
        groups.append(group)
    return groups


def _together(
    searches: Iterable[_Search], fates: Mapping[Occurrence, Change], held: Mapping[Occurrence, str]
) -> tuple[list[Change], str]:
    """The changes of a group's search texts, or why the group must stay as it is."""
    added: list[Change] = []
    for search in searches:
        first = search.texts[0]
        news = {_new_text(first, other, fates) for other in search.selects}
        is_list = first.coupled_to == ANYWHERE and first.context in _COMMANDS
        if is_list:  # of what is here: it shows what moved, and the rest no longer
            news.discard(first.searched)
            if len(news) != 1 or first.reason:
                continue
        if news <= {first.searched}:
            continue
        for text in search.texts:
            if text in held:
                return [], held[text]
            if text.reason:
                return [], f"the search text at {text.place} must stay equal to it, and cannot change: {text.reason}"
        if len(news) != 1 or None in news:
            is_several = None not in news and first.coupled_to == ANYWHERE
            why = "it would be written in several ways" if is_several else "would match only a part of what it selects"
            return [], f"the search text at {first.place} must stay equal to it, and {why}"
        new = news.pop() or ""
        added += [Change(occurrence=text, texts=(_written(text, new),)) for text in search.texts]
    return added, ""


def _new_text(text: Occurrence, other: Occurrence, fates: Mapping[Occurrence, Change]) -> str | None:
    """What the search text has to become to go on matching `other`; None where nothing does."""
    old = other.parts[0].text
    new = fates[other].texts[0] if other in fates else old
    if text.coupled_to == ANYWHERE and new == old:
        return text.searched
    if text.coupled_to == ANYWHERE:
        return without_tag(new) if without_tag(text.searched) == text.searched else new
    return prefix_of(new, old, text.searched)
