"""Tools by what they have in common: a flag or a setting whose name says that its value is an image."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from seeder.finders.commands.helm import set_values
from seeder.finders.commands.kubernetes import VALUES, until_dashes
from seeder.finders.commands.use import Reading, Tool, deployed, made, option_set, split
from seeder.finders.yaml import given
from seeder.syntax.shell_nodes import Word

_MAKES = re.compile(r"build|publish|push|package|containeri[sz]e|bundle\Z")
_MAY_NAME = re.compile(r"--(?:helm-)?set\b|build|publish|containeri[sz]e")
_FLAG = re.compile(r"--(?!.*(?:dest|push|output|target|tag))(?:[\w-]+-)?image\Z")
# --image=x, -Dkubernetes.container.image=x, spark.kubernetes.container.image=x after --conf
_SETTING = re.compile(
    r"(?:--(?!.*(?:dest|push|output|target|tag)[\w-]*=)(?:[\w-]+-)?|(?:-D|--conf=)?(?:[\w-]+\.)+(?:[\w-]+-)?)image=(?P<name>\S+)"
)


def others(words: Sequence[Word]) -> Iterator[Reading]:
    """A tool that we do not know: a flag or setting whose name ends in `image`, with a whole name behind it.

    Where it builds or publishes, the name may be that of what it makes.
    """
    if not any("mage" in word.value or _MAY_NAME.match(word.value) for word in words):
        return
    found = split(until_dashes(words), option_set("set helm-set conf t tag n name"))
    if any(_MAKES.match(word.value) for word in found.positionals[:3]):
        yield from map(made, found.values("-t", "--tag", "-n", "--name"))
        return
    yield from set_values([*found.values("--set", "--helm-set")])
    for before, word in pairwise([words[0], *words] if words else ()):
        if _FLAG.match(before.value) and _is_whole(word.value):
            yield deployed(word)
        elif (match := _SETTING.match(word.value)) and _is_whole(match["name"]):
            yield deployed(word.cut(match.start("name")))


def _is_whole(value: str) -> bool:
    return value.startswith("$") or given.is_tagged(value)


def velero(words: Sequence[Word]) -> Iterator[Reading]:
    """`velero install --image IMAGE --plugins IMAGE,IMAGE`, `velero plugin add IMAGE`"""
    found = split(words, VALUES | option_set("plugins provider bucket secret-file backup-location-config"))
    yield from map(deployed, found.values("--image"))
    for word in found.values("--plugins"):
        yield from (deployed(word.cut(*match.span())) for match in re.finditer(r"[^,]+", word.value))
    if [word.value for word in found.positionals[:2]] == ["plugin", "add"]:
        yield from map(deployed, found.positionals[2:3])


TOOLS: dict[str, Tool] = {
    **dict.fromkeys(("spark-submit", "pyspark", "spark-shell", "spark-sql", "flink"), others),
    "velero": velero,
}
