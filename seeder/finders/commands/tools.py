"""The tools that are known by name, and how the words of each are read."""

from __future__ import annotations

from seeder.finders.commands import (
    builders,
    containers,
    edits,
    helm,
    inspectors,
    kubernetes,
    nodes,
    others,
    registries,
)
from seeder.finders.commands.use import Tool

TOOLS: dict[str, Tool] = (
    containers.TOOLS
    | nodes.TOOLS
    | kubernetes.TOOLS
    | helm.TOOLS
    | registries.TOOLS
    | inspectors.TOOLS
    | builders.TOOLS
    | others.TOOLS
    | edits.TOOLS
)
# Tools that are often run from an image of their own name, and ask registries themselves there.
IN_CONTAINERS = registries.TOOLS | inspectors.TOOLS | {"dive": containers.dive}
