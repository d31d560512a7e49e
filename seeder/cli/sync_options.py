"""Options that `seeder sync` alone has, and what is made of them."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from seeder.run.project import Project
    from seeder.run.rewrite import Order

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


class RewriteTo(StrEnum):
    """What happens to the files of the workshops."""

    NONE = "none"
    IN_PLACE = "in-place"
    OUTPUT_DIR = "output-dir"


def order(project: Project, rewrite: RewriteTo | None, output_dir: Path | None) -> Order | None:
    """What the options ask for; None leaves it to the catalog."""
    if output_dir is not None and rewrite is not RewriteTo.OUTPUT_DIR:
        raise typer.BadParameter("--output-dir goes with --rewrite output-dir")
    if rewrite is None:
        return None
    from seeder.run.rewrite import Mode, Order  # a run that only copies pays for no rewriting

    match rewrite:
        case RewriteTo.IN_PLACE:
            return Order(mode=Mode.IN_PLACE)
        case RewriteTo.OUTPUT_DIR:
            named = project.catalog.output_dir
            return Order(mode=Mode.OUTPUT_DIR, output=output_dir or (project.path.parent / named if named else None))
        case RewriteTo.NONE:
            return Order(mode=Mode.LOOK)


def _engines(incomplete: str) -> list[str]:
    from seeder.run.engines import ENGINES

    return [name for name in ENGINES if name.startswith(incomplete)]


def _engine(name: str) -> str:
    from seeder.run.engines import DEFAULT, ENGINES

    if name and name not in ENGINES:
        raise typer.BadParameter(f"there is no engine {name!r}; there is: {', '.join(ENGINES)}")
    return name or DEFAULT


def seconds_of(text: str) -> float:
    """`90`, `90s`, `30m`, `1h30m` as seconds."""
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        raise typer.BadParameter(f"{text!r}: write 90s, 30m, 6h or 1h30m")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600.0 + minutes * 60 + seconds


def _layout(source: str) -> Path:
    kind, _, path = source.partition(":")
    if kind not in {"oci", "oci-archive"} or not path:
        raise typer.BadParameter(f"{source!r}: write oci: and the folder or tar of an OCI layout")
    return Path(path)


ReferencesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[REF…]", help="Only these images.", show_default=False)
]
UpdateOption = Annotated[bool, typer.Option("--update", help="Ask for every tag again, by HEAD, and move pins.")]
FrozenOption = Annotated[bool, typer.Option("--frozen", help="Take the lock as it is: never pin, never write it.")]
RewriteOption = Annotated[
    RewriteTo | None,
    typer.Option("--rewrite", help="Point the workshops at what was verified; the catalog's `rewrite` without it."),
]
OutputOption = Annotated[
    Path | None, typer.Option("--output-dir", metavar="DIR", help="Where `--rewrite output-dir` puts the trees.")
]
EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="What copies: direct or skopeo.",
        show_default=False,
        parser=_engine,
        autocompletion=_engines,
    ),
]
FromOption = Annotated[
    Path | None,
    typer.Option(
        "--from",
        metavar="oci:PATH",
        help="Take all images from this folder or tar, not from their registries.",
        show_default=False,
        parser=_layout,
    ),
]
ConcurrencyOption = Annotated[
    int,
    typer.Option(
        "--concurrency",
        metavar="N",
        min=1,
        help="The most requests of a kind at one registry; fewer where it complains.",
    ),
]
TimeoutOption = Annotated[
    float, typer.Option("--image-timeout", metavar="SECONDS", min=1, help="The longest that one image may take.")
]
WaitOption = Annotated[
    float | None,
    typer.Option(
        "--wait",
        metavar="DURATION",
        help="Wait so long, in all, for the quota: 90s, 30m, 6h; a number alone is seconds.",
        show_default=False,
        parser=seconds_of,
    ),
]
StoreLockOption = Annotated[
    bool | None,
    typer.Option(
        "--store-lock/--no-store-lock",
        help="Keep the lock at the target too, as an artifact; `store_lock` of the target without it.",
        show_default=False,
    ),
]
