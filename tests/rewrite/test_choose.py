"""Which occurrences are rewritten, in which spelling, and why the others stay."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from seeder.model.catalog import Catalog, IgnoreRule, ImageEntry, TargetSettings
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_INDEX
from seeder.model.occurrence import Context, Occurrence, Puller, Spelling
from seeder.model.pin import Pin, PlatformPin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from seeder.rewrite.choose import Rules, choose
from tests.rewrite.cases import TARGET, digest, occurrence, pins, rules, split

NGINX = digest("nginx:1.27")
HOST = "registry.example.com"


def texts(found: Occurrence, by: Rules) -> tuple[str, ...]:
    changes, left = choose([found], by)
    assert not left
    assert changes[0].occurrence == found
    return changes[0].texts


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        (Spelling.FIELD, f"{HOST}/library/nginx:1.27@{NGINX}"),
        (Spelling.COMMAND, f"{HOST}/library/nginx:1.27"),
        (Spelling.DIGEST_ONLY, f"{HOST}/library/nginx@{NGINX}"),
        (Spelling.TAG_ONLY, f"{HOST}/library/nginx:1.27-{NGINX.short}"),
    ],
)
def test_spellings(spelling: Spelling, expected: str) -> None:
    assert texts(occurrence("nginx:1.27", spelling=spelling), rules("nginx:1.27")) == (expected,)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"repository": "nginx", "tag": "1.27"}, (f"{HOST}/library/nginx", f"1.27-{NGINX.short}")),
        ({"repository": "docker.io/nginx", "tag": "1.27"}, (f"{HOST}/library/nginx", f"1.27-{NGINX.short}")),
        (
            {"registry": "docker.io", "repository": "library/nginx", "tag": "1.27"},
            (HOST, "library/nginx", f"1.27-{NGINX.short}"),
        ),
        (
            {"registry": "docker.io", "repository": "nginx", "tag": "1.27", "digest": "sha256:" + "0" * 64},
            (HOST, "library/nginx", "1.27", str(NGINX)),
        ),
        ({"repository": "nginx", "digest": "0" * 64}, (f"{HOST}/library/nginx", NGINX.hex)),
        ({"tag": "1.27", "repository": "nginx"}, (f"1.27-{NGINX.short}", f"{HOST}/library/nginx")),
        (
            {"repository": "nginx", "tag": "1.27@sha256:" + "0" * 64},
            (f"{HOST}/library/nginx", f"1.27@{NGINX}"),
        ),
        (
            {"registry": "docker.io", "repository": "nginx:1.27"},
            (HOST, f"library/nginx:1.27@{NGINX}"),
        ),
    ],
)
def test_a_name_over_keys_changes_key_by_key(keys: dict[str, str], expected: tuple[str, ...]) -> None:
    found = occurrence("nginx:1.27", parts=split(**keys), context=Context.HELM_VALUES)
    assert texts(found, rules("nginx:1.27")) == expected


def test_a_tag_that_a_variable_brings_is_kept() -> None:
    found = occurrence("nginx:1.27", parts=split(repository="nginx"), spelling=Spelling.COMMAND)
    assert texts(found, rules("nginx:1.27")) == (f"{HOST}/library/nginx",)


@pytest.mark.parametrize("repository", ["nginx", "quay.io:443/acme/nginx"])
def test_a_tag_that_a_variable_brings_and_the_target_does_not_have(repository: str) -> None:
    name = f"{repository}:1.27"
    entry = ImageEntry(reference=ImageReference.parse(name), destination="web/server:2")
    found = occurrence(name, parts=split(repository=repository))
    catalog = Catalog(name="lab", images=(entry,), registries=("*",))
    _, (left,) = choose([found], rules(name, catalog=catalog))
    assert "neither a tag nor a digest" in left.reason


def test_keys_without_room_for_the_tag_stay() -> None:
    found = occurrence("nginx", parts=split(registry="docker.io", repository="nginx"))
    _, (left,) = choose([found], rules("nginx:latest"))
    assert "neither a tag nor a digest" in left.reason
    assert left.hint
    assert left.fails


@pytest.mark.parametrize(
    ("found", "reason", "fails"),
    [
        (occurrence("redis:7"), "not pinned", True),
        (occurrence("ghcr.io/a/b:1"), "ghcr.io is not rehosted", False),
        (occurrence("busybox:1"), "ignored by the catalog: built here", False),
        (occurrence("nginx:1.27", context=Context.PUBLISH), "publishes", False),
        (occurrence("jdk17-environment:*", context=Context.WORKSHOP_IMAGE), "Educates itself resolves", False),
        (occurrence("$(image_repository)/lab:1", unresolved=("image_repository",)), "platform", False),
        (occurrence("$(image_repository)/nginx:1.27", reference="nginx:1.27"), "platform", False),
        (occurrence("$(web)/nginx:1", unresolved=("web",)), "web has no value here", False),
        (occurrence("a/b:$", unresolved=("tagSelection",)), "tagSelection chooses", False),
        (occurrence("a/b:$", unresolved=("tag",), context=Context.HELM_VALUES), "the chart chooses the tag", False),
        (occurrence("a/b:$", unresolved=("tag",)), "tag has no value here", False),
        (occurrence("library/nginx", context=Context.ZOT_SYNC_RULE, rewritable=False), "image cache", False),
        (occurrence("nginx:1.27", rewritable=False, reason="folded over lines"), "folded over lines", True),
        (
            occurrence("nginx:1.27", rewritable=False, reason="sample", pulled_by=Puller.NONE),
            "sample",
            False,
        ),
        (occurrence("nginx:1.27", rewritable=False, reason="kustomize finds it", elsewhere=True), "kustomize", False),
    ],
)
def test_why_others_stay(found: Occurrence, reason: str, fails: bool) -> None:
    catalog = Catalog(name="lab", ignore=(IgnoreRule(reference="docker.io/library/busybox:*", reason="built here"),))
    changes, (left,) = choose([found], rules("nginx:1.27", "busybox:1", catalog=catalog))
    assert not changes
    assert reason in left.reason
    assert left.fails is fails


@pytest.mark.parametrize(
    "found", [occurrence("base", pulled=False), occurrence("nginx:1.27", coupled_to="~/a.yaml", pulled=False)]
)
def test_what_nobody_pulls_is_passed_over(found: Occurrence) -> None:
    assert choose([found], rules("nginx:1.27")) == ([], [])


def test_a_resolved_variable_that_is_not_the_platforms_is_rewritten_whole() -> None:
    found = occurrence("nginx:${TAG:-1.27}", reference="nginx:1.27")
    assert texts(found, rules("nginx:1.27")) == (f"{HOST}/library/nginx:1.27@{NGINX}",)


def test_inside_sync_only_what_was_verified() -> None:
    by = replace(rules("nginx:1.27", "redis:7"), verified=frozenset({ImageReference.parse("nginx:1.27").or_latest()}))
    changes, (left,) = choose([occurrence("nginx:1.27"), occurrence("redis:7", line=2)], by)
    assert [change.occurrence.raw for change in changes] == ["nginx:1.27"]
    assert "not verified at target event" in left.reason


def test_what_does_not_count() -> None:
    """Inside sync the outcome of the copy decides, deferred say; and an image that is not required never does."""
    entry = ImageEntry(reference=ImageReference.parse("redis:7"), required=False)
    _, (optional, plain) = choose(
        [occurrence("redis:7"), occurrence("caddy:2", line=2)], rules(catalog=Catalog(name="lab", images=(entry,)))
    )
    assert (optional.fails, optional.ends_badly) == (True, False)
    assert (plain.fails, plain.ends_badly) == (True, True)
    _, (inside,) = choose([occurrence("caddy:2")], replace(rules(), verified=frozenset()))
    assert (inside.fails, inside.ends_badly) == (True, False)
    assert "not verified" in inside.reason


def test_the_run_may_know_better_which_digest_stands_there() -> None:
    served = Digest.of(b"served")
    by = replace(rules("nginx:1.27"), roots={ImageReference.parse("nginx:1.27"): served})
    assert texts(occurrence("nginx:1.27"), by) == (f"{HOST}/library/nginx:1.27@{served}",)


AMD64 = Platform("linux", "amd64")


@pytest.mark.parametrize(
    ("known", "expected"),
    [({AMD64: PlatformPin(digest=Digest.of(b"amd64"), size=1)}, str(Digest.of(b"amd64"))), ({}, "")],
)
def test_one_platform_is_written_by_its_own_digest(known: dict[Platform, PlatformPin], expected: str) -> None:
    reference = ImageReference.parse("nginx:1.27")
    index = Pin(
        reference=reference,
        descriptor=Descriptor(media_type=OCI_INDEX, digest=NGINX, size=1),
        platforms=known,
    )
    by = Rules(catalog=Catalog(name="lab", platforms=(AMD64,)), target=TARGET, pins={reference: index})
    changes, left = choose([occurrence("nginx:1.27")], by)
    if expected:
        assert changes[0].texts == (f"{HOST}/library/nginx:1.27@{expected}",)
    else:
        assert "does not say which digest linux/amd64 has" in left[0].reason


@pytest.mark.parametrize(
    ("target", "puller", "stays"),
    [
        (TargetSettings(name="t", registry="reg.svc.cluster.local"), Puller.KUBELET, True),
        (TargetSettings(name="t", registry="reg.svc.cluster.local"), Puller.VENDIR, False),
        (
            TargetSettings(name="t", registry="reg.local", reached_by=frozenset({Puller.KUBELET})),
            Puller.KUBELET,
            False,
        ),
    ],
)
def test_a_host_that_nodes_do_not_reach_is_refused(target: TargetSettings, puller: Puller, stays: bool) -> None:
    changes, left = choose([occurrence("nginx:1.27", pulled_by=puller)], rules("nginx:1.27", target=target))
    assert bool(left) is stays
    assert bool(changes) is not stays
    assert all("reached_by" in each.hint for each in left)


def test_a_name_that_fits_no_layout_names_the_remedy() -> None:
    catalog = Catalog(name="lab", registries=("*",))
    long = "ghcr.io/" + "/".join(["a" * 62] * 4)
    _, (left,) = choose([occurrence(long)], rules(long, catalog=catalog))
    assert "no name at the target" in left.reason
    assert "as:" in left.hint


def test_a_name_of_the_catalog_is_used() -> None:
    entry = ImageEntry(reference=ImageReference.parse("nginx:1.27"), destination="web/server:2")
    catalog = Catalog(name="lab", images=(entry,))
    by = rules("nginx:1.27", catalog=catalog)
    assert texts(occurrence("nginx:1.27"), by) == (f"{HOST}/web/server:2@{NGINX}",)


def test_pins_are_found_with_and_without_the_tag_latest() -> None:
    assert pins("redis").keys() == {ImageReference.parse("redis:latest")}
    for reference in ("redis", "redis:latest"):
        found = replace(occurrence("redis"), reference=ImageReference.parse(reference))
        assert texts(found, rules("redis"))[0].startswith(f"{HOST}/library/redis:latest@")
