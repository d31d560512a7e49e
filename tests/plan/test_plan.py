"""What a plan makes of what is known: copies, conflicts, prices, and what the quota lets through."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from seeder.errors import ConflictError, QuotaError, UsageError
from seeder.model.catalog import Catalog, ImageEntry, TargetSettings
from seeder.model.copy import Copy, Plan, Pulls
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.media_type import DOCKER_LIST, OCI_INDEX, OCI_MANIFEST
from seeder.model.outcome import Deferred, Failed, Outcome, Present
from seeder.model.pin import Pin, PlatformPin
from seeder.model.platform import Platform
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.plan import Known, Wanted, agreed, place, plan

AMD64 = Platform("linux", "amd64")
ARM64 = Platform("linux", "arm64")
EVENT = TargetSettings(name="event", registry="reg.example.com")
CHILD = Digest.of(b"child")


def pin(text: str, content: str = "one", *, index: bool = False, size: int = 500, **more: object) -> Pin:
    descriptor = Descriptor(
        media_type=OCI_INDEX if index else OCI_MANIFEST, digest=Digest.of(content.encode()), size=size
    )
    return Pin(reference=ImageReference.parse(text).or_latest(), descriptor=descriptor, **more)  # type: ignore[arg-type]


def want(
    found: Pin, *platforms: Platform, as_: str | None = None, required: bool = True, earlier: Pin | None = None
) -> Wanted:
    entry = ImageEntry(reference=found.reference, platforms=platforms or None, required=required, destination=as_)
    return place(found, Catalog(name="c", images=(entry,)), EVENT, earlier)


def planned(
    *wanted: Wanted,
    standing: dict[str, Known] | None = None,
    quota: Quota | None = None,
    update: bool = False,
) -> Plan:
    known = {ImageReference.parse(text).or_latest(): found for text, found in (standing or {}).items()}
    quotas = {"docker.io": quota} if quota else {}
    return plan(wanted, known, quotas=quotas, update=update)


def one(found: Plan) -> Copy | Outcome:
    (only,) = (*found.copies, *found.settled)
    return only


NGINX = pin("nginx:1.27")
DIGEST = NGINX.descriptor.digest
SHORT = f"1.27-{DIGEST.short}"


def test_what_is_not_there_is_copied_under_both_tags() -> None:
    copy = one(planned(want(NGINX), standing={"nginx:1.27": Known(root=DIGEST)}))
    assert isinstance(copy, Copy)
    assert copy.tags == ("1.27", SHORT)
    assert (copy.present, copy.pulls) == (False, Pulls(at_least=1, assumed=1))


def test_what_stands_whole_is_present() -> None:
    tags = {"1.27": DIGEST, SHORT: DIGEST}
    outcome = one(planned(want(NGINX), standing={"nginx:1.27": Known(root=DIGEST, present=True, tags=tags)}))
    assert isinstance(outcome, Present)
    assert outcome.root == DIGEST


def test_what_lacks_a_tag_gets_it_without_a_pull() -> None:
    known = Known(root=DIGEST, present=True, tags={SHORT: DIGEST})
    copy = one(planned(want(NGINX), standing={"nginx:1.27": known}))
    assert isinstance(copy, Copy)
    assert (copy.tags, copy.present, copy.pulls) == (("1.27",), True, Pulls())


OTHER = Digest.of(b"other")


def foreign(root: Digest | None = DIGEST) -> Known:
    return Known(root=root, tags={"1.27": OTHER})


def test_a_tag_with_other_content_is_a_named_conflict() -> None:
    outcome = one(planned(want(NGINX), standing={"nginx:1.27": foreign()}))
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, ConflictError)
    assert "reg.example.com/library/nginx:1.27" in outcome.error.message
    assert str(OTHER) in outcome.error.message
    assert "--update" in outcome.error.hint


@pytest.mark.parametrize(
    "earlier",
    [
        pin("nginx:1.27", "other"),
        pin("nginx:1.27", "third", index=True, platforms={AMD64: PlatformPin(digest=OTHER, size=1)}),
        pin("nginx:1.27", "third", served={"event": OTHER}),
    ],
)
def test_the_locks_own_history_explains_a_tag(earlier: Pin) -> None:
    copy = one(planned(want(NGINX, earlier=earlier), standing={"nginx:1.27": foreign()}))
    assert isinstance(copy, Copy)
    assert "1.27" in copy.tags


def test_a_pin_remembers_what_it_was() -> None:
    was = pin("nginx:1.27", "was", index=True)
    now = pin("nginx:1.27", "now", index=True).moved_from(was)
    assert now.earlier == (was.descriptor.digest,)
    stands = Known(tags={"1.27": OTHER, f"1.27-{was.descriptor.digest.short}": OTHER})
    assert isinstance(one(planned(want(now, AMD64), standing={"nginx:1.27": stands})), Copy)
    foreign = Known(tags={"1.27": OTHER, f"1.27-{was.descriptor.digest.short}": CHILD})
    assert isinstance(one(planned(want(now, AMD64), standing={"nginx:1.27": foreign})), Failed)


def test_a_pin_remembers_five_and_never_itself() -> None:
    pins = [pin("nginx:1.27", f"v{n}") for n in range(8)]
    now = pins[0]
    for new in (*pins[1:], pins[5]):
        now = new.moved_from(now)
    assert list(now.earlier) == [pins[n].descriptor.digest for n in (7, 6, 4, 3, 2)]


def test_update_moves_a_tag() -> None:
    copy = one(planned(want(NGINX), standing={"nginx:1.27": foreign()}, update=True))
    assert isinstance(copy, Copy)
    assert "1.27" in copy.tags


def test_a_reference_with_a_digest_needs_no_plain_tag() -> None:
    pinned = pin(f"nginx:1.27@{DIGEST}")
    copy = one(planned(want(pinned), standing={str(pinned.reference): foreign()}))
    assert isinstance(copy, Copy)
    assert copy.tags == (SHORT,)


def test_a_tag_beats_a_tag_with_a_digest() -> None:
    by_digest = pin(f"nginx:1.27@{OTHER}", "other")
    copies = planned(want(NGINX), want(by_digest)).copies
    tags = {copy.pin.reference: copy.tags for copy in copies}
    assert tags[NGINX.reference] == ("1.27", SHORT)
    assert tags[by_digest.reference] == (f"1.27-{OTHER.short}",)


def test_two_images_under_one_name_are_a_conflict_of_both() -> None:
    found = planned(want(pin("a:1", "a"), as_="tools/x:1"), want(pin("b:1", "b"), as_="tools/x:1"))
    assert [type(outcome.error) for outcome in found.settled] == [ConflictError] * 2
    assert "docker.io/library/b:1 would both be tools/x:1" in str(found.settled[0].error)


def test_one_image_under_two_names_that_meet_is_none() -> None:
    found = planned(want(pin("a:1", "a"), as_="tools/x:1"), want(pin("b:1", "a"), as_="tools/x:1"))
    assert len(found.copies) == 2
    assert found.pulls == Pulls(at_least=1, assumed=1)


INDEX = pin("nginx:1.27", "index", index=True, size=9600)


@pytest.mark.parametrize(
    ("platforms", "known", "pulls"),
    [
        ((AMD64,), Known(), Pulls(at_least=2, assumed=2)),
        ((AMD64,), Known(root=CHILD), Pulls(at_least=1, assumed=1)),
        ((AMD64,), Known(root=CHILD, present=True), Pulls()),
        ((), Known(root=INDEX.descriptor.digest, children=4), Pulls(at_least=5, assumed=5)),
        ((), Known(root=INDEX.descriptor.digest, children=4, held=3), Pulls(at_least=2, assumed=2)),
        ((AMD64,), Known(root=CHILD, held=1), Pulls()),
        ((), Known(root=INDEX.descriptor.digest), Pulls(at_least=2, assumed=17, exact=False)),
        ((AMD64, ARM64), Known(root=INDEX.descriptor.digest, children=4), Pulls(at_least=5, assumed=5)),
    ],
)
def test_prices(platforms: Sequence[Platform], known: Known, pulls: Pulls) -> None:
    assert planned(want(INDEX, *platforms), standing={"nginx:1.27": known}).pulls == pulls


def test_a_list_of_dockers_has_no_attestations_and_shorter_entries() -> None:
    """Eight platforms in 2,219 bytes, as images on Docker Hub had them before BuildKit."""
    index = replace(INDEX, descriptor=replace(INDEX.descriptor, media_type=DOCKER_LIST, size=2219))
    assert planned(want(index)).pulls == Pulls(at_least=2, assumed=9, exact=False)


@pytest.mark.parametrize(
    ("known", "pulls"),
    [
        (Known(), Pulls(at_least=3, assumed=5, exact=False)),
        (Known(root=CHILD, children=2), Pulls(at_least=3, assumed=3)),
        (Known(root=CHILD, children=2, present=True), Pulls()),
    ],
)
def test_prices_of_a_trimmed_index(known: Known, pulls: Pulls) -> None:
    found = planned(replace(want(INDEX, AMD64, ARM64), trims=True), standing={"nginx:1.27": known})
    assert found.pulls == pulls
    assert {(copy.trims, copy.source.digest) for copy in found.copies} == {(True, INDEX.descriptor.digest)}


def test_a_trimmed_index_counts_the_bytes_of_its_own_platforms() -> None:
    sizes = {AMD64: PlatformPin(digest=CHILD, size=10), ARM64: PlatformPin(digest=OTHER, size=20)}
    sizes[Platform("linux", "s390x")] = PlatformPin(digest=OTHER, size=40)
    wanted = want(pin("nginx:1.27", "index", index=True, platforms=sizes), AMD64, ARM64)
    copy = one(planned(replace(wanted, trims=True)))
    assert isinstance(copy, Copy)
    assert copy.size == 30


@pytest.mark.parametrize(
    ("asked", "platforms", "trims"),
    [
        ([((AMD64, ARM64), True)] * 2, (AMD64, ARM64), True),
        ([((AMD64, ARM64), True), ((AMD64, ARM64), False)], (AMD64, ARM64), False),
        ([((AMD64,), False), ((AMD64, ARM64), True)], (AMD64, ARM64), True),
        ([((AMD64,), False), ((ARM64,), False)], (AMD64, ARM64), False),
        ([((), False), ((AMD64, ARM64), True)], (), False),
    ],
)
def test_who_shares_an_index_shares_how_it_is_trimmed(
    asked: list[tuple[tuple[Platform, ...], bool]], platforms: tuple[Platform, ...], trims: bool
) -> None:
    wanted = [replace(want(INDEX, *each), trims=flag) for each, flag in asked]
    assert {(found.platforms, found.trims) for found in agreed(wanted)} == {(platforms, trims)}


def test_a_child_in_its_indexs_stead_is_named_by_both_digests() -> None:
    copy = one(planned(want(INDEX, AMD64), standing={"nginx:1.27": Known(root=CHILD)}))
    assert isinstance(copy, Copy)
    assert copy.tags == ("1.27", f"1.27-{INDEX.descriptor.digest.short}", f"1.27-{CHILD.short}")
    assert copy.source.digest == CHILD


@pytest.mark.parametrize(("platforms", "size"), [((AMD64,), 10), ((ARM64,), 20), ((), 30), ((AMD64, ARM64), 30)])
def test_bytes_as_far_as_the_lock_knows(platforms: Sequence[Platform], size: int) -> None:
    sizes = {AMD64: PlatformPin(digest=CHILD, size=10), ARM64: PlatformPin(digest=OTHER, size=20)}
    copy = one(planned(want(pin("nginx:1.27", "index", index=True, platforms=sizes), *platforms)))
    assert isinstance(copy, Copy)
    assert copy.size == size


def test_bytes_are_those_of_the_platform_that_is_copied() -> None:
    exact = Platform("linux", "arm64", "v8")
    sizes = {ARM64: PlatformPin(digest=OTHER, size=20), exact: PlatformPin(digest=CHILD, size=10)}
    copy = one(planned(want(pin("nginx:1.27", "index", index=True, platforms=sizes), exact)))
    assert isinstance(copy, Copy)
    assert copy.size == 10


def images(count: int, **more: object) -> list[Wanted]:
    return [want(pin(f"a/i{n}:1", f"i{n}", **more), AMD64) for n in range(count)]  # type: ignore[arg-type]


def test_what_the_quota_does_not_leave_is_put_off() -> None:
    found = planned(*images(10), quota=Quota(limit=100, remaining=27, source="10.0.0.1"))
    assert (len(found.copies), len(found.settled)) == (7, 3)
    assert all(isinstance(outcome, Deferred) for outcome in found.settled)
    assert all(isinstance(outcome.error, QuotaError) for outcome in found.settled)
    assert found.pulls.assumed == 7


def test_what_is_put_off_keeps_its_price() -> None:
    found = planned(*images(10), quota=Quota(limit=100, remaining=27, source="10.0.0.1"))
    assert [copy.pin.reference for copy in found.late] == [outcome.reference for outcome in found.settled]
    assert (Pulls.of(found.late).assumed, found.pulls.assumed) == (3, 7)


def test_what_another_image_pays_for_waits_with_it() -> None:
    """It costs nothing of its own: begun alone, it would take what the quota does not leave."""
    twins = [want(pin(f"nginx:{tag}", "index", index=True), AMD64) for tag in ("1.27", "1.27.3")]
    found = planned(*twins, quota=Quota(limit=100, remaining=21, source="10.0.0.1"))
    assert found.copies == ()
    assert [copy.pulls.assumed for copy in found.late] == [2, 0]
    assert len(planned(*twins, quota=Quota(limit=100, remaining=22, source="10.0.0.1")).copies) == 2


def test_an_account_keeps_no_reserve() -> None:
    account = Quota(limit=200, remaining=10, source="8f7e3a8e-9b1c-4b0a-9e3e-000000000000")
    assert len(planned(*images(10), quota=account).copies) == 10


def test_required_images_come_first() -> None:
    first, last = pin("a/z:1", "z"), pin("a/a:1", "a")
    found = planned(want(last, required=False), want(first), quota=Quota(limit=5, remaining=2))
    assert [copy.pin for copy in found.copies] == [first]


def test_whole_indexes_that_do_not_fit_stop_the_run_before_it_begins_and_name_both_prices() -> None:
    wanted = [want(pin(f"a/i{n}:1", f"i{n}", index=True, size=9600)) for n in range(6)]
    found = planned(*wanted, quota=Quota(limit=100, remaining=100, source="10.0.0.1"))
    assert found.copies == ()
    (error,) = {outcome.error for outcome in found.settled}
    assert isinstance(error, QuotaError)
    assert "about 102 pulls, one platform takes 12" in error.message
    assert "docker.io leaves 80 (100 of 100, 20 of them kept" in error.message
    assert "platforms: [linux/amd64]" in error.hint


def test_indexes_of_which_one_platform_costs_no_less_are_copied_as_far_as_they_fit() -> None:
    wanted = [want(pin(f"a/i{n}:1", f"i{n}", index=True)) for n in range(6)]
    known = {f"a/i{n}:1": Known(children=1, held=1) for n in range(6)}
    found = planned(*wanted, standing=known, quota=Quota(limit=100, remaining=24, source="10.0.0.1"))
    assert (len(found.copies), len(found.settled)) == (4, 2)


def test_what_is_present_is_not_held_up_by_a_quota() -> None:
    wanted = want(pin("a/x:1", "x", index=True))
    known = Known(root=wanted.pin.descriptor.digest, present=True)
    found = planned(wanted, standing={"a/x:1": known}, quota=Quota(limit=100, remaining=0))
    assert len(found.copies) == 1


def test_a_name_that_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError, match="localhost"):
        want(pin("localhost/x:1"))


@given(st.permutations(range(6)))
def test_the_order_of_what_is_wanted_does_not_matter(order: Sequence[int]) -> None:
    wanted = [want(pin(f"a/i{n}:1", f"i{n % 3}"), required=n % 2 == 0) for n in range(6)]
    quota = Quota(limit=100, remaining=24)
    found = planned(*(wanted[n] for n in order), quota=quota)
    assert repr(found) == repr(planned(*wanted, quota=quota))


@given(st.lists(st.integers(0, 4), unique=True), st.booleans())
def test_planning_after_a_run_plans_nothing(numbers: Sequence[int], child: bool) -> None:
    wanted = [want(pin(f"a/i{n}:1", f"i{n}", index=child), AMD64) for n in numbers]
    roots = {w.pin.reference: Digest.of(str(w).encode()) if child else w.pin.descriptor.digest for w in wanted}
    before = {reference: Known(root=root) for reference, root in roots.items()}
    after = {
        copy.pin.reference: Known(
            root=copy.root, present=True, tags=dict.fromkeys(copy.tags, roots[copy.pin.reference])
        )
        for copy in plan(wanted, before).copies
    }
    again = plan(wanted, after)
    assert again.copies == ()
    assert again.pulls == Pulls()
    assert all(isinstance(outcome, Present) for outcome in again.settled)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ((AMD64,), (AMD64,), (AMD64,)),
        ((AMD64,), (ARM64,), (AMD64, ARM64)),
        ((AMD64, ARM64), (AMD64,), (AMD64, ARM64)),
        ((AMD64,), (), ()),
    ],
)
def test_pins_of_one_index_agree_on_platforms(
    one: Sequence[Platform], other: Sequence[Platform], both: Sequence[Platform]
) -> None:
    by_digest = pin(f"nginx:1.27@{INDEX.descriptor.digest}", "index", index=True)
    elsewhere = want(pin("other:1.27", "index", index=True), AMD64)
    found = agreed([want(INDEX, *one), want(by_digest, *other), elsewhere])
    assert [each.platforms for each in found] == [both, both, (AMD64,)]
