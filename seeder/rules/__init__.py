"""Rules for workshops: pure, a module a group, each with a page in docs/rules."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from seeder.rules import cache, docker, hub, registries, secrets, suppression, tags
from seeder.rules.rule import Rule

_MODULES = (hub, tags, docker, cache, secrets, registries, suppression)

RULES: Mapping[str, Rule] = MappingProxyType({rule.id: rule for module in _MODULES for rule in module.RULES})

# What the guideline for hosting images asks beyond what a rule above has a file half of, by its number.
_CLUSTER_ONLY = {4: "whether the mirror has credentials, for reading only, of a paid plan"}


def elsewhere() -> list[tuple[int, str]]:
    """What the guideline asks that files do not show, by its number."""
    found = [(rule.guideline, rule.elsewhere) for rule in RULES.values() if rule.guideline and rule.elsewhere]
    return sorted([*found, *_CLUSTER_ONLY.items()])
