"""What a catalog says of a reference."""

from __future__ import annotations

from msgspec.structs import replace

from seeder.model.catalog import Catalog, IgnoreRule, ImageEntry
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference

NGINX, REDIS = ImageReference.parse("nginx:1"), ImageReference.parse("redis:7")
AMD64, ARM64 = Platform("linux", "amd64"), Platform("linux", "arm64")
CATALOG = Catalog(
    name="c",
    images=(ImageEntry(reference=NGINX, platforms=(ARM64,)), ImageEntry(reference=NGINX, required=False)),
    platforms=(AMD64,),
    ignore=(IgnoreRule(reference="docker.io/library/redis:*", reason="own"),),
)


def test_the_first_entry_of_a_reference_counts() -> None:
    assert CATALOG.entry(NGINX) is CATALOG.images[0]
    assert CATALOG.entry(REDIS) is None


def test_an_entrys_platforms_go_before_the_catalogs() -> None:
    assert CATALOG.platforms_for(NGINX) == (ARM64,)
    assert CATALOG.platforms_for(REDIS) == (AMD64,)
    assert replace(CATALOG, platforms=None).platforms_for(REDIS) == ()


def test_referrers_are_wanted_of_all_or_of_an_entry() -> None:
    one = replace(CATALOG, images=(ImageEntry(reference=NGINX, referrers=True), ImageEntry(reference=REDIS)))
    for catalog, wanted in ((CATALOG, ()), (one, (NGINX,)), (replace(CATALOG, referrers=True), (NGINX, REDIS))):
        assert tuple(each for each in (NGINX, REDIS) if catalog.wants_referrers(each)) == wanted
        assert catalog.wants_any_referrers is bool(wanted)


def test_registries_and_ignore_rules() -> None:
    assert CATALOG.rehosts(NGINX)
    assert not CATALOG.rehosts(ImageReference.parse("ghcr.io/a/b"))
    assert replace(CATALOG, registries=("*",)).rehosts(ImageReference.parse("ghcr.io/a/b"))
    assert CATALOG.ignored(REDIS) is CATALOG.ignore[0]
    assert CATALOG.ignored(NGINX) is None


def test_equal_catalogs_are_equal_and_hold_their_own_entries() -> None:
    assert replace(CATALOG) == CATALOG
    assert replace(CATALOG, images=()).entry(NGINX) is None
