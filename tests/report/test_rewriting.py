"""What is told of places that stay."""

from __future__ import annotations

from seeder.report.rewriting import rewrite_notes
from seeder.rewrite.change import Left
from seeder.run.rewrite import Mode, Rewritten
from tests.rewrite.cases import TARGET, occurrence


def told(*left: Left) -> list[tuple[str, str]]:
    done = Rewritten(target=TARGET, mode=Mode.LOOK, faults=left)
    return [(note.message, note.hint) for note in rewrite_notes(done)][:-1]


def left(name: str, file: str, reason: str, *, shared: bool = True) -> Left:
    return Left(occurrence=occurrence(name, file=file), reason=reason, hint=f"mend {reason}", shared=shared)


def test_one_reason_of_the_lock_is_told_once_for_all_places() -> None:
    two, one = [left("nginx:1", "a.yaml", "pin"), left("redis:7", "b.yaml", "pin")], left("x:1", "c.yaml", "host")
    assert told(two[0], one, two[1]) == [
        ("lab/a.yaml:1: nginx:1 and 1 more stay: pin", "mend pin"),
        ("lab/c.yaml:1: x:1 stays: host", "mend host"),
    ]


def test_the_places_that_stay_are_all_there_for_machines() -> None:
    done = Rewritten(target=TARGET, mode=Mode.LOOK, faults=(left("a:1", "a.yaml", "pin"), left("b:1", "b.yaml", "pin")))
    note = next(iter(rewrite_notes(done)))
    assert note.fields["places"] == ["lab/a.yaml:1", "lab/b.yaml:1"]
    assert note.fields["references"] == ["docker.io/library/a:1", "docker.io/library/b:1"]


def test_what_each_place_is_to_be_mended_for_is_told_of_each() -> None:
    folded = [left("a:1", "a.yaml", "folded", shared=False), left("b:1", "b.yaml", "folded", shared=False)]
    assert [message for message, _ in told(*folded)] == [
        "lab/a.yaml:1: a:1 stays: folded",
        "lab/b.yaml:1: b:1 stays: folded",
    ]


def test_what_stays_on_purpose_is_told_by_its_commonest_reasons() -> None:
    reasons = ["cache", "cache", "name 1", "name 2", "name 3", "name 4"]
    meant = [Left(occurrence=occurrence("a:1", line=at), reason=why, fails=False) for at, why in enumerate(reasons, 1)]
    ((message, _),) = told(*meant)
    expected = "6 names left as meant: cache (2); name 1 (1); name 2 (1); name 3 (1); and others. JSON lists them"
    assert message == expected


def test_what_stands_in_base64_is_not_shown() -> None:
    found = Left(occurrence=occurrence("aGVsbG8" * 20, reference="nginx:1.27"), reason="base64", hint="mend base64")
    assert told(found) == [("lab/a.yaml:1: nginx:1.27 stays: base64", "mend base64")]
