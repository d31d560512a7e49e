"""How often a source is asked for a blob: a bound for each blob, whatever else goes wrong, over both passes."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from seeder.engines.direct.attempts import EARNS, Attempts, Tries
from seeder.errors import MissingError, RegistryError, SeederError, UnreachableError
from seeder.model.copy import Copy
from seeder.model.digest import Digest
from seeder.model.outcome import Outcome
from seeder.registry.retry import Policy
from seeder.sandbox import Action, Layer
from seeder.transfer import transfer
from tests.engines.bench import Bench, benches, faults
from tests.fixtures.faults import Fault, Kind

SIZE = 3 << 20
BIG = Layer(name="big", size=SIZE)
DIGEST = Digest.of(b"blob")


def tries(attempts: int = 5) -> Tries:
    policy = Policy(attempts=attempts, sleep=lambda _: None)
    return Attempts().of("r.test", DIGEST, policy)


def asked(given: Tries, offsets: list[int]) -> int:
    """How many attempts there are where they end at these offsets, the last one ever after."""
    assert given.spent is None
    for made in range(1, 10_000):
        try:
            given.failed(UnreachableError("cut off"), offsets[min(made, len(offsets)) - 1])
        except UnreachableError:
            return made
    raise AssertionError("it never ends")


@pytest.mark.parametrize(
    ("offsets", "most"),
    [
        ([0], 5),
        ([EARNS - 1], 5),
        ([EARNS], 5),  # one was earned, none was lost before
        ([0, 0, 0, 0, EARNS], 6),
        ([0, 0, 0, 2 * EARNS], 7),
        ([0, 0, 0, 0, 100 * EARNS], 9),  # never more than the policy allows
        ([*(n * EARNS for n in range(1, 101))], 104),
        ([10 * EARNS, 0, 10 * EARNS], 5),  # from the start again, for the target's sake: nothing new
    ],
)
def test_new_bytes_earn_attempts_and_nothing_else_does(offsets: list[int], most: int) -> None:
    assert asked(tries(), offsets) == most


@given(st.lists(st.integers(0, 50 * EARNS), min_size=1, max_size=60))
def test_there_is_a_bound_whatever_comes(offsets: list[int]) -> None:
    assert 5 <= asked(tries(), offsets) <= 5 + max(offsets) // EARNS


def test_what_was_given_up_is_tried_once_more_after_a_while() -> None:
    attempts, policy = Attempts(), Policy(attempts=5, sleep=lambda _: None)
    found = attempts.of("r.test", DIGEST, policy)
    assert asked(found, [0]) == 5
    assert isinstance(attempts.of("r.test", DIGEST, policy).spent, UnreachableError)
    assert attempts.of("other.test", DIGEST, policy).spent is None
    attempts.cooled()
    assert asked(attempts.of("r.test", DIGEST, policy), [0]) == 1


def test_what_lasts_is_raised_at_once_and_spends_nothing() -> None:
    found = tries()
    with pytest.raises(MissingError):
        found.failed(MissingError("gone"), 0)
    assert found.spent is None


# At the sandbox


@pytest.fixture
def bench(home: Path) -> Iterator[Bench]:
    with benches("direct", home) as made:
        made.policy = Policy(sleep=lambda _: None)
        yield made


def passes(bench: Bench, *copies: Copy) -> list[Outcome]:
    """Both passes."""
    return list(transfer(copies, bench.engine(), lambda _: None, lambda _: None))


def failure(outcomes: list[Outcome]) -> SeederError:
    found = faults(outcomes)
    assert len(found) == len(outcomes)
    assert len(set(map(str, found))) == 1
    return found[0]


def lasting(bench: Bench, copy: Copy, fault: Fault) -> Fault:
    """A fault that the layer of a copy always meets, injected at the hub."""
    layer = bench.hub.manifest(copy.pin.reference.familiar()).blobs()[-1]  # type: ignore[union-attr]
    found = replace(fault, path=layer.digest.hex, times=None)
    bench.hub.inject(found)
    return found


def asked_for(bench: Bench, fault: Fault) -> int:
    return sum(fault.path in each.path and each.action == Action.BLOB_GET for each in bench.hub.counters.requests)


@pytest.mark.parametrize(
    ("fault", "most"),
    [
        (Fault(kind=Kind.CUT, action=Action.CDN_GET, amount=0), 6),
        (Fault(kind=Kind.CUT, action=Action.CDN_GET, amount=1000), 6),
        (Fault(kind=Kind.CUT, action=Action.CDN_GET), 6 + SIZE // EARNS),  # half of what is left each time
        (Fault(kind=Kind.RESET, action=Action.CDN_GET), 6),
        (Fault(kind=Kind.STATUS, action=Action.CDN_GET), 6),
        (Fault(kind=Kind.STATUS, action=Action.BLOB_GET, status=500), 6),
        (Fault(kind=Kind.ABUSE, action=Action.BLOB_GET), 6),
    ],
    ids=lambda value: f"{value.kind}-{value.action}-{value.amount}" if isinstance(value, Fault) else "",
)
@pytest.mark.parametrize("images", [1, 4])
def test_a_source_that_never_gives_a_blob_is_asked_a_few_times(
    bench: Bench, fault: Fault, most: int, images: int
) -> None:
    """Five times, and once more in the second pass: for all images that share it, however it fails."""
    copies = [bench.image(f"app{n}:1", layers=[BIG]) for n in range(images)]
    injected = lasting(bench, copies[0], fault)
    assert isinstance(failure(passes(bench, *copies)), RegistryError)
    assert asked_for(bench, injected) <= most
    assert [bench.target.tags(f"library/app{n}") or [] for n in range(images)] == [[]] * images


@pytest.mark.parametrize("status", [403, 404, 410])
@pytest.mark.parametrize("action", [Action.BLOB_GET, Action.CDN_GET])
def test_what_a_repository_refuses_is_asked_for_once(bench: Bench, status: int, action: Action) -> None:
    """For all images of it, one after the other; another repository may have it."""
    copies = [bench.image(f"{name}:{n}", layers=[Layer(name=f"{n}"), BIG]) for name in ("a", "b") for n in range(3)]
    injected = lasting(bench, copies[0], Fault(kind=Kind.STATUS, action=action, status=status))
    engine = bench.engine(open=1)
    for copy in copies:
        engine.ahead(copy)
    assert len(faults(transfer(copies, engine, lambda _: None, lambda _: None))) == len(copies)
    assert asked_for(bench, injected) == 2


def test_a_blob_that_comes_in_pieces_arrives(bench: Bench) -> None:
    """Each piece is asked for once, by Range."""
    copy = bench.image("app:1", layers=[Layer(name="huge", size=8 << 20)])
    fault = lasting(bench, copy, Fault(kind=Kind.CUT, action=Action.CDN_GET, amount=512 << 10))
    assert faults(passes(bench, copy)) == []
    assert bench.whole(copy)
    layer = bench.hub.manifest("app:1").blobs()[-1]  # type: ignore[union-attr]
    assert asked_for(bench, fault) == -(-layer.size // (512 << 10))
    assert bench.target.counters.by_repository(Action.UPLOAD_PUT).total() == 2


def test_the_error_says_what_broke_off_and_how_often(bench: Bench) -> None:
    copy = bench.image("app:1", layers=[BIG])
    lasting(bench, copy, Fault(kind=Kind.CUT, action=Action.CDN_GET, amount=0))
    error = failure(passes(bench, copy))
    assert re.search(r"docker.io/library/app: cut off, \d+ bytes are missing", error.message)
    assert error.hint.startswith("it broke off 6 times")


def test_what_target_and_source_spoil_adds_up_and_does_not_multiply(bench: Bench) -> None:
    copy = bench.image("app:1", layers=[BIG])
    fault = lasting(bench, copy, Fault(kind=Kind.CUT, action=Action.CDN_GET, amount=1 << 20))
    bench.target.inject(Fault(kind=Kind.RESET, action=Action.UPLOAD_PUT, times=None))
    failure(passes(bench, copy))
    uploads = bench.target.counters.by_repository(Action.UPLOAD_PUT).total()
    assert asked_for(bench, fault) <= uploads + 4 + SIZE // EARNS


def test_a_token_service_that_fails_is_asked_by_one_layer(bench: Bench) -> None:
    """Five times for the quota's HEAD, five for the manifest, in two passes: for all that want the same token."""
    copies = [bench.image(f"app{n}:1") for n in range(8)]
    bench.hub.inject(Fault(kind=Kind.STATUS, action=Action.TOKEN, times=None))
    # Whoever waits for a token of several repositories gets the answer that the first of them got, in its words.
    errors = faults(passes(bench, *copies))
    assert {error.status for error in errors if isinstance(error, RegistryError)} == {503}
    assert len(errors) == len(copies)
    assert bench.hub.counters.by_repository(Action.TOKEN).total() <= 2 * 10 * len(copies)


def test_a_target_that_opens_no_session_is_asked_by_one_layer(bench: Bench) -> None:
    copy = bench.image("app:1", layers=[BIG])
    bench.target.inject(
        Fault(kind=Kind.STATUS, action=Action.MOUNT, status=405, times=None),
        Fault(kind=Kind.STATUS, action=Action.UPLOAD_POST, times=None),
    )
    failure(passes(bench, copy))
    blobs = 2
    assert bench.target.counters.uploads.total() <= 2 * 5 * blobs


def test_images_that_wait_for_one_token_share_its_failure(bench: Bench) -> None:
    """Whoever waited while it was asked for does not ask anew."""
    reference = bench.image("app:1").source
    bench.hub.inject(Fault(kind=Kind.DELAY, action=Action.TOKEN, amount=0.2, times=None))
    bench.hub.inject(Fault(kind=Kind.STATUS, action=Action.TOKEN, status=400, times=None))
    client = bench.client()
    found: list[SeederError] = []

    def ask() -> None:
        with pytest.raises(SeederError) as caught:
            client.head_manifest(reference)
        found.append(caught.value)

    client.base(reference)
    ready = [threading.Thread(target=ask) for _ in range(8)]
    for thread in ready:
        thread.start()
    for thread in ready:
        thread.join()
    assert len(found) == 8
    assert bench.hub.counters.by_repository(Action.TOKEN).total() < 8
