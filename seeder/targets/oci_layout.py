"""A folder that holds images (an OCI layout): copied into and out of, and pulled from by no node."""

from __future__ import annotations

from msgspec.structs import replace

from seeder.model.catalog import ImageEntry, TargetSettings
from seeder.model.digest import Digest
from seeder.model.occurrence import Occurrence
from seeder.model.placed import Destination
from seeder.model.reference import ImageReference
from seeder.targets import registry


def host(target: TargetSettings) -> str:
    """What stands in a reference where a registry's host would."""
    return f"oci:{target.path}"


def destination(
    reference: ImageReference, digest: Digest, target: TargetSettings, entry: ImageEntry | None
) -> Destination:
    """The same repositories and tags as at a registry, so that a copy onward finds them; people are told where they
    stand in skopeo's words, `oci:air:library/nginx:1.27`.
    """
    named = registry.destination(reference, digest, target, entry)
    kind = "oci-archive" if target.path.endswith(".tar") else "oci"
    return replace(named, registry=host(target), written=f"{kind}:{target.path}", joint=":")


def original(_reference: ImageReference, _target: TargetSettings) -> ImageReference | None:
    return None


def refusal(_occurrence: Occurrence, target: TargetSettings) -> str:
    return f"target {target.name} is a folder, which nothing pulls from; copy it on to a registry, and rewrite to that"
