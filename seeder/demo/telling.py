"""How the demo speaks: numbered steps, plain sentences, and what the commands themselves print, indented."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from seeder.report.output import write_text


class Telling(Struct):
    """`folder` is shown as nothing, so that paths are short; `step` counts."""

    folder: Path
    step: int = 0

    def heading(self, title: str, command: str = "") -> None:
        """A new step, with the command that does it by hand."""
        self.step += 1
        typed = f"   $ {command}\n" if command else ""
        write_text(f"\n{self.step}. {title}\n{typed}")

    def say(self, text: str, *, indent: str = "   ") -> None:
        write_text(f"{indent}{text}\n")

    def block(self, text: str) -> None:
        """What a command printed."""
        shown = text.replace(f"{self.folder}/", "")
        write_text("".join(f"     {line}".rstrip() + "\n" for line in shown.splitlines()))
