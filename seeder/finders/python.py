"""Images in Python: Testcontainers, Docker's SDK, clients of Kubernetes, pipelines of Airflow and Kubeflow, JupyterHub.

Read by Python's own parser. Only files that import one of these, or set up a spawner of JupyterHub's, are looked into,
and of them only what is called an image: the argument, the key of a dictionary, the default of one that is asked for,
the setting of a spawner.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from msgspec import Struct, field

from seeder.finders.finding import Finding, Slot, Source
from seeder.finders.yaml import given
from seeder.model.occurrence import Context, Mention, Puller, Spelling
from seeder.syntax.text import Text

LIBRARIES = frozenset(
    {"testcontainers", "docker", "podman", "kubernetes", "kubernetes_asyncio", "lightkube", "pykube", "kopf"}
    | {"airflow", "kfp", "hera", "prefect", "dagster", "flytekit", "pulumi_kubernetes"}
)
_IMPORTS = re.compile(rf"^[ \t]*(?:import|from)[ \t][^\n]*\b(?:{'|'.join(sorted(LIBRARIES))})\b", re.MULTILINE)
_SPAWNER = re.compile(r"\b[A-Z]\w*Spawner\.")
_HINT = re.compile(r"image|Container|containers")
_READ = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Call, ast.Dict)
_LOCAL = frozenset({"testcontainers", "docker", "podman"})  # what starts containers beside the program
_IMAGE = re.compile(r"(?:\w+_)?image(?:_name|_ref)?\Z")
_SETTING = re.compile(r"(?:\w+_)?image(?:_spec|_name)?\Z")
_MAKES = re.compile(r"build|push|publish|tag\Z")
_CONTAINER = re.compile(r"[A-Z]\w*Container\Z")
_VERBS = {"containers": {"run", "create"}, "images": {"pull"}}
_LINE_END = re.compile(r"\r\n|\r|\n")
_LONGEST = 2 << 20  # characters; nobody writes more by hand


def find(source: Source) -> Iterator[Finding]:
    content = source.text.content
    is_spawning = bool(_SPAWNER.search(content))
    tree = _parsed(content) if (is_spawning or _IMPORTS.search(content)) and _HINT.search(content) else None
    nodes = [node for node in ast.walk(tree) if isinstance(node, _READ)] if tree is not None else []
    libraries = {name for node in nodes for name in _imported(node)}
    if libraries.isdisjoint(LIBRARIES) and not is_spawning:
        return
    program = _Program(source.text, libraries)
    for node in nodes:
        program.note(node)
    seen: set[int] = set()
    for node in nodes:
        for constant, puller in program.images(node):
            if id(constant) not in seen:
                seen.add(id(constant))
                yield from program.mention(constant, puller)


def _parsed(content: str) -> ast.Module | None:
    """None for what this Python cannot read: it is no program of ours, and may be one of Python 2."""
    if len(content) > _LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and not node.level:
        yield (node.module or "").partition(".")[0]


class _Program(Struct):
    text: Text
    libraries: set[str]
    constants: dict[str, list[ast.Constant]] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)

    def note(self, node: ast.AST) -> None:
        """A variable that is given a text."""
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    self.constants.setdefault(target.id, []).append(node.value)

    def images(self, node: ast.AST) -> Iterator[tuple[ast.Constant, Puller]]:
        if isinstance(node, ast.Call):
            yield from self._called(node)
        elif isinstance(node, ast.Assign):
            yield from self._set(node)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "image":
                    yield from self._telling(value, Puller.KUBELET)

    def _set(self, node: ast.Assign) -> Iterator[tuple[ast.Constant, Puller]]:
        """`c.KubeSpawner.image = "…"` of JupyterHub's configuration."""
        for target in node.targets:
            if isinstance(target, ast.Attribute) and _SETTING.match(target.attr):
                owner = _name(target.value)
                if owner.endswith("Spawner"):
                    puller = Puller.KUBELET if "Kube" in owner else Puller.DOCKERD
                    yield from ((one, puller) for one in self._values(node.value))

    def _called(self, call: ast.Call) -> Iterator[tuple[ast.Constant, Puller]]:
        name, owner = _name(call.func), _name(call.func.value) if isinstance(call.func, ast.Attribute) else ""
        is_local = not self.libraries.isdisjoint(_LOCAL)
        is_ours = name in _VERBS.get(owner, ()) or bool("testcontainers" in self.libraries and _CONTAINER.match(name))
        if is_ours and is_local:
            for value in call.args[:1]:
                yield from ((one, Puller.DOCKERD) for one in self._values(value))
        if name == "get" and len(call.args) == 2 and _is_image(call.args[0]):
            yield from self._telling(call.args[1], Puller.KUBELET)
        if _MAKES.search(name.lower()):
            return
        puller = Puller.DOCKERD if is_ours or name.startswith("Docker") else Puller.KUBELET
        for keyword in call.keywords:
            if keyword.arg and _IMAGE.match(keyword.arg):
                yield from self._telling(keyword.value, puller)

    def _telling(self, node: ast.expr, puller: Puller) -> Iterator[tuple[ast.Constant, Puller]]:
        for constant in self._values(node):
            if given.is_tagged(str(constant.value)) or "/" in str(constant.value):
                yield constant, puller

    def _values(self, node: ast.expr) -> list[ast.Constant]:
        if isinstance(node, ast.Name):
            return self.constants.get(node.id, [])
        return [node] if isinstance(node, ast.Constant) else []

    def mention(self, constant: ast.Constant, puller: Puller) -> Iterator[Mention]:
        name = self._written(constant)
        if name is not None and not given.PICTURE.search(name.content):
            spelling = Spelling.COMMAND if puller is Puller.DOCKERD else Spelling.FIELD
            yield from Slot(context=Context.OTHER, pulled_by=puller, spelling=spelling).whole(name)

    def _written(self, constant: ast.Constant) -> Text | None:
        """The characters of a text that is written in one piece, on one line, without escapes."""
        value, line = constant.value, constant.lineno
        if not isinstance(value, str) or line != constant.end_lineno:
            return None
        start = self._start(line)
        end = self._start(line + 1)
        before = self.text.content[start:end].encode()[: constant.col_offset]
        at = start + len(before.decode(errors="replace")) + 1
        return self.text.slice(at, at + len(value)) if self.text.content[at : at + len(value)] == value else None

    def _start(self, line: int) -> int:
        """Where a line begins, counted from 1, as Python's parser counts lines."""
        if not self.starts:
            self.starts = [0, *(match.end() for match in _LINE_END.finditer(self.text.content))]
        return self.starts[line - 1] if line <= len(self.starts) else len(self.text)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_image(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(_IMAGE.match(node.value))
