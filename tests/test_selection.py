"""Indexes without the manifests that nobody wants: always the same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeder import selection
from seeder.errors import MissingError, RegistryError
from seeder.model.descriptor import Descriptor, Manifest
from seeder.model.digest import Digest
from seeder.model.media_type import DOCKER_LIST, OCI_INDEX, OCI_MANIFEST
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference

APP = ImageReference.parse("app:1")
NAMES = ("linux/amd64", "linux/arm64", "linux/arm/v7", "linux/s390x", "windows/amd64")


def entry(name: str, content: str = "", **annotations: str) -> dict[str, Any]:
    os, architecture, *variant = name.split("/")
    platform = {"os": os, "architecture": architecture, **({"variant": variant[0]} if variant else {})}
    digest = str(Digest.of((content or name).encode()))
    named = {key.replace("_", "."): value for key, value in annotations.items()}
    return {"size": 5, "mediaType": OCI_MANIFEST, "digest": digest, "platform": platform, "annotations": named}


def attestation(subject: Mapping[str, Any]) -> dict[str, Any]:
    about = {"vnd_docker_reference_type": "attestation-manifest", "vnd_docker_reference_digest": subject["digest"]}
    return entry("unknown/unknown", f"about {subject['digest']}", **about)


def index(*entries: Mapping[str, Any], media_type: str = OCI_INDEX, **more: object) -> Manifest:
    return of(json.dumps({"schemaVersion": 2, "mediaType": media_type, **more, "manifests": entries}), media_type)


def of(text: str, media_type: str = OCI_INDEX) -> Manifest:
    raw = text.encode()
    return Manifest.of(media_type, raw)


def trimmed(manifest: Manifest, *names: str) -> Manifest:
    return selection.trimmed(APP, manifest, [Platform.parse(name) for name in names])


def names(manifest: Manifest) -> list[str]:
    return [str(child.platform) for child in manifest.children()]


WHOLE = [entry(name) for name in NAMES]


@pytest.mark.parametrize("media_type", [OCI_INDEX, DOCKER_LIST])
def test_what_is_wanted_stays_in_its_order_with_all_that_is_said_of_it(media_type: str) -> None:
    noted = [{**one, "annotations": {"created by": one["digest"]}, "urls": ["http://x"]} for one in WHOLE]
    found = trimmed(index(*noted, media_type=media_type, annotations={"b": "ü", "a": "1"}), NAMES[3], NAMES[1])
    document = json.loads(found.raw)
    assert document == {
        "schemaVersion": 2,
        "mediaType": media_type,
        "annotations": {"b": "ü", "a": "1"},
        "manifests": [noted[1], noted[3]],
    }
    assert found.descriptor == Descriptor(media_type=media_type, digest=Digest.of(found.raw), size=len(found.raw))


def test_the_bytes_are_these_for_ever() -> None:
    listed = ", ".join(json.dumps(one, indent=3) for one in WHOLE[:3])
    text = '{ "schemaVersion":2, "z": {"b": 1, "a": "\\u00fc\\u0001\\/"}, "manifests": [' + listed + "]}"
    assert trimmed(of(text), *NAMES[:2]).raw.decode() == (
        '{"manifests":[{"annotations":{},'
        '"digest":"sha256:baf0239e48ff4c47ebac3ba02b5cf1506b69cd5a0c0d0c825a53ba65976fb942",'
        '"mediaType":"application/vnd.oci.image.manifest.v1+json",'
        '"platform":{"architecture":"amd64","os":"linux"},"size":5},{"annotations":{},'
        '"digest":"sha256:b3e3ab55f887c56c0bd8bec3743b0fb54daaa17861e03db5133ef2835eb0da5a",'
        '"mediaType":"application/vnd.oci.image.manifest.v1+json",'
        '"platform":{"architecture":"arm64","os":"linux"},"size":5}],'
        '"schemaVersion":2,"z":{"a":"ü\\u0001/","b":1}}'
    )


def test_attestations_stay_with_what_they_are_about() -> None:
    beside = [attestation(one) for one in WHOLE]
    found = trimmed(index(*WHOLE, *beside), NAMES[1], NAMES[0])
    assert json.loads(found.raw)["manifests"] == [*WHOLE[:2], *beside[:2]]


def test_an_attestation_is_no_child_for_a_platform_whatever_it_names() -> None:
    beside = {**attestation(WHOLE[2]), "platform": WHOLE[0]["platform"]}
    assert json.loads(trimmed(index(*WHOLE, beside), *NAMES[:2]).raw)["manifests"] == WHOLE[:2]


def test_an_index_that_has_nothing_else_keeps_its_bytes() -> None:
    whole = index(*WHOLE[:2], *map(attestation, WHOLE[:2]))
    assert trimmed(whole, *NAMES[:2]) is whole


def test_several_of_one_platform_stay_together() -> None:
    zstd = entry(NAMES[0], "zstd")
    found = trimmed(index(zstd, *WHOLE), *NAMES[:2])
    assert json.loads(found.raw)["manifests"] == [zstd, *WHOLE[:2]]


def test_the_exact_variant_goes_before_others() -> None:
    arm = [entry("linux/arm/v5"), entry("linux/arm/v7"), entry("linux/amd64")]
    assert names(trimmed(index(*arm), "linux/arm/v7", "linux/amd64")) == ["linux/arm/v7", "linux/amd64"]
    assert names(trimmed(index(*arm), "linux/arm", "linux/amd64")) == ["linux/arm/v5", "linux/amd64"]


def test_what_names_no_platform_goes() -> None:
    bare = {"mediaType": OCI_MANIFEST, "digest": str(Digest.of(b"bare")), "size": 1}
    assert names(trimmed(index(*WHOLE[:2], bare), *NAMES[:2])) == list(NAMES[:2])


def test_a_platform_that_is_missing_is_named() -> None:
    with pytest.raises(MissingError) as caught:
        trimmed(index(*WHOLE[:2], attestation(WHOLE[0])), NAMES[0], "linux/riscv64")
    assert str(caught.value) == (
        "docker.io: docker.io/library/app:1 has nothing for linux/riscv64; it has linux/amd64, linux/arm64"
    )
    assert caught.value.code == "platform-missing"


@pytest.mark.parametrize("value", ["NaN", '"\\ud800"', "1" * 5000])
def test_what_is_no_json_is_refused(value: str) -> None:
    text = index(*WHOLE, x="?").raw.decode().replace('"?"', value)
    with pytest.raises(RegistryError):
        trimmed(of(text), *NAMES[:2])


@given(st.permutations(WHOLE), st.sets(st.sampled_from(NAMES), min_size=1))
def test_trimming_twice_is_trimming_once(entries: list[Mapping[str, Any]], wanted: set[str]) -> None:
    once = trimmed(index(*entries), *wanted)
    platforms = [Platform.parse(name) for name in wanted]
    assert trimmed(once, *sorted(wanted)).raw == once.raw
    assert selection.is_trimmed(once, platforms)
    assert selection.is_trimmed(index(*entries), platforms) == (wanted == set(NAMES))
    assert names(once) == [name for name in names(index(*entries)) if name in wanted]


@pytest.mark.parametrize("missing", NAMES[:2])
def test_what_lacks_a_platform_is_not_trimmed_for_it(missing: str) -> None:
    found = trimmed(index(*WHOLE), *(name for name in NAMES if name != missing))
    assert not selection.is_trimmed(found, [Platform.parse(name) for name in NAMES])
