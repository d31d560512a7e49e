"""Signatures, SBOMs and attestations beside images: with the referrers API, and with tags, on either side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.sandbox import Action, Sandbox
from seeder.sandbox.images import Built
from tests.fixtures.distribution import StartRegistry
from tests.fixtures.faults import Fault, Kind
from tests.run.desk import Desk

SBOM = "application/spdx+json"
SIGNATURE = "application/vnd.dev.cosign.artifact.sig.v1+json"


@pytest.fixture(params=["api", "tags"])
def hub(home: Path, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(referrers=request.param == "api") as running:
        (home / "registries.conf").write_text(running.registries_conf())
        yield running


@pytest.fixture(params=["api", "tags"])
def target(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(token_auth=False, referrers=request.param == "api") as running:
        yield running


def listed(sandbox: Sandbox, subject: Digest) -> list[str]:
    """The digests of the fallback index."""
    index = sandbox.manifest(f"nginx:{str(subject).replace(':', '-')}")
    return [entry["digest"] for entry in json.loads(index.raw)["manifests"]] if index else []


def refer(hub: Sandbox, subject: Descriptor, kind: str, payload: bytes) -> Descriptor:
    """An artifact beside `nginx`, listed as the source lists."""
    made = hub.put_artifact(f"nginx:x-{payload.hex()[:8]}", artifact_type=kind, payload=payload, subject=subject)
    if not hub.referrers:
        tag = str(subject.digest).replace(":", "-")
        before = hub.manifest(f"nginx:{tag}")
        entries = json.loads(before.raw)["manifests"] if before else []
        entries.append(
            {"mediaType": made.media_type, "digest": str(made.digest), "size": made.size, "artifactType": kind}
        )
        raw = json.dumps(
            {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": entries}
        )
        hub.put_manifest(f"nginx:{tag}", "application/vnd.oci.image.index.v1+json", raw.encode())
    return made


def test_all_that_refers_to_an_image_comes_with_it(desk: Desk, target: Sandbox) -> None:
    nginx = desk.hub.put_image("nginx:1")
    sbom = refer(desk.hub, nginx, SBOM, b"sbom")
    signature = refer(desk.hub, sbom, SIGNATURE, b"signature of the sbom")
    cosign = desk.hub.put_artifact(
        f"nginx:{str(nginx.digest).replace(':', '-')}.sig", artifact_type=SIGNATURE, payload=b"old"
    )
    timestamp = refer(desk.hub, cosign, SIGNATURE, b"timestamp of the old signature")
    desk.catalog("nginx:1", referrers=True)
    assert desk.outcomes("sync")["nginx:1"]["outcome"] == "copied"
    for each in (sbom, signature, cosign, timestamp):
        assert target.manifest(f"nginx@{each.digest}") is not None
    stands = target.manifest(f"nginx:{str(nginx.digest).replace(':', '-')}.sig")
    assert stands is not None
    assert stands.descriptor.digest == cosign.digest
    if not target.referrers:
        assert listed(target, nginx.digest) == [str(sbom.digest)]
        assert listed(target, sbom.digest) == [str(signature.digest)]
    desk.run("verify", "--deep")
    desk.hub.reset()
    target.reset()
    assert desk.outcomes("sync")["nginx:1"]["outcome"] == "present"
    assert desk.hub.counters.manifest_gets.total() == target.counters.manifest_puts.total() == 0


def test_what_comes_later_is_merged_with_what_stands_at_the_target(desk: Desk, target: Sandbox) -> None:
    nginx = desk.hub.put_image("nginx:1")
    desk.catalog({"reference": "nginx:1", "referrers": True})
    desk.run("sync")
    first = refer(desk.hub, nginx, SBOM, b"one")
    desk.run("sync")
    second = refer(desk.hub, nginx, SBOM, b"two")
    desk.run("sync")
    assert target.manifest(f"nginx@{second.digest}") is not None
    if not target.referrers:
        assert sorted(listed(target, nginx.digest)) == sorted([str(first.digest), str(second.digest)])


def test_children_have_referrers_too(desk: Desk, target: Sandbox) -> None:
    index = desk.hub.put_index("nginx:1")
    whole = desk.hub.manifest("nginx:1")
    assert whole is not None
    made = [refer(desk.hub, child, SBOM, str(child.digest).encode()) for child in whole.children()]
    made.append(refer(desk.hub, index, SBOM, b"of all"))
    desk.catalog("nginx:1", platforms=None, referrers=True)
    desk.run("sync")
    assert all(target.manifest(f"nginx@{each.digest}") for each in made)


def test_a_source_with_the_api_is_not_asked_for_tags_of_lists(desk: Desk) -> None:
    nginx = desk.hub.put_image("nginx:1")
    desk.catalog("nginx:1", referrers=True)
    desk.run("sync")
    asked = desk.hub.counters.by_selector(Action.MANIFEST_HEAD)[str(nginx.digest).replace(":", "-")]
    assert asked == (0 if desk.hub.referrers else 1)


def test_an_image_that_is_called_like_a_list_is_none(desk: Desk) -> None:
    nginx = desk.hub.put_image("nginx:1")
    desk.hub.put_image(f"nginx:{str(nginx.digest).replace(':', '-')}", note="called so")
    desk.catalog("nginx:1", referrers=True)
    desk.run("sync")


def test_without_the_key_nothing_is_asked_for(desk: Desk, target: Sandbox) -> None:
    refer(desk.hub, desk.hub.put_image("nginx:1"), SBOM, b"sbom")
    desk.catalog("nginx:1")
    desk.run("sync")
    assert desk.hub.counters.by_selector(Action.REFERRERS) == {}


@pytest.mark.parametrize("required", [True, False])
def test_a_referrer_that_fails_fails_the_image(desk: Desk, required: bool) -> None:
    sbom = refer(desk.hub, desk.hub.put_image("nginx:1"), SBOM, b"sbom")
    desk.hub.remove_blob("nginx", Digest.of(b"sbom"))
    desk.catalog({"reference": "nginx:1", "referrers": True, "required": required})
    outcome = desk.outcomes("sync", code=1 if required else 0)["nginx:1"]
    assert outcome["outcome"] == "failed"
    assert str(Digest.of(b"sbom")) in outcome["error"]["message"] or str(sbom.digest) in outcome["error"]["message"]


@pytest.mark.parametrize(
    "fault",
    [
        *(Fault(kind=Kind.STATUS, action=Action.REFERRERS, status=status, times=2) for status in (500, 502, 503)),
        Fault(kind=Kind.RESET, action=Action.REFERRERS, times=2),
        Fault(kind=Kind.CUT, action=Action.REFERRERS),
        Fault(kind=Kind.ABUSE, action=Action.REFERRERS, times=2, retry_after=0),
        Fault(kind=Kind.UNAUTHORIZED, action=Action.REFERRERS),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status or ''}",
)
def test_a_list_that_fails_for_a_while_is_asked_for_again(
    desk: Desk, target: Sandbox, fault: Fault, no_pauses: None
) -> None:
    nginx = desk.hub.put_image("nginx:1")
    sbom = refer(desk.hub, nginx, SBOM, b"sbom")
    desk.catalog("nginx:1", referrers=True)
    desk.hub.inject(fault)
    (outcome,) = desk.document("sync")["outcomes"]
    assert outcome["referrers"] == [str(sbom.digest)]
    assert any(hits for _, hits in desk.hub.hits)
    assert target.manifest(f"nginx@{sbom.digest}") is not None


def test_two_references_that_share_what_fails_both_fail(desk: Desk) -> None:
    nginx = desk.hub.put_image("nginx:1")
    refer(desk.hub, nginx, SBOM, b"sbom")
    desk.hub.remove_blob("nginx", Digest.of(b"sbom"))
    desk.catalog("nginx:1", f"nginx:1@{nginx.digest}", referrers=True)
    outcomes = desk.outcomes("sync", code=1)
    assert [each["outcome"] for each in outcomes.values()] == ["failed"] * 2


def test_what_several_references_share_is_asked_for_once(desk: Desk) -> None:
    """Two tags of one image, and another one: referrers, their list, and the empty config that all of them have."""
    refer(desk.hub, desk.hub.put_image("nginx:1"), SBOM, b"sbom")
    desk.hub.put("nginx:2", Built(manifest=desk.hub.manifest("nginx:1")))  # type: ignore[arg-type]
    other = desk.hub.put_image("other:1")
    desk.hub.put_artifact(f"other:{str(other.digest).replace(':', '-')}.sig", artifact_type=SIGNATURE, payload=b"old")
    desk.hub.inject(Fault(kind=Kind.DELAY, action=Action.MANIFEST_GET, amount=0.2, times=None))
    desk.catalog("nginx:1", "nginx:2", "other:1", referrers=True)
    desk.run("sync")
    assert set(desk.hub.counters.by_selector(Action.MANIFEST_GET).values()) == {1}
    assert set(desk.hub.counters.by_selector(Action.BLOB_GET).values()) == {1}
    desk.run("verify", "--deep")


def test_one_image_in_two_repositories_has_them_in_both(desk: Desk, target: Sandbox) -> None:
    sbom = refer(desk.hub, desk.hub.put_image("nginx:1"), SBOM, b"sbom")
    desk.hub.put("nginx:2", Built(manifest=desk.hub.manifest("nginx:1")))  # type: ignore[arg-type]
    desk.catalog("nginx:1", {"reference": "nginx:2", "as": "own/nginx:2"}, referrers=True)
    desk.run("sync")
    assert all(target.manifest(f"{name}@{sbom.digest}") is not None for name in ("nginx", "own/nginx"))
    desk.run("verify", "--deep")


def test_pulls_are_those_that_the_source_counted(desk: Desk) -> None:
    nginx = desk.hub.put_image("nginx:1")
    refer(desk.hub, nginx, SBOM, b"sbom")
    desk.catalog("nginx:1", f"nginx:1@{nginx.digest}", referrers=True)
    assert desk.document("sync")["pulls"] == desk.hub.counters.manifest_gets.total()


def test_into_a_folder_and_out_of_it(desk: Desk, target: Sandbox) -> None:
    nginx = desk.hub.put_image("nginx:1")
    sbom = refer(desk.hub, nginx, SBOM, b"sbom")
    folder = desk.folder / "images"
    desk.catalog("nginx:1", referrers=True, targets={"folder": {"kind": "oci-layout", "path": str(folder)}})
    desk.run("sync")
    desk.run("verify", "--deep")
    desk.catalog("nginx:1", referrers=True)
    desk.run("sync", "--from", f"oci:{folder}")
    assert target.manifest(f"nginx@{sbom.digest}") is not None


def test_verify_finds_what_the_target_lost(desk: Desk, target: Sandbox) -> None:
    refer(desk.hub, desk.hub.put_image("nginx:1"), SBOM, b"sbom")
    desk.catalog("nginx:1", referrers=True)
    desk.run("sync")
    target.remove_blob("nginx", Digest.of(b"sbom"))
    assert desk.outcomes("verify", code=1)["nginx:1"]["error"]["code"] == "missing"


def test_the_quota_holds_for_referrers_too(desk: Desk) -> None:
    nginx = desk.hub.put_image("nginx:1")
    for payload in (b"one", b"two"):
        refer(desk.hub, nginx, SBOM, payload)
    desk.catalog("nginx:1", referrers=True)
    desk.hub.set_quota(2)
    outcome = desk.outcomes("sync", code=4)["nginx:1"]
    assert (outcome["outcome"], outcome["error"]["code"]) == ("deferred", "quota")
    assert desk.hub.pulls <= 2
    desk.hub.set_quota(4)
    assert desk.outcomes("sync")["nginx:1"]["outcome"] == "present"


def test_verify_misses_what_the_target_lists_no_more(desk: Desk, target: Sandbox) -> None:
    """The lock knows what was brought, whatever the target says now; it stays byte for byte while that is the same."""
    nginx = desk.hub.put_image("nginx:1")
    sbom = refer(desk.hub, nginx, SBOM, b"sbom")
    subject = str(nginx.digest).replace(":", "-")
    cosign = desk.hub.put_artifact(f"nginx:{subject}.att", artifact_type=SIGNATURE, payload=b"attested")
    desk.catalog("nginx:1", referrers=True)
    desk.run("sync")
    data = desk.lock_path.read_bytes()
    assert desk.lock.pins[0].referrers == tuple(sorted([sbom.digest, cosign.digest], key=str))
    assert desk.outcomes("verify")["nginx:1"]["referrers"] == [str(each) for each in desk.lock.pins[0].referrers]
    desk.run("sync")
    assert desk.lock_path.read_bytes() == data
    desk.run("verify")
    lost = [f"nginx:{subject}.att", f"nginx@{sbom.digest}" if target.referrers else f"nginx:{subject}"]
    for name in lost:
        target.remove_manifest(name)
        outcome = desk.outcomes("verify", code=1)["nginx:1"]
        assert (outcome["outcome"], outcome["error"]["code"]) == ("failed", "missing")
        desk.run("sync")
        desk.run("verify")
    desk.catalog("nginx:1")
    target.remove_manifest(f"nginx:{subject}.att")
    desk.run("verify")


def test_a_moved_tag_forgets_what_stood_beside_the_old_image(desk: Desk) -> None:
    refer(desk.hub, desk.hub.put_image("nginx:1"), SBOM, b"sbom")
    desk.catalog("nginx:1", referrers=True)
    desk.run("sync")
    desk.hub.put_image("nginx:1", note="newer")
    desk.run("sync", "--update")
    assert desk.lock.pins[0].referrers == ()


@pytest.mark.parametrize("kind", ["sig", "att", "sbom"])
def test_each_of_cosigns_tags_comes(desk: Desk, target: Sandbox, kind: str) -> None:
    nginx = desk.hub.put_index("nginx:1", attestations=True)
    name = f"nginx:{str(nginx.digest).replace(':', '-')}.{kind}"
    made = desk.hub.put_artifact(name, artifact_type=SIGNATURE, payload=b"cosign")
    desk.catalog("nginx:1", platforms=None, referrers=True)
    desk.run("sync")
    stands = target.manifest(name)
    assert stands is not None
    assert stands.descriptor.digest == made.digest


def test_attestations_inside_an_index_come_without_being_asked_for(desk: Desk, target: Sandbox) -> None:
    desk.hub.put_index("nginx:1", attestations=True)
    desk.catalog("nginx:1", platforms=None)
    desk.run("sync")
    whole = target.manifest("nginx:1")
    assert whole is not None
    attested = [child for child in whole.children() if child.is_attestation]
    assert len(attested) == 2
    for child in attested:
        stands = target.manifest(f"nginx@{child.digest}")
        assert stands is not None
        assert all(target.has_blob("nginx", blob.digest) for blob in stands.blobs())


def test_the_answer_to_the_push_says_who_keeps_the_list(desk: Desk, target: Sandbox) -> None:
    """With OCI-Subject nothing more is asked; without it the tag schema is written, whatever the API answers."""
    nginx = desk.hub.put_image("nginx:1")
    sbom = refer(desk.hub, nginx, SBOM, b"sbom")
    if target.referrers:
        target.inject(Fault(kind=Kind.NO_SUBJECT, action=Action.MANIFEST_PUT, times=None))
    desk.catalog("nginx:1", referrers=True)
    desk.run("sync")
    assert listed(target, nginx.digest) == [str(sbom.digest)]
    assert target.counters.by_selector(Action.REFERRERS) == {}
    if target.referrers:
        target.heal()
        other = refer(desk.hub, nginx, SBOM, b"other")
        desk.run("sync")
        assert listed(target, nginx.digest) == [str(sbom.digest)]
        assert target.manifest(f"nginx@{other.digest}") is not None
        assert target.counters.by_selector(Action.REFERRERS)[str(nginx.digest)] == 1
    desk.run("verify")


def test_many_referrers_come_in_pages(home: Path, desk: Desk, target: Sandbox) -> None:
    with Sandbox(referrers=True, referrers_page=2) as hub:
        (home / "registries.conf").write_text(hub.registries_conf())
        nginx = hub.put_image("nginx:1")
        made = [refer(hub, nginx, SBOM, bytes([number])) for number in range(5)]
        desk.catalog("nginx:1", referrers=True)
        desk.run("sync")
        assert all(target.manifest(f"nginx@{each.digest}") for each in made)
        assert hub.counters.by_selector(Action.REFERRERS)[str(nginx.digest)] == 3


def test_a_plan_assumes_some(desk: Desk) -> None:
    desk.hub.put_image("nginx:1")
    desk.catalog("nginx:1", referrers=True)
    assert desk.document("plan")["pulls"] == {"at_least": 1, "assumed": 2, "exact": False}


def test_skopeo_says_what_to_do_instead(desk: Desk) -> None:
    desk.catalog("nginx:1", referrers=True)
    desk.run("sync", "--engine", "skopeo", code=2)
    assert "leave --engine out" in desk.err


def test_a_real_registry_without_the_api(desk: Desk, start_registry: StartRegistry) -> None:
    there = start_registry()
    nginx = desk.hub.put_image("nginx:1")
    refer(desk.hub, nginx, SBOM, b"sbom")
    target = {"registry": there.address, "insecure": True, "reached_by": ["kubelet"]}
    desk.catalog("nginx:1", referrers=True, targets={"event": target})
    desk.run("sync")
    desk.run("verify", "--deep")
    desk.hub.reset()
    desk.run("sync")
    assert desk.hub.counters.manifest_gets.total() == 0
    assert any(str(nginx.digest).replace(":", "-") in line and "PUT" in line for line in there.requests())
