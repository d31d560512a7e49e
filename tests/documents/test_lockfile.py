from __future__ import annotations

import pytest
from hypothesis import given

from seeder.documents import lockfile
from seeder.errors import DocumentError
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.pin import Lock, Pin, PlatformPin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from tests.strategies import locks

HEX = "0123456789abcdef" * 4
NGINX = ImageReference.parse("nginx:1.27.3")
HEADER = "apiVersion: seeder/v1alpha1\nkind: Lock\n"
PIN = f"""  - reference: docker.io/library/nginx:1.27.3
    digest: sha256:{HEX}
    mediaType: application/vnd.oci.image.index.v1+json
    size: 10229
    platforms:
      linux/amd64: {{digest: sha256:{HEX}, size: 72950530}}
    served: {{event: sha256:{HEX}}}
    earlier: [sha256:{HEX}]
    referrers:
      - sha256:{HEX}
"""


@given(locks())
def test_a_lock_comes_back_as_it_was_and_its_bytes_stay(lock: Lock) -> None:
    data = lockfile.render(lock)
    assert lockfile.parse(data, "x.lock.yaml") == lock
    assert lockfile.render(lockfile.parse(data, "x.lock.yaml")) == data


def test_the_form_is_that_of_the_documentation() -> None:
    lock = lockfile.parse(f"{HEADER}pins:\n{PIN}".encode(), "x.lock.yaml")
    digest = Digest("sha256", HEX)
    assert lock.pins == (
        Pin(
            reference=NGINX,
            descriptor=Descriptor(media_type="application/vnd.oci.image.index.v1+json", digest=digest, size=10229),
            platforms={Platform("linux", "amd64"): PlatformPin(digest=digest, size=72950530)},
            served={"event": digest},
            earlier=(digest,),
            referrers=(digest,),
        ),
    )
    assert lockfile.render(lock).decode().split("\n", 1)[1] == f"{HEADER}pins:\n{PIN}"


def test_a_lock_by_hand_is_sorted_and_canonical() -> None:
    second = PIN.replace("docker.io/library/nginx:1.27.3", "alpine")
    lock = lockfile.parse(f"{HEADER}pins:\n{PIN}{second}".encode(), "x.lock.yaml")
    assert [str(pin.reference) for pin in lock] == ["docker.io/library/alpine:latest", "docker.io/library/nginx:1.27.3"]


def test_platforms_without_a_name_are_left_out() -> None:
    odd = {Platform("", ""): PlatformPin(digest=Digest("sha256", HEX), size=1)}
    pin = Pin(
        reference=NGINX, descriptor=Descriptor(media_type="x", digest=Digest("sha256", HEX), size=1), platforms=odd
    )
    assert lockfile.parse(lockfile.render(Lock((pin,))), "x").pins[0].platforms == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "x.lock.yaml:1: is empty"),
        ("- a\n", "x.lock.yaml:1: is a list, and must be a mapping"),
        (
            f"{HEADER}pins:\n{PIN}{PIN}",
            "x.lock.yaml:14: pins[1]: docker.io/library/nginx:1.27.3 stands here twice; first on line 4",
        ),
        (f"{HEADER}pins:\n<<<<<<< ours\n{PIN}=======\n>>>>>>> theirs\n", "x.lock.yaml:4: is in the middle of a merge"),
        (
            HEADER.replace("v1alpha1", "v2") + "pins: []\n",
            "x.lock.yaml:1: apiVersion: must be seeder/v1alpha1, and is seeder/v2",
        ),
        (HEADER.replace("Lock", "Catalog"), "x.lock.yaml:2: kind: must be Lock, and is Catalog"),
        (HEADER, "x.lock.yaml:1: the key pins is missing"),
        (f"{HEADER}pins:\n{PIN}".replace(HEX, HEX[:-1], 1), "x.lock.yaml:5: pins[0].digest: a sha256 digest has 64"),
        (f"{HEADER}pins:\n{PIN}".replace("10229", "-1"), "x.lock.yaml:7: pins[0].size: must be a whole number"),
        (f"{HEADER}pins:\n{PIN}".replace("10229", "9" * 5000), "x.lock.yaml:7: pins[0].size: must be a whole number"),
        (
            f"{HEADER}pins:\n{PIN}".replace("10229", "many"),
            "x.lock.yaml:7: pins[0].size: must be a number, and is text (many)",
        ),
        (f"{HEADER}pins:\n{PIN}".replace("mediaType", "mediatype"), "unknown key; did you mean mediaType?"),
        (f"{HEADER}pins: {{a: 1}}\n", "pins: must be a list, and is a mapping"),
    ],
)
def test_what_is_no_lock_says_where_and_why(text: str, said: str) -> None:
    with pytest.raises(DocumentError) as caught:
        lockfile.parse(text.encode(), "x.lock.yaml")
    assert said in str(caught.value)
    assert caught.value.exit_code == 2
    assert caught.value.hint
