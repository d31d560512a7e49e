"""What of an image is to be copied, by the catalog."""

from __future__ import annotations

import pytest

from seeder.model.catalog import Catalog, ImageEntry, IndexPolicy
from seeder.model.pin import Pin
from seeder.model.platform import Platform
from seeder.plan import place
from tests.plan.test_plan import AMD64, ARM64, EVENT, INDEX, NGINX


@pytest.mark.parametrize(
    ("found", "platforms", "index", "trims"),
    [
        (INDEX, (AMD64, ARM64), IndexPolicy.FILTERED, True),
        (INDEX, (AMD64, ARM64), IndexPolicy.WHOLE, False),
        (INDEX, (AMD64,), IndexPolicy.FILTERED, False),
        (INDEX, (), IndexPolicy.FILTERED, False),
        (NGINX, (AMD64, ARM64), IndexPolicy.FILTERED, False),
    ],
)
def test_an_index_of_which_several_platforms_are_wanted_is_trimmed_and_nothing_else(
    found: Pin, platforms: tuple[Platform, ...], index: IndexPolicy, trims: bool
) -> None:
    entry = ImageEntry(reference=found.reference, platforms=platforms or None, index=index)
    assert place(found, Catalog(name="c", images=(entry,)), EVENT).trims is trims
