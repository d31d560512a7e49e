"""Which occurrences are to name the target, by catalog, lock and place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from seeder import targets
from seeder.errors import UsageError
from seeder.model.catalog import Catalog, TargetSettings
from seeder.model.digest import Digest
from seeder.model.occurrence import Context, Occurrence, Puller
from seeder.model.pin import Pin
from seeder.model.reference import ImageReference
from seeder.rewrite.change import Change, Left
from seeder.rewrite.spell import spell

# Variables that `educates publish-workshop` replaces in the whole file (the first two), or that only a running session
# knows. A literal in their place would freeze what the platform has to choose.
_PLATFORM_VARIABLE = re.compile(
    r"\$\((?:image_repository|workshop_version|oci_image_cache|assets_repository|registry_[a-z_]+|workshop_image"
    r"|workshop_namespace|session_[a-z_]+|environment_name|ingress_domain|cluster_domain)\)"
)
_CHOSEN = "write one tag in its stead, or say under `variables` which tag it chooses: tagSelection: 1.2.3"
_UPSTREAM = "write the target's address into its `urls` where the cache is to fetch from there"
_SHORT_NAME = re.compile(r"[a-z0-9-]+:\*\Z")


class Rules(Struct, frozen=True, kw_only=True):
    """What decides: the catalog, the target, the lock's pins, and inside `sync` what was verified at the target.

    `roots` overrides, by reference, the digest that stands at the target, where the run knows better than the lock.
    """

    catalog: Catalog
    target: TargetSettings
    pins: Mapping[ImageReference, Pin]
    verified: frozenset[ImageReference] | None = None
    roots: Mapping[ImageReference, Digest] = field(default_factory=dict)


def choose(occurrences: Iterable[Occurrence], rules: Rules) -> tuple[list[Change], list[Left]]:
    """What becomes of each occurrence; those that nobody pulls, and search texts, are passed over."""
    changes: list[Change] = []
    left: list[Left] = []
    for occurrence in occurrences:
        if not occurrence.pulled:
            continue
        fate = _fate(occurrence, rules)
        if isinstance(fate, Change):
            changes.append(fate)
        else:
            left.append(fate)
    return changes, left


def _fate(occurrence: Occurrence, rules: Rules) -> Change | Left:
    stays = _not_meant(occurrence, rules)
    if stays is not None:
        return stays
    reference = occurrence.reference
    assert reference is not None  # noqa: S101 - _not_meant left it where it is None
    root = _root(reference, rules)
    if not isinstance(root, Digest):
        reason, hint = root
        counts = rules.verified is None and rules.catalog.requires(reference.or_latest())
        return Left(occurrence=occurrence, reason=reason, hint=hint, counts=counts, shared=True)
    reason = targets.refusal(occurrence, rules.target)
    if reason:
        hint = f"set targets.{rules.target.name}.reached_by in the catalog"
        return Left(occurrence=occurrence, reason=reason, hint=hint, shared=True)
    return _spelled(occurrence, reference, root, rules)


def _not_meant(occurrence: Occurrence, rules: Rules) -> Left | None:
    """Why the place itself or the catalog leaves an occurrence alone."""
    return _left_by_place(occurrence) or _left_by_catalog(occurrence, rules.catalog) or _left_by_finder(occurrence)


def _left_by_place(occurrence: Occurrence) -> Left | None:
    if occurrence.context is Context.PUBLISH:
        return _stays(occurrence, "it names what the workshop publishes")
    if occurrence.context is Context.ZOT_SYNC_RULE:
        return _stays(occurrence, "a rule says what an image cache fetches by itself", _UPSTREAM)
    if _SHORT_NAME.match(occurrence.raw):
        return _stays(occurrence, "a name that Educates itself resolves")
    if any(_PLATFORM_VARIABLE.search(part.text) for part in occurrence.parts):
        return _stays(
            occurrence, "the platform gives its variables their values", "set them where the workshop is deployed"
        )
    if occurrence.reference is None:
        if "tagSelection" in occurrence.unresolved:
            return _stays(occurrence, "tagSelection chooses a tag when a session starts", _CHOSEN)
        if not {"appVersion", "tag"}.isdisjoint(occurrence.unresolved) and occurrence.context is Context.HELM_VALUES:
            return _stays(occurrence, "the chart chooses the tag", "write the tag beside the repository")
        names = ", ".join(occurrence.unresolved) or "its variables"
        return _stays(occurrence, f"{names} has no value here", "give it one under `variables`, or with --set")
    return None


def _left_by_catalog(occurrence: Occurrence, catalog: Catalog) -> Left | None:
    reference = occurrence.reference
    if reference is None:
        return None
    rule = catalog.ignored(reference)
    if rule is not None:
        return _stays(occurrence, f"ignored by the catalog: {rule.reason}")
    if not catalog.rehosts(reference):
        return _stays(occurrence, f"{reference.registry} is not rehosted", "add it to `registries` in the catalog")
    return None


def _left_by_finder(occurrence: Occurrence) -> Left | None:
    if occurrence.rewritable:
        return None
    if occurrence.rehosted_from is not None:
        return _stays(occurrence, "it names the target already, through a variable")
    if occurrence.elsewhere:
        return _stays(occurrence, occurrence.reason)
    return Left(
        occurrence=occurrence,
        reason=occurrence.reason or "this place cannot be rewritten",
        hint="change it by hand, or say why it may stay: an `ignore` rule, or a comment `# seeder: ignore`",
        fails=occurrence.pulled_by is not Puller.NONE,
    )


def _stays(occurrence: Occurrence, reason: str, hint: str = "") -> Left:
    return Left(occurrence=occurrence, reason=reason, hint=hint, fails=False)


def _root(reference: ImageReference, rules: Rules) -> Digest | tuple[str, str]:
    """The digest to write, or a reason and a hint."""
    pin = rules.pins.get(reference.or_latest())
    if rules.verified is not None and (pin is None or pin.reference not in rules.verified):
        return f"not verified at target {rules.target.name}", "see what became of its copy, and run sync again"
    if pin is None:
        return "not pinned", "run `seeder pin`, or `seeder sync`"
    if pin.reference in rules.roots:
        return rules.roots[pin.reference]
    platforms = rules.catalog.platforms_for(pin.reference)
    root = pin.root(rules.target.name, platforms, trims=rules.catalog.trims(pin.reference))
    if root is None:
        named = ", ".join(map(str, platforms))
        return f"the lock does not say which digest {named} has", "run `seeder sync`, or `seeder pin --read-manifests`"
    return root


def _spelled(occurrence: Occurrence, reference: ImageReference, root: Digest, rules: Rules) -> Change | Left:
    pin = rules.pins[reference.or_latest()]
    try:
        destination = targets.destination(
            pin.reference, pin.descriptor.digest, rules.target, rules.catalog.entry(pin.reference)
        )
        return Change(occurrence=occurrence, texts=spell(occurrence, destination, root))
    except UsageError as error:
        return Left(occurrence=occurrence, reason=error.message, hint=error.hint)
