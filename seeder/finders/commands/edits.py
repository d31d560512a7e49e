"""Commands that put images into files: `sed 's|image: .*|image: x|' FILE`, `yq '.image.repository = "x"' FILE`.

What sed looks for must stay equal to what stands in the file, as an editor action's search text must.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from seeder.finders.commands.mentions import is_image
from seeder.finders.commands.use import Kind, Reading, Setting, Tool, Use, option_set, split
from seeder.model.occurrence import Puller
from seeder.syntax.shell_nodes import Word

_SUBSTITUTES = re.compile(
    r"(?<![\w.-])s(?P<mark>[/|#,@!:~%+])(?P<find>(?:\\.|(?!(?P=mark))[^\\\n])*)(?P=mark)"
    r"(?P<put>(?:\\.|(?!(?P=mark))[^\\\n])*)(?P=mark)"
)
# What an image's name follows in a manifest or a Dockerfile, also in a group of the search: `s|\(image: \).*|\1x|`.
_KEY = r"(?:\b\w*[iI]mage\\?[\"']?[ \t]*[:=](?:[ \t]|\\s)*[*+]?\\?\)?|\bFROM[ \t]+)"
_NAMED = re.compile(rf"{_KEY}[\"']?(?P<name>[^\s\"']+)")
_HAS_KEY = re.compile(_KEY)
_GROUP = re.compile(r"\A(?:\\[1-9]|\$\{?[1-9]\}?)[\"']?(?P<name>[^\s\"'\\$]+)")
_TAGGED = re.compile(r"(?P<repository>[^\s@]+):(?!\d{3,5}\Z)[\w][\w.-]*(?:@sha256:[0-9a-f]{64})?\Z")
_FILES = re.compile(r"\.(?:ya?ml|json)(?:\.\w+)?\Z|(?:^|/)[\w.-]*(?:Docker|Container)file[\w.-]*\Z")
_EXTENDED = re.compile(r"-(?:[a-zA-Z]*[Er]|-regexp-extended\Z)")
_TELLING = 3  # characters; shorter ones stand in too many places
_VARIABLE = re.compile(r"\$[\w{(]")
_SLASH = "the new name has slashes, which end this expression: write s|…|…|"

_ASSIGNS = re.compile(
    r"(?<![\w.\]\"-])(?P<path>\.(?:[\w.-]|\[[^\]\s]{0,40}\]|\"[\w./-]{0,60}\")+)\s{0,3}\|?=\s{0,3}\"(?P<value>[^\"\\]*)\""
)
_INDEX = re.compile(r"\[[^\]]*\]|\"")


def sed(words: Sequence[Word]) -> Iterator[Reading]:
    """The names on both sides of each substitution."""
    is_extended = any(_EXTENDED.match(word.value) for word in words)
    yield from perl(words, is_basic=not is_extended)


def perl(words: Sequence[Word], *, is_basic: bool = False) -> Iterator[Reading]:
    """The same in scripts of `perl -pe`, whose regular expressions are not basic ones."""
    found = split(words, option_set("e expression f file"))
    scripts = [*found.values("-e", "--expression")]
    files = [word for word in found.positionals if word.value]
    if not scripts:
        scripts, files = files[:1], files[1:]
    file = next((word.value for word in files if _FILES.search(word.value)), "")
    for script in scripts:
        for match in _SUBSTITUTES.finditer(script.value):
            sides = [script.cut(*match.span(side)) for side in ("find", "put")]
            yield from _substitution(*sides, file=file, reason=_SLASH if match["mark"] == "/" else "")
            if not _are_versions(*(side.value for side in sides)):
                yield from _part_of_a_name(sides[0], file, is_basic=is_basic)


def _substitution(find: Word, put: Word, *, file: str, reason: str) -> Iterator[Reading]:
    old, new = _after_key(find), _after_key(put) or _after_group(find, put)
    if old is None and new is None and _are_versions(find.value, put.value):
        old, new = find, put
    if old is not None and file and is_image(_plain(old).value):
        yield Use(word=_plain(old), kind=Kind.FIND, file=file, reason=reason)
    if new is not None:
        yield Use(word=_plain(new), puller=Puller.KUBELET, reason=reason)


def _part_of_a_name(find: Word, file: str, *, is_basic: bool) -> Iterator[Use]:
    """What is looked for where it may be a part of a name, such as its tag: then the name stays."""
    sought = re.sub(r"\\?[(){}+?|]", _swapped, find.value) if is_basic else find.value
    is_telling = len(sought) >= _TELLING and not _VARIABLE.search(sought) and not _HAS_KEY.search(find.value)
    if file and is_telling:
        yield Use(word=find, kind=Kind.FIND, file=file, pattern=sought)


def _swapped(match: re.Match[str]) -> str:
    """A sign of a basic regular expression as the others write it: `\\(` for `(`, and the other way round."""
    return match[0][1] if match[0].startswith("\\") else f"\\{match[0]}"


def _after_key(side: Word) -> Word | None:
    match = _NAMED.search(side.value)
    return side.cut(*match.span("name")) if match else None


def _after_group(find: Word, put: Word) -> Word | None:
    match = _GROUP.match(put.value) if _HAS_KEY.search(find.value) else None
    return put.cut(*match.span("name")) if match else None


def _are_versions(old: str, new: str) -> bool:
    """Whether one tag of an image takes the place of another, which may come from elsewhere: no ports."""
    before, after = _TAGGED.match(old.replace("\\", "")), _TAGGED.match(new.replace("\\", ""))
    if before is None or after is None or before[0] == after[0]:
        return False
    short, long = sorted((before["repository"], after["repository"]), key=len)
    return f"/{long}".endswith(f"/{short}")


def _plain(word: Word) -> Word:
    """The word without the backslashes that keep its dots and slashes from meaning something."""
    kept = [word.cut(*match.span()) for match in re.finditer(r"[^\\]+", word.value)]
    spans = tuple(span for piece in kept for span in piece.spans)
    return word if len(kept) == 1 else Word(word.source, "".join(piece.value for piece in kept), spans, word.quoted)


def yq(words: Sequence[Word]) -> Iterator[Reading]:
    """`.path.image = "x"` in an expression of yq or jq, and the parts of a name: `.image.tag = "y"`."""
    names = [word for word in words if not word.value.startswith("-")]
    file = next((word.value for word in reversed(names) if _FILES.search(word.value)), "")
    for word in names:
        for match in _ASSIGNS.finditer(word.value):
            yield Setting(file, _INDEX.sub("", match["path"]), word.cut(*match.span("value")))


TOOLS: dict[str, Tool] = {"sed": sed, "gsed": sed, "perl": perl, "yq": yq, "jq": yq}
