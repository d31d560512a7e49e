"""Rules for workshops: pure, a module a group, each with a page in docs/rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from seeder.model.pin import Pin
from seeder.rules import cache, docker, hub, hub_logins, registries, secrets, suppression, tags
from seeder.rules.rule import Rule

_MODULES = (hub, tags, docker, cache, secrets, hub_logins, registries, suppression)

RULES: Mapping[str, Rule] = MappingProxyType({rule.id: rule for module in _MODULES for rule in module.RULES})

# What the guideline for hosting images asks beyond what a rule above has a file half of, by its number.
_CLUSTER_ONLY = {4: "whether the mirror has credentials, for reading only, of a paid plan"}


def elsewhere(pins: Iterable[Pin] | None = None) -> list[tuple[int, str]]:
    """What the guideline asks that files do not show, by its number; without sizes in `pins`, those too."""
    found = [(rule.guideline, rule.elsewhere) for rule in RULES.values() if rule.guideline and rule.elsewhere]
    if pins is not None and not all(pin.platforms for pin in pins):
        found.append((5, f"{_SIZES}: the lock lacks some (`seeder pin --read-manifests` reads them)"))
    return sorted([*found, *_CLUSTER_ONLY.items()])


_SIZES = "whether the mirror has room for the images that docker pulls"


def without_lock() -> list[tuple[int, str]]:
    """The same where no lock was given at all."""
    return sorted([*elsewhere(), (5, f"{_SIZES}: their sizes stand in a lock (--lock FILE)")])
