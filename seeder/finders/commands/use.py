"""How a command uses an image, and the reading of options that leads there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum, auto

from msgspec import Struct

from seeder.model.occurrence import Context, Puller, Role, Spelling
from seeder.syntax.shell_nodes import Word

_MOST_VERBS = 8  # what follows is nobody's verb, and each costs a copy of the rest


class Kind(Enum):
    """What the command does with the name."""

    PULL = auto()
    LOCAL = auto()  # it must be here already, under the name that something else pulled or built
    LOAD = auto()  # as LOCAL, and the command puts it onto the nodes of a cluster
    MAKE = auto()  # the command builds, tags, commits or pushes it
    FILL = auto()  # it copies images there, under the tags that they have
    LIST = auto()  # it asks a registry about the repository and pulls nothing
    FIND = auto()  # it looks for the name in a file, and must stay equal to what stands there


PRODUCTS = (Kind.MAKE, Kind.FILL)


class Use(Struct, frozen=True):
    """A word (or the part of one) that names an image.

    `parts` are the pieces of a name that is split over options, by role; `word` is then None. `before` is what
    a file of the workshop says of the name, as a variable. `version` is a chart's, which is its tag and stays as it is.
    `file` is where a name is looked for, `pattern` the regular expression that it is a part of; `reason` says why it
    cannot be written otherwise where it stands. `needs_registry` is true where a name without a registry is something
    of the cluster. Nobody pulls what is made, local or looked for, whatever `puller` says.
    """

    word: Word | None = None
    parts: tuple[tuple[Role, Word], ...] = ()
    before: str = ""
    version: Word | None = None
    kind: Kind = Kind.PULL
    puller: Puller = Puller.DOCKERD
    spelling: Spelling = Spelling.COMMAND
    context: Context | None = None
    file: str = ""
    pattern: str = ""
    reason: str = ""
    needs_registry: bool = False


class Setting(Struct, frozen=True):
    """A value that a command gives to a key of a file; others may bring the rest of the name."""

    file: str
    key: str
    word: Word


class Document(Struct, frozen=True):
    """A word that holds a text of a kind: JSON in --overrides, a script in `bash -c`."""

    word: Word
    kind: str


Reading = Use | Setting | Document
Tool = Callable[[Sequence[Word]], Iterator[Reading]]


def made(word: Word) -> Use:
    return Use(word=word, kind=Kind.MAKE)


def deployed(word: Word) -> Use:
    return Use(word=word, puller=Puller.KUBELET)


def by_place(words: Sequence[Word], kinds: Sequence[Kind]) -> Iterator[Use]:
    """What a tool that asks registries itself does with each word, the first of which is of the first kind."""
    for word, kind in zip(words, kinds, strict=False):
        yield Use(word=word, kind=kind, puller=Puller.CLI)


class Arguments(Struct, frozen=True):
    """A command's words sorted: what is no option, and the options that have a value."""

    positionals: tuple[Word, ...]
    options: tuple[tuple[str, Word], ...]
    flags: frozenset[str]

    def values(self, *names: str) -> Iterator[Word]:
        for name, word in self.options:
            if name in names:
                yield word


def split(words: Sequence[Word], values: frozenset[str], *, stop: int = 1 << 30) -> Arguments:
    """Sorts words: `values` are the options that take one; after `stop` positionals the rest is not ours.

    `--x=y`, `--x y`, `-xy` and `-abx y` are read as docker, kubectl and getopt do.
    """
    positionals: list[Word] = []
    options: list[tuple[str, Word]] = []
    flags: set[str] = set()
    at = 0
    while at < len(words) and len(positionals) < stop:
        word = words[at]
        at += 1
        if word.value == "--":
            positionals += words[at : at + stop - len(positionals)]
            break
        if not word.value.startswith("-") or word.value == "-":
            positionals.append(word)
            continue
        name, value = _option(word, values)
        if value is None and name in values and at < len(words):
            value = words[at]
            at += 1
        if value is None:
            flags.add(name)
        else:
            options.append((name, value))
    return Arguments(tuple(positionals), tuple(options), frozenset(flags))


def _option(word: Word, values: frozenset[str]) -> tuple[str, Word | None]:
    """The option's name, and its value where that stands in the same word."""
    text = word.value
    name, equals, _ = text.partition("=")
    if equals:
        return name, word.cut(len(name) + 1)
    if text.startswith("--") or text in values:
        return text, None
    for index in range(1, len(text)):
        letter = f"-{text[index]}"
        if letter in values:
            return letter, word.cut(index + 1) if index + 1 < len(text) else None
    return text, None


def verbs(words: Sequence[Word], values: frozenset[str] = frozenset()) -> Iterator[tuple[str, Sequence[Word]]]:
    """The words from the front that are no options, each with what follows it: image, pull and x of `image pull x`."""
    at = found = 0
    while at < len(words) and found < _MOST_VERBS:
        word = words[at]
        at += 1
        if word.value.startswith("-"):
            if word.value in values:
                at += 1
            continue
        found += 1
        yield word.value, words[at:]


def in_options(puller: Puller, values: frozenset[str], *names: str) -> Tool:
    """A tool, or a verb of one, whose images stand in some of its options; `values` are others that take a value."""

    def read(words: Sequence[Word]) -> Iterator[Reading]:
        yield from (Use(word=word, puller=puller) for word in split(words, values | set(names)).values(*names))

    return read


def option_set(names: str) -> frozenset[str]:
    """Options from a table: words with their dashes left out, one letter for short ones."""
    return frozenset(f"--{name}" if len(name) > 1 else f"-{name}" for name in names.split())


def after(word: Word, prefix: str) -> Word | None:
    """What follows `prefix` in the word; None where it does not begin so."""
    return word.cut(len(prefix)) if word.value.startswith(prefix) else None
