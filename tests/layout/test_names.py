"""The names of a layout, as one run gives them and others do meanwhile."""

from __future__ import annotations

from pathlib import Path

from seeder import layout
from seeder.layout import Layout
from seeder.layout.names import Named
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_MANIFEST

MADE = Descriptor(media_type=OCI_MANIFEST, digest=Digest.of(b"{}"), size=2)


class Counting(Layout, frozen=True):
    """Counts how often its `index.json` is written."""

    written: list[int]

    def name(self, given: object) -> None:
        self.written.append(1)
        super().name(given)  # type: ignore[arg-type]


def test_a_name_that_another_gave_is_found(tmp_path: Path) -> None:
    ours, theirs = (Named(layout.create(tmp_path / "air")) for _ in range(2))
    ours.give("a:1", MADE)
    assert ours.find(["b:1"]) is None
    theirs.give("b:1", MADE)
    assert ours.find(["c:1", "b:1"]) == MADE


def test_names_go_to_the_file_in_batches(tmp_path: Path) -> None:
    counting = Counting(layout.create(tmp_path / "air").path, [])
    named = Named(counting)
    for number in range(20):
        named.give(f"a:{number}", MADE)
    assert len(counting.written) == 1
    assert named.find(["a:19"]) == MADE
    named.flush()
    assert len(counting.written) == 2
    assert named.find(["a:19"]) == MADE
