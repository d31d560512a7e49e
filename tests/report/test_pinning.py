from __future__ import annotations

import pytest

from seeder.errors import MissingError
from seeder.model.catalog import Catalog, ImageEntry
from seeder.model.pin import Lock
from seeder.model.reference import ImageReference
from seeder.report.pinning import pin_code
from seeder.run.pin import Pinned

NGINX = ImageReference.parse("nginx:1")


@pytest.mark.parametrize(
    ("failed", "required", "code"), [(True, True, 1), (True, False, 0), (False, True, 0), (False, False, 0)]
)
def test_an_image_that_cannot_be_pinned_fails_the_run_if_it_is_required(
    failed: bool, required: bool, code: int
) -> None:
    catalog = Catalog(name="c", images=(ImageEntry(reference=NGINX, required=required),))
    done = Pinned(lock=Lock(), failures={NGINX: MissingError("no such tag")} if failed else {})
    assert pin_code(done, catalog) == code
