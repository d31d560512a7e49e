"""A plan for machines and for people."""

from __future__ import annotations

from msgspec.structs import replace

from seeder.errors import MissingError, QuotaError
from seeder.model.catalog import Catalog, TargetSettings
from seeder.model.copy import Plan, Pulls
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_INDEX, OCI_MANIFEST
from seeder.model.outcome import Deferred, Failed
from seeder.model.pin import Pin, PlatformPin
from seeder.model.platform import Platform
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.plan import Known, place, plan
from seeder.report.plan import plan_fields, plan_text, pulls_text
from seeder.run.look import Looked
from seeder.run.plan import Planned

TARGET = TargetSettings(name="event", registry="reg.example.com")
QUOTA = Quota(limit=100, remaining=60, source="10.0.0.1")


def pin(text: str, *, index: bool = False, **more: object) -> Pin:
    kind = OCI_INDEX if index else OCI_MANIFEST
    descriptor = Descriptor(media_type=kind, digest=Digest.of(text.encode()), size=6000)
    return Pin(reference=ImageReference.parse(text), descriptor=descriptor, **more)  # type: ignore[arg-type]


def made(*pins: Pin) -> Plan:
    known = {p.reference: Known(root=p.descriptor.digest) for p in pins}
    return plan([place(p, Catalog(name="c"), TARGET) for p in pins], known)


SIZED = pin("redis:7", platforms={Platform("linux", "amd64"): PlatformPin(digest=Digest.of(b"x"), size=72950530)})
PLAN = made(pin("nginx:1.27", index=True), SIZED)
LATER = Deferred(of=ImageReference.parse("late:1"), error=QuotaError("takes 2 pulls, and 0 are left"))
FOUND = Planned(
    plan=PLAN,
    target=TARGET,
    looked=Looked(places={SIZED.reference: ("w/pod.yaml:3",)}),
    unpinned=(LATER,),
    quotas={"docker.io": QUOTA},
)


def test_a_machine_gets_sums_and_each_copy_with_its_places() -> None:
    fields = plan_fields(FOUND)
    assert fields["target"] == "event"
    assert fields["images"] == {"copy": 2, "present": 0, "deferred": 1, "skipped": 0, "failed": 0}
    assert fields["pulls"] == {"at_least": 3, "assumed": 12, "exact": False}
    assert fields["bytes"] == {"at_least": 72950530, "exact": False, "saved": 0}
    assert fields["requests"]["head"] == 2
    assert fields["quota"]["remaining"] == 60
    nginx, redis = fields["copies"]
    assert (nginx["bytes"], redis["bytes"]) == (None, 72950530)
    assert redis["places"] == ["w/pod.yaml:3"]
    assert redis["target"] == "reg.example.com/library/redis:7"
    assert fields["outcomes"][0]["error"]["code"] == "quota"


def test_a_person_gets_a_line_an_image_and_the_sums() -> None:
    lines = plan_text(FOUND).splitlines()
    assert [line.split()[:2] for line in lines[1:4]] == [
        ["nginx:1.27", "copy"],
        ["redis:7", "copy"],
        ["late:1", "deferred"],
    ]
    assert lines[-2] == "2 images to copy, about 12 (at least 3) pulls, at least 73.0 MB"
    assert (
        lines[-1]
        == "docker.io: 60 of 100 pulls left: 40 to spend, 20 kept for the nodes; its window is 6 h, see `sync --wait`"
    )


def test_what_sharing_saves_is_told() -> None:
    (copy,) = made(SIZED).copies
    found = Planned(plan=Plan(copies=(replace(copy, saved=950530),)), target=TARGET, looked=Looked(places={}))
    assert plan_fields(found)["bytes"] == {"at_least": 72950530, "exact": True, "saved": 950530}
    assert plan_fields(found)["copies"][0]["saved"] == 950530
    assert plan_text(found).splitlines()[-1] == "1 image to copy, 1 pull, 73.0 MB, of which sharing saves 950.5 kB"


def test_what_is_put_off_has_the_price_of_its_turn() -> None:
    wanted = [place(pin(f"i{n}:1"), Catalog(name="c"), TARGET) for n in range(3)]
    short = plan(wanted, {}, quotas={"docker.io": Quota(limit=100, remaining=22)})
    found = Planned(plan=short, target=TARGET, looked=Looked(places={}))
    fields = plan_fields(found)
    assert fields["pulls"]["assumed"] == 2
    assert fields["deferred"] == {
        "pulls": {"at_least": 1, "assumed": 1, "exact": True},
        "bytes": {"at_least": 0, "exact": False, "saved": 0},
    }
    (late,) = fields["outcomes"]
    assert (late["outcome"], late["pulls"]["assumed"], late["bytes"]) == ("deferred", 1, None)
    lines = plan_text(found).splitlines()
    assert lines[3].split() == ["i2:1", "deferred", "1", "?", "quota"]
    assert lines[4:] == [
        "2 images to copy, 2 pulls, sizes not known yet",
        "1 image put off, 1 pull, sizes not known yet",
    ]


def test_what_failed_is_counted() -> None:
    gone = Failed(of=ImageReference.parse("gone:1"), error=MissingError("no"))
    found = Planned(plan=Plan(), target=None, looked=Looked(places={}), unpinned=(gone,))
    assert plan_text(found).splitlines()[-1] == "1 image failed"


def test_nothing_to_do() -> None:
    nothing = Planned(plan=Plan(), target=None, looked=Looked(places={}))
    assert plan_text(nothing) == "0 images to copy, 0 pulls, 0 B\n"


def test_pulls_that_are_not_known_exactly_are_told_with_the_least() -> None:
    assert pulls_text(Pulls(at_least=2, assumed=2)) == "2"
    assert pulls_text(Pulls(at_least=2, assumed=17, exact=False)) == "about 17 (at least 2)"
    assert pulls_text(Pulls(at_least=2, assumed=2, exact=False)) == "about 2"
