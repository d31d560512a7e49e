from __future__ import annotations

from seeder.errors import MissingError
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.outcome import Copied, Failed, Present
from seeder.model.pin import Pin
from seeder.model.placed import Destination
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.report.outcomes import outcome_documents, summary
from seeder.report.quotas import quota_document

NGINX = ImageReference.parse("nginx:1.27.3")
DIGEST = Digest.of(b"index")
PIN = Pin(reference=NGINX, descriptor=Descriptor(media_type="x", digest=DIGEST, size=5))
PLACE = Destination(
    target="event", registry="localhost:5001", written="r.example.com", repository="library/nginx", tags=("1.27.3", "a")
)
COPIED = Copied(pin=PIN, destination=PLACE, root=DIGEST)
FAILED = Failed(
    of=ImageReference.parse("alpine:3.20.1"),
    required=False,
    error=MissingError("no such tag", hint="look for it", where="docker.io"),
)


def test_outcomes_are_sorted_and_say_what_is_known() -> None:
    assert outcome_documents([COPIED, FAILED]) == [
        {
            "reference": "docker.io/library/alpine:3.20.1",
            "outcome": "failed",
            "required": False,
            "error": {"code": "missing", "message": "docker.io: no such tag", "hint": "look for it"},
        },
        {
            "reference": "docker.io/library/nginx:1.27.3",
            "digest": str(DIGEST),
            "target": "r.example.com/library/nginx:1.27.3",
            "outcome": "copied",
        },
    ]


def test_the_digest_is_what_stands_at_the_target() -> None:
    child = Digest.of(b"child")
    trimmed = Present(pin=PIN, destination=PLACE, root=child)
    assert outcome_documents([trimmed])[0]["digest"] == str(child)


def test_the_quota_tells_by_what_it_counts_and_not_whose_it_is() -> None:
    told = quota_document(Quota(limit=100, remaining=64, source="203.0.113.9"))
    assert told == {"limit": 100, "remaining": 64, "window_seconds": 21600, "reserve": 20, "counted_by": "address"}
    assert quota_document(None) is None


def test_the_summary() -> None:
    assert summary([COPIED, FAILED], Quota(limit=100, remaining=64)) == (
        "2 images: 1 copied, 1 failed; 64 of 100 pulls left"
    )
    assert (
        summary([COPIED], Quota(limit=100, remaining=62), pulls=2) == "1 image: 1 copied; 2 pulls spent, 62 of 100 left"
    )
    assert summary([COPIED]) == "1 image: 1 copied"
    assert summary([]) == "0 images"
