"""Commands that projects keep: `scripts` of npm's package.json, `cmds` of a Taskfile (taskfile.dev, "Schema").

Among the files of an exercise they are the learner's to run, elsewhere the author's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from seeder.finders import macros
from seeder.finders.finding import Finding, Source
from seeder.finders.session import AUTHORS, all_mentions, is_exercise, told
from seeder.finders.yaml.root import Root
from seeder.syntax.yaml_nodes import Mapping, Node, Scalar, at, entries, items

_USE = re.compile(r"\{\{[ \t]*\.(?P<name>\w+)[ \t]*\}\}")
_TASKFILE = re.compile(r"taskfile(?:\.dist)?\.ya?ml")


def recognises(root: Root) -> bool:
    is_taskfile = bool(_TASKFILE.fullmatch(root.name)) and isinstance(at(root.node, "tasks"), Mapping)
    return is_taskfile or root.name == "package.json"


def read(root: Root) -> Iterator[Finding]:
    values = {
        name: value.text
        for variables in (at(root.node, "vars"), *(at(task, "vars") for _, task in entries(at(root.node, "tasks"))))
        for name, value in entries(variables)
        if isinstance(value, Scalar)
    }
    for script in _scripts(root):
        source = replace(script, text=macros.filled(script.text, _USE, values))
        yield from (source,) if is_exercise(source.path) else told(all_mentions(source), AUTHORS)


def _scripts(root: Root) -> Iterator[Source]:
    for _, script in entries(at(root.node, "scripts")):
        yield from _shell(root, script)
    for _, task in entries(at(root.node, "tasks")):
        for command in (task, *items(task), at(task, "cmd"), *items(at(task, "cmds"))):
            yield from _shell(root, command)
            yield from _shell(root, at(command, "cmd"))


def _shell(root: Root, node: Node | None) -> Iterator[Source]:
    if isinstance(node, Scalar):
        yield root.embedded(node, "shell")
