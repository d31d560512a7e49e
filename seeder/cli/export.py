"""`seeder export`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from seeder.cli.options import CatalogArgument, LockOption, TargetOption, settings_of
from seeder.errors import UsageError
from seeder.report.output import write_text


class Form(StrEnum):
    IMAGESLOCK = "imageslock"
    REGISTRIES_CONF = "registries.conf"
    HOSTS_TOML = "hosts.toml"
    KUSTOMIZE = "kustomize"


def export(
    ctx: typer.Context,
    catalog: CatalogArgument,
    form: Annotated[Form, typer.Option("--as", help="The format.", show_default=False)],
    target: TargetOption = None,
    lock: LockOption = None,
    output_dir: Annotated[
        Path | None, typer.Option("--output-dir", metavar="DIR", help="Write the files here, not to stdout.")
    ] = None,
) -> int:
    """Write the lock in the formats of other tools; asks no registry, unless the lock is in one.

    imageslock: for imgpkg and kbld. registries.conf: the target as mirror, for podman, skopeo, CRI-O. hosts.toml: the
    same for containerd, a folder for each source, to go to /etc/containerd/certs.d. kustomize: a component.
    """
    from seeder.report.note import Note, tell
    from seeder.run.export import export as run_export
    from seeder.run.export import write
    from seeder.run.project import open_project

    project = open_project(catalog, lock=lock, settings=settings_of(ctx))
    texts = run_export(project, project.target(target), form.value)
    if output_dir is not None:
        tell(Note(message=f"wrote {path}") for path in write(texts, output_dir))
        return 0
    if len(texts) > 1:
        raise UsageError(f"{form} is {len(texts)} files here: {', '.join(texts)}", hint="add --output-dir DIR")
    write_text("".join(texts.values()))
    return 0
