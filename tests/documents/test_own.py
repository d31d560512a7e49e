"""The quick way to read a lock never says anything else than the parser."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from seeder.documents import lockfile, own
from seeder.errors import DocumentError
from seeder.model.pin import Lock
from tests.documents.test_lockfile import HEADER, PIN
from tests.strategies import locks

ALIKE = f"{HEADER}pins:\n{PIN}"


def slowly(data: bytes) -> Lock | None:
    """What the parser says: an empty first line is not ours."""
    return read(b"\n" + data)


def read(data: bytes) -> Lock | None:
    try:
        return lockfile.parse(data, "x.lock.yaml")
    except DocumentError:
        return None


@given(locks())
def test_what_we_wrote_is_read_the_same(lock: Lock) -> None:
    data = lockfile.render(lock)
    assert read(data) == slowly(data) == lock


def test_the_quick_way_is_taken_for_it() -> None:
    lock = slowly(ALIKE.encode())
    assert lock is not None
    assert own.read(PIN) == lock


@given(locks(), st.data())
def test_what_was_changed_by_hand_is_read_by_the_parser(lock: Lock, data: st.DataObject) -> None:
    whole = lockfile.render(lock)
    at = data.draw(st.integers(0, len(whole) - 1))
    put = data.draw(st.sampled_from([b"", b" ", b"\n", b'"', b"#", b"0", b"a", b"A", b":", b", ", b"{", b"\xff"]))
    changed = whole[:at] + put + whole[at + data.draw(st.integers(0, 2)) :]
    assert read(changed) == slowly(changed)


def test_two_pins_of_one_reference_are_for_the_parser() -> None:
    assert read(lockfile.render(Lock()).replace(b" []", b"\n" + PIN.encode() * 2)) is None


def test_what_is_no_text_is_for_the_parser() -> None:
    assert read(lockfile.render(Lock()) + b"\xff") is None


def test_a_referrer_that_stands_twice_is_for_the_parser() -> None:
    twice = PIN + PIN.splitlines(keepends=True)[-1]
    assert own.read(twice) == own.read(PIN)
    assert read(lockfile.render(Lock()).replace(b" []", b"\n" + twice.encode())) is None
