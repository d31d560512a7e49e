"""The layout of a `registry` target, its inverse, what may point at it, and how its names are spelled."""

from __future__ import annotations

import pytest
from hypothesis import assume, given

from seeder import targets
from seeder.errors import UsageError
from seeder.model.catalog import ImageEntry, TargetKind, TargetSettings
from seeder.model.digest import Digest
from seeder.model.occurrence import Context, Occurrence, Puller, Spelling
from seeder.model.placed import Destination
from seeder.model.reference import ImageReference
from tests import strategies

PIN = Digest.of(b"pin")
ROOT = Digest.of(b"root")
SHORT = PIN.hex[:12]
EVENT = TargetSettings(name="event", registry="reg.example.com", push="localhost:5001")
PREFIXED = TargetSettings(name="event", registry="reg.example.com:5000", prefix="team/a")


def put(text: str, target: TargetSettings = EVENT, *, as_: str | None = None) -> Destination:
    reference = ImageReference.parse(text)
    entry = ImageEntry(reference=reference, destination=as_) if as_ else None
    return targets.destination(reference, PIN, target, entry)


def occurrence(text: str, *, pulled_by: Puller = Puller.KUBELET, spelling: Spelling = Spelling.FIELD) -> Occurrence:
    reference = ImageReference.parse(text)
    return Occurrence(
        root="w",
        file="f",
        parts=(),
        canonical=str(reference.or_latest()),
        reference=reference.or_latest(),
        context=Context.POD_SPEC,
        pulled_by=pulled_by,
        spelling=spelling,
        rewritable=True,
    )


@pytest.mark.parametrize(
    ("text", "repository", "tags"),
    [
        ("nginx", "library/nginx", ("latest", f"latest-{SHORT}")),
        ("nginx:1.27", "library/nginx", ("1.27", f"1.27-{SHORT}")),
        ("grafana/grafana:11", "grafana/grafana", ("11", f"11-{SHORT}")),
        ("index.docker.io/a/b:1", "a/b", ("1", f"1-{SHORT}")),
        ("ghcr.io/a/b:1", "ghcr.io/a/b", ("1", f"1-{SHORT}")),
        ("ghcr.io/b:1", "ghcr.io/b", ("1", f"1-{SHORT}")),
        ("Reg.Example:5000/b:1", "reg.example_5000/b", ("1", f"1-{SHORT}")),
        ("localhost:5000/b:1", "localhost_5000/b", ("1", f"1-{SHORT}")),
        ("[2001:db8::1]:5000/b:1", "2001_db8__1_5000/b", ("1", f"1-{SHORT}")),
        (f"nginx@{PIN}", "library/nginx", (f"seeder-{SHORT}",)),
        (f"nginx:1.27@{PIN}", "library/nginx", ("1.27", f"1.27-{SHORT}")),
        (f"nginx:{'t' * 128}", "library/nginx", ("t" * 128, f"{'t' * 115}-{SHORT}")),
    ],
)
def test_the_layout(text: str, repository: str, tags: tuple[str, ...]) -> None:
    assert put(text) == Destination(
        target="event", registry="localhost:5001", written="reg.example.com", repository=repository, tags=tags
    )


def test_a_prefix_stands_before_the_path_and_push_defaults_to_the_registry() -> None:
    found = put("ghcr.io/a/b:1", PREFIXED)
    assert (found.repository, found.registry) == ("team/a/ghcr.io/a/b", "reg.example.com:5000")


@pytest.mark.parametrize(
    ("text", "root", "tags"),
    [
        ("nginx:1.27", None, ("1.27", f"1.27-{SHORT}")),
        ("nginx:1.27", PIN, ("1.27", f"1.27-{SHORT}")),
        ("nginx:1.27", ROOT, ("1.27", f"1.27-{SHORT}", f"1.27-{ROOT.short}")),
        (f"nginx@{PIN}", ROOT, (f"seeder-{SHORT}", f"seeder-{ROOT.short}")),
    ],
)
def test_another_digest_that_stands_there_gives_a_tag_too(
    text: str, root: Digest | None, tags: tuple[str, ...]
) -> None:
    assert targets.rooted(put(text), root).tags == tags


@pytest.mark.parametrize(
    ("as_", "repository", "tag"), [("tools/acme:2.4", "tools/acme", "2.4"), ("tools/acme", "tools/acme", "1.0")]
)
def test_as_names_repository_and_tag(as_: str, repository: str, tag: str) -> None:
    found = put("localhost/x:1.0", as_=as_)
    assert (found.repository, found.tags) == (repository, (tag, f"{tag}-{SHORT}"))


@pytest.mark.parametrize(
    "text",
    [
        "localhost/a:1",
        "UPPER/a:1",
        "[::1]:5000/a:1",
        "[2001:db8::1:5000]/a:1",
        "docker.io/ghcr.io/a:1",
        "docker.io/localhost_5000/a:1",
        f"ghcr.io/{'a' * 250}:1",
    ],
)
def test_what_has_no_name_of_its_own_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        put(text)
    assert "`as:`" in caught.value.hint
    assert str(ImageReference.parse(text)) in caught.value.message


@given(strategies.references())
def test_every_written_form_leads_back(reference: ImageReference) -> None:
    """Which no two could, if they had the same place."""
    reference = reference.or_latest()
    try:
        found = targets.destination(reference, reference.digest or PIN, PREFIXED)
    except UsageError:
        assume(False)
    written = ImageReference(PREFIXED.registry, found.repository, found.tags[0], reference.digest or PIN)
    source = ImageReference(reference.registry.lower(), reference.repository, reference.tag, reference.digest)
    back = targets.original(written, PREFIXED)
    # A tag beside a digest is how a pinned tag is written.
    assert back == (ImageReference(source.registry, source.repository, source.tag) if source.tag else source)


@pytest.mark.parametrize(
    ("text", "original"),
    [
        ("reg.example.com/library/nginx:1.27", "nginx:1.27"),
        ("localhost:5001/library/nginx:1.27", "nginx:1.27"),
        (f"reg.example.com/library/nginx:1.27@{ROOT}", "nginx:1.27"),
        (f"reg.example.com/library/nginx:1.27-{SHORT}", "nginx:1.27"),
        (f"reg.example.com/library/nginx:1.27-{SHORT}@{PIN}", "nginx:1.27"),
        (f"reg.example.com/library/nginx:1.27-{SHORT}@{ROOT}", f"nginx:1.27-{SHORT}"),
        (f"reg.example.com/library/nginx@{ROOT}", f"nginx@{ROOT}"),
        (f"reg.example.com/library/nginx:seeder-{SHORT}@{PIN}", f"nginx@{PIN}"),
        ("reg.example.com/ghcr.io/a/b", "ghcr.io/a/b:latest"),
        ("reg.example.com/localhost_5000/b:1", "localhost:5000/b:1"),
    ],
)
def test_the_inverse(text: str, original: str) -> None:
    assert targets.original(ImageReference.parse(text), EVENT) == ImageReference.parse(original)


@pytest.mark.parametrize(
    "text", ["nginx:1", "reg.example.com/nginx:1", f"reg.example.com/library/nginx:seeder-{SHORT}", "other.com/a/b:1"]
)
def test_names_that_the_layout_never_makes(text: str) -> None:
    assert targets.original(ImageReference.parse(text), EVENT) is None


def test_the_inverse_heeds_the_prefix() -> None:
    assert targets.original(ImageReference.parse("reg.example.com:5000/library/nginx:1"), PREFIXED) is None
    found = targets.original(ImageReference.parse("reg.example.com:5000/team/a/library/nginx:1"), PREFIXED)
    assert found == ImageReference.parse("nginx:1")


NODES = frozenset({Puller.KUBELET, Puller.DOCKERD})


@pytest.mark.parametrize(
    ("host", "insecure", "reached_by", "pulled_by", "refused"),
    [
        ("reg.example.com", False, None, Puller.KUBELET, False),
        ("reg.example.com", False, frozenset({Puller.VENDIR}), Puller.KUBELET, True),
        ("reg.example.com", False, frozenset({Puller.VENDIR}), Puller.VENDIR, False),
        ("reg.example.com", True, None, Puller.KUBELET, True),
        ("reg.example.com", True, None, Puller.VENDIR, False),
        ("reg.example.com", True, NODES, Puller.KUBELET, False),
        ("registry.default.svc", False, None, Puller.KUBELET, True),
        ("registry.default.svc:5000", False, None, Puller.DOCKERD, True),
        ("registry.default.svc.cluster.local", False, None, Puller.BUILD, True),
        ("registry.default.svc.cluster.local", False, NODES, Puller.BUILD, False),
        ("registry.default.svc.cluster.local", False, None, Puller.IMGPKG, False),
        ("localhost:5000", False, None, Puller.DOCKERD, True),
        ("127.0.0.1:5000", False, None, Puller.DOCKERD, True),
        ("[::1]:5000", False, None, Puller.DOCKERD, True),
        ("localhost:5000", False, NODES, Puller.DOCKERD, False),
        ("localhost:5000", False, None, Puller.CLI, False),
    ],
)
def test_who_may_be_pointed_at_it(
    host: str, insecure: bool, reached_by: frozenset[Puller] | None, pulled_by: Puller, refused: bool
) -> None:
    target = TargetSettings(name="t", registry=host, insecure=insecure, reached_by=reached_by)
    reason = targets.refusal(occurrence("nginx:1", pulled_by=pulled_by), target)
    assert bool(reason) == refused
    if refused:
        assert "reached_by" in reason


@pytest.mark.parametrize(
    ("text", "spelling", "expected"),
    [
        ("nginx:1", Spelling.FIELD, f"library/nginx:1@{ROOT}"),
        ("nginx:1", Spelling.COMMAND, "library/nginx:1"),
        ("nginx:1", Spelling.TAG_ONLY, f"library/nginx:1-{SHORT}"),
        ("nginx:1", Spelling.DIGEST_ONLY, f"library/nginx@{ROOT}"),
        (f"nginx@{PIN}", Spelling.FIELD, f"library/nginx@{ROOT}"),
        (f"nginx@{PIN}", Spelling.COMMAND, f"library/nginx@{ROOT}"),
        (f"nginx@{PIN}", Spelling.TAG_ONLY, f"library/nginx:seeder-{SHORT}"),
        (f"nginx:1@{PIN}", Spelling.FIELD, f"library/nginx:1@{ROOT}"),
        (f"nginx:1@{PIN}", Spelling.COMMAND, f"library/nginx:1-{SHORT}"),
    ],
)
def test_spellings(text: str, spelling: Spelling, expected: str) -> None:
    found = targets.spelled(occurrence(text, spelling=spelling), put(text), ROOT)
    assert found == f"reg.example.com/{expected}"


@pytest.mark.parametrize("kind", set(TargetKind) - targets.TARGETS.keys())
def test_kinds_of_later_parts_say_what_to_use_instead(kind: TargetKind) -> None:
    target = TargetSettings(name="cache", kind=kind)
    with pytest.raises(UsageError, match=r"targets\.cache\.kind") as caught:
        targets.check(target, where="c.yaml")
    assert (caught.value.where, caught.value.code) == ("c.yaml", "not-yet")
    assert "kind registry" in caught.value.hint
    assert targets.original(ImageReference.parse("nginx:1"), target) is None
