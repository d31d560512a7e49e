"""`seeder lint`."""

from __future__ import annotations

import logging
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from seeder.cli.options import ReportOption, SetOption, SourcesArgument, noted, settings_of, variables_of
from seeder.errors import FileError
from seeder.model.pin import Lock
from seeder.numbers import counted
from seeder.report import github, sarif
from seeder.report import lint as told
from seeder.report.note import Note, tell
from seeder.report.output import emit
from seeder.rules import RULES, elsewhere, without_lock
from seeder.rules.rule import Rule, Severity
from seeder.run.artifact import artifact_of, shown
from seeder.run.lint import Fixed, fix, lint_trees
from seeder.run.project import read_lock


class LintFormat(StrEnum):
    TABLE = "table"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


_ON_GITHUB = frozenset({LintFormat.GITHUB, LintFormat.SARIF})


class FailOn(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    NEVER = "never"


def _known(incomplete: str) -> list[str]:
    return [name for name in RULES if name.startswith(incomplete)]


def lint(
    ctx: typer.Context,
    paths: SourcesArgument,
    fmt: Annotated[
        LintFormat,
        typer.Option("--format", help="What is written to stdout; github is for annotations.", callback=noted),
    ] = LintFormat.TABLE,
    report_file: ReportOption = None,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="End with 1 from problems of this severity up.")
    ] = FailOn.WARNING,
    fix_: Annotated[bool, typer.Option("--fix", help="Put right what is safe to, then tell what remains.")] = False,
    only: Annotated[
        list[str],
        typer.Option("--only", metavar="RULE", help="Check this rule alone; repeatable.", autocompletion=_known),
    ] = [],
    ignore: Annotated[
        list[str], typer.Option("--ignore", metavar="RULE", help="Leave a rule out; repeatable.", autocompletion=_known)
    ] = [],
    set_: SetOption = [],
    lock: Annotated[
        Path | None,
        typer.Option("--lock", metavar="FILE", help="What is known of the images; oci://… for a stored lock."),
    ] = None,
) -> int:
    """Check workshops against the guideline for hosting images.

    Nothing is asked of the network, except for oci://HOST/REPOSITORY:TAG, the files that a workshop was published with:
    one pull. With --lock, sizes and formats of images are known too. A comment
    `# seeder: allow RULE reason`, on the line or the one before, allows what a rule refuses.
    """
    rules = _chosen(only, ignore)
    variables, settings = variables_of(set_), settings_of(ctx)
    pins = read_lock(lock, settings) if lock else Lock()
    linted = lint_trees(paths, variables, pins, rules, settings)
    fixed = fix(linted) if fix_ else Fixed()
    if fix_:
        tell([*map(_unfixed, fixed.faults), Note(message=f"fixed {counted(fixed.places, 'place')}")])
    if fixed.places:
        linted = lint_trees(paths, variables, pins, rules, settings)
    checkout = settings.environment.get("GITHUB_WORKSPACE", "") if fmt in _ON_GITHUB else ""
    trees = [told.Tree(_named(tree.root, checkout), tree.found, tree.unread) for tree in linted]
    fails = told.reaches(trees, None if fail_on is FailOn.NEVER else Severity(fail_on.value))
    code = int(fails or bool(fixed.faults))
    not_checked = elsewhere(pins) if lock else without_lock()
    texts = {
        LintFormat.TABLE: lambda: told.lint_text(trees, not_checked),
        LintFormat.SARIF: lambda: sarif.rendered(trees, RULES),
        LintFormat.GITHUB: lambda: github.commands(trees),
    }
    document = told.lint_document(trees, not_checked, code)
    bare = [_bare(tree.root) for tree in linted if tree.is_bare]
    emit(document, fmt=fmt.value, report_file=report_file, table=texts.get(fmt, str), notes=bare)
    return code


def _named(root: Path, checkout: str) -> str:
    """A root as it was given; for GitHub, which knows files by their paths in the checkout, from there."""
    if not checkout or artifact_of(root) is not None:
        return shown(root)
    place, top = root.resolve(), Path(checkout).resolve()
    return place.relative_to(top).as_posix() if place.is_relative_to(top) else shown(root)


def _bare(root: Path) -> Note:
    return Note(message=f"{shown(root)}: no images found: is this the folder of a workshop?", level=logging.WARNING)


def _unfixed(error: FileError) -> Note:
    return Note(message=f"{error.where}: {error.message}", level=logging.WARNING, hint=error.hint)


def _chosen(only: list[str], ignore: list[str]) -> list[Rule]:
    for name in (*only, *ignore):
        if name not in RULES:
            near = get_close_matches(name, RULES, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(RULES)}"
            raise typer.BadParameter(f"there is no rule {name}{hint}")
    return [rule for name, rule in RULES.items() if (not only or name in only) and name not in ignore]
