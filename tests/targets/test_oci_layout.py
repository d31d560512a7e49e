"""Names in a folder: those of a registry, below the folder instead of a host."""

from __future__ import annotations

import pytest

from seeder import targets
from seeder.errors import UsageError
from seeder.model.catalog import ImageEntry, TargetKind, TargetSettings
from seeder.model.digest import Digest
from seeder.model.occurrence import Context, Occurrence, Part, Puller, Span, Spelling
from seeder.model.reference import ImageReference

PIN = Digest.of(b"pin")
AIR = TargetSettings(name="air", kind=TargetKind.OCI_LAYOUT, path="/data/air")
EVENT = TargetSettings(name="event", registry="registry.example.com")


@pytest.mark.parametrize("text", ["nginx:1.27", "ghcr.io/a/b:1", f"nginx@{PIN}"])
@pytest.mark.parametrize("called", [None, "tools/web:2"])
def test_repositories_and_tags_are_those_of_a_registry(text: str, called: str | None) -> None:
    reference = ImageReference.parse(text)
    entry = ImageEntry(reference=reference, destination=called) if called else None
    air, event = (targets.destination(reference, PIN, target, entry) for target in (AIR, EVENT))
    assert (air.repository, air.tags) == (event.repository, event.tags)
    assert (air.registry, air.written) == ("oci:/data/air", "oci:/data/air")
    assert targets.rooted(air, Digest.of(b"root")).tags == targets.rooted(event, Digest.of(b"root")).tags


def test_a_tar_is_called_so() -> None:
    tar = TargetSettings(name="air", kind=TargetKind.OCI_LAYOUT, path="air.tar")
    found = targets.destination(ImageReference.parse("nginx:1.27"), PIN, tar)
    assert (found.registry, found.written) == ("oci:air.tar", "oci-archive:air.tar")


def test_no_name_in_a_file_comes_from_a_folder() -> None:
    assert targets.original(ImageReference("oci:/data/air", "library/nginx", "1.27"), AIR) is None


def test_a_folder_without_a_legal_name_for_an_image_says_so() -> None:
    with pytest.raises(UsageError, match="has no name"):
        targets.destination(ImageReference("[::1]", "a/b", "1"), PIN, AIR)


def test_nothing_is_rewritten_to_a_folder() -> None:
    reference = ImageReference.parse("nginx:1.27")
    part = Part(span=Span(0, 10), text="nginx:1.27", line=3, column=1, end_column=11)
    found = Occurrence(
        root="w",
        file="pod.yaml",
        parts=(part,),
        canonical=str(reference),
        reference=reference,
        context=Context.POD_SPEC,
        pulled_by=Puller.KUBELET,
        spelling=Spelling.FIELD,
        rewritable=True,
    )
    assert "copy it on to a registry" in targets.refusal(found, AIR)
