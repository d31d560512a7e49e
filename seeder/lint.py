"""Workshops against the rules: a file's facts first, then all that is known of a workshop together (pure)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from seeder.model import educates
from seeder.model.occurrence import Occurrence
from seeder.model.pin import Lock
from seeder.rules import RULES, suppression
from seeder.rules.rule import Problem, Rule
from seeder.rules.subject import Definition, Page, Workshop
from seeder.rules.suppression import Allowance
from seeder.syntax.text import Text, is_binary
from seeder.syntax.yaml import documents
from seeder.syntax.yaml_nodes import at, items, string

_DEFINITION = ("resources", "workshop.yaml")
_YAML = (".yaml", ".yml")
# Words of what needs a docker engine: docker itself, buildpacks, plugins and tools that build, clusters in containers.
_DOCKER = re.compile(
    rb"docker|\bpack build|build-?image|testcontainers|\bkind create|\bk3d |\bminikube |\bdive "
    rb"|skaffold|\bfunc (?:build|deploy|run)\b|\btilt up|\bearthly |\bdagger |\bdevspace |devcontainer|localstack",
    re.IGNORECASE,
)
_BYPASS = re.compile(rb"\b(?:podman|nerdctl|dive|buildah|kp)[ \t]+[\w-]|\bjib\b")


class Found(Struct, frozen=True, kw_only=True):
    """A problem and the rule that it breaks; `reason` is why a comment allows it, empty where none does."""

    rule: Rule
    problem: Problem
    reason: str = ""


class Facts(Struct, frozen=True, kw_only=True):
    """What one file tells: its own problems, Workshop definitions, comments that allow, whether it speaks of docker.

    `bypasses` are the lines with a tool that looks like docker and has no part in its mirror.
    """

    path: str
    found: tuple[Found, ...] = ()
    definitions: tuple[Definition, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    uses_docker: bool = False
    bypasses: frozenset[int] = frozenset()


def examine(path: PurePosixPath, data: bytes, rules: Sequence[Rule]) -> Facts:
    """The facts of a file; total. Binary files have none."""
    if is_binary(data):
        return Facts(path=str(path))
    asked = [rule for rule in rules if rule.of_page and any(hint in data for hint in rule.hints)]
    has_comments, may_define = suppression.HINT in data, b"Workshop" in data and path.suffix in _YAML
    page = Page(str(path), Text.of(data)) if asked or has_comments or may_define else None
    definitions = tuple(_definitions(page)) if page and may_define else ()
    return Facts(
        path=str(path),
        found=tuple(_of_page(page, asked)) if page else (),
        definitions=definitions,
        allowances=tuple(suppression.allowances(page)) if page and has_comments else (),
        uses_docker=bool(_DOCKER.search(data) or _DOCKER.search(os.fsencode(path.name))) and not definitions,
        bypasses=frozenset(_bypasses(data)),
    )


def _bypasses(data: bytes) -> Iterator[int]:
    """The numbers of the lines that hold a tool past docker's mirror, which most files have none of."""
    if _BYPASS.search(data):
        yield from (number for number, line in enumerate(data.split(b"\n"), 1) if _BYPASS.search(line))


def _of_page(page: Page, rules: Iterable[Rule]) -> Iterator[Found]:
    for rule in rules:
        if rule.of_page:
            yield from (Found(rule=rule, problem=problem) for problem in rule.of_page(page))


def _definitions(page: Page) -> Iterator[Definition]:
    for document in documents(page.text):
        for root in document.roots:
            for node in (root, *items(at(root, "items"))):
                group = string(at(node, "apiVersion")).rpartition("/")[0]
                if group in educates.GROUPS and string(at(node, "kind")) == "Workshop":
                    yield Definition(page.path, group, node)


def lint(
    facts: Sequence[Facts], occurrences: Iterable[Occurrence], lock: Lock, rules: Sequence[Rule]
) -> tuple[Found, ...]:
    """All that the rules find in one tree, sorted by place; what a comment allows has its reason.

    `occurrences` are all that stand in the tree, pulled or not.
    """
    found = [each for fact in facts for each in fact.found]
    for workshop in workshops(facts, occurrences, lock):
        for rule in rules:
            if rule.of_workshop:
                found += (Found(rule=rule, problem=problem) for problem in rule.of_workshop(workshop))
    comments = [allowance for fact in facts for allowance in fact.allowances]
    allowed = [each for each in comments if suppression.is_valid(each, RULES)]
    judged = [_judged(each, allowed) for each in dict.fromkeys(found)]
    if any(rule.id == suppression.ID for rule in rules):
        judged += _of_comments(comments, judged, rules)
    return tuple(sorted(judged, key=_order))


def _order(found: Found) -> tuple[str, int, int, str, str]:
    place = found.problem.place
    return place.file, place.line, place.column, found.rule.id, found.problem.message


def _judged(found: Found, allowed: Iterable[Allowance]) -> Found:
    reason = next((each.reason for each in allowed if each.covers(found.rule.id, found.problem.place)), "")
    return Found(rule=found.rule, problem=found.problem, reason=reason) if reason else found


def _of_comments(comments: Iterable[Allowance], judged: Sequence[Found], rules: Sequence[Rule]) -> Iterator[Found]:
    """Comments are judged by the rules that ran; one for a rule that did not run is left in peace."""
    ran = {rule.id for rule in rules}
    for allowance in comments:
        used = {each.rule.id for each in judged if allowance.covers(each.rule.id, each.problem.place)}
        idle = frozenset(used | (RULES.keys() - ran))
        for problem in suppression.faults(allowance, RULES, idle):
            yield Found(rule=RULES[suppression.ID], problem=problem)


def workshops(facts: Sequence[Facts], occurrences: Iterable[Occurrence], lock: Lock) -> list[Workshop]:
    """The tree cut into its workshops, by their `resources/workshop.yaml`; what is in none is one of its own."""
    folders = _folders(facts)
    pins = lock.by_reference()
    by_folder: Mapping[str, tuple[list[Facts], list[Occurrence]]] = {folder: ([], []) for folder in [*folders, ""]}
    for fact in facts:
        by_folder[_folder(fact.path, folders)][0].append(fact)
    for one in occurrences:
        by_folder[_folder(one.file, folders)][1].append(one)
    return [
        Workshop(
            occurrences=tuple(named),
            definitions=tuple(definition for fact in known for definition in fact.definitions),
            docker_users=tuple(fact.path for fact in known if fact.uses_docker),
            bypasses=frozenset((fact.path, line) for fact in known for line in fact.bypasses),
            searched=frozenset(one.searched for one in named if one.coupled_to),
            has_content=any(fact.path.startswith(f"{folder}/workshop/".lstrip("/")) for fact in known),
            pins=pins,
        )
        for folder, (known, named) in by_folder.items()
        if known or named
    ]


def _folders(facts: Iterable[Facts]) -> list[str]:
    """The folders of workshops, those inside others first."""
    parts = [PurePosixPath(fact.path).parts for fact in facts]
    found = {"/".join(each[:-2]) for each in parts if each[-2:] == _DEFINITION}
    return sorted(found - {""}, key=lambda folder: (-folder.count("/"), folder))


def _folder(path: str, folders: Iterable[str]) -> str:
    return next((folder for folder in folders if path.startswith(f"{folder}/")), "")
