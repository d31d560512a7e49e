"""Commands as this program shows them, and a group that imports a command's module only when that command runs."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from seeder.cli import synonyms
from seeder.cli.commands import COMMANDS, examples
from seeder.errors import UsageError


class Command(TyperCommand):
    """Shows examples below its help, and what it needs without Typer's braces."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except TyperException as error:
            told: Any = error
            told.ctx = getattr(told, "ctx", None) or ctx  # Typer leaves out whose option lacks its value
            raise

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        return [piece.removeprefix("{").removesuffix("}") for piece in super().collect_usage_pieces(ctx)]

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        self.epilog = examples(ctx.command_path.partition(" ")[2])
        super().format_epilog(ctx, formatter)


def load(name: str) -> Any:
    """The command of that name, built from its module."""
    module = import_module(f"seeder.cli.{name}")
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
        app.command(name, cls=Command)(getattr(module, name))
    return typer.main.get_command(app)


class Group(TyperGroup):
    """Says which command was meant."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, known = args[0], self.list_commands(ctx)
        if name not in known and not name.startswith("-"):
            raise self.unknown(ctx, name, get_close_matches(name, known, 1))
        return super().resolve_command(ctx, args)

    def unknown(self, ctx: Any, name: str, near: Sequence[str]) -> Exception:
        return UsageError(
            f"no such command: {name}" + (f"; did you mean {near[0]}?" if near else ""),
            hint=f"{ctx.command_path} --help",
        )


class LazyGroup(Group):
    """Knows its commands by name and line of help; `load` gives the rest. Knows what other tools call them, too."""

    def unknown(self, ctx: Any, name: str, near: Sequence[str]) -> Exception:
        if hint := synonyms.COMMANDS.get(name):
            return UsageError(f"no such command: {name}", hint=hint)
        return super().unknown(ctx, name, near)

    def list_commands(self, ctx: Any) -> list[str]:
        del ctx  # the commands are the same everywhere
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return load(cmd_name) if cmd_name in self.list_commands(ctx) else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])
