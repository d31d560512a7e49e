"""What sync, verify and pin tell: machines by field, people by line."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from msgspec.structs import replace

from seeder.cli import logs
from seeder.errors import DeniedError, MissingError, QuotaError, SeederError, UnreachableError
from seeder.model.catalog import Catalog, TargetSettings
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_MANIFEST
from seeder.model.occurrence import Context, Occurrence, Part, Puller, Span, Spelling, Unread
from seeder.model.outcome import Copied, Deferred, Failed
from seeder.model.pin import Lock, Pin
from seeder.model.placed import Placed
from seeder.model.quota import Quota
from seeder.model.reference import ImageReference
from seeder.report.looking import look_fields, look_notes
from seeder.report.note import Note
from seeder.report.outcome_notes import outcome_notes
from seeder.report.outcomes import outcome_fields, outcome_table
from seeder.report.pinning import pin_code, pin_fields, pin_notes, pin_table
from seeder.report.syncing import total
from seeder.run.look import Looked
from seeder.run.pin import Pinned
from seeder.run.traffic import Traffic
from seeder.targets import destination

EVENT = TargetSettings(name="t", registry="reg.example.com")
NGINX, GONE, SHUT = (ImageReference.parse(text) for text in ("nginx:1", "gone:1", "shut:1"))
PLACES = {GONE: ("w/a.yaml:3", "w/b.yaml:7"), SHUT: ("w/a.yaml:4",)}


def told(notes: Iterable[Note]) -> str:
    """As a person sees them, in the usual log level."""
    text = logs.Text()
    records = (
        logging.makeLogRecord(
            {
                "levelno": each.level,
                "levelname": logging.getLevelName(each.level),
                "msg": each.message,
                "hint": each.hint,
            }
        )
        for each in notes
        if each.level >= logging.INFO
    )
    return "".join(f"{text.format(record)}\n" for record in records)


def failed(reference: ImageReference, error: SeederError, *, required: bool = True) -> Failed:
    return Failed(of=reference, error=error, required=required)


OUTCOMES = [
    Copied(
        pin=Pin(reference=NGINX, descriptor=Descriptor(media_type=OCI_MANIFEST, digest=Digest.of(b"n"), size=1)),
        root=Digest.of(b"n"),
        destination=destination(NGINX, Digest.of(b"n"), EVENT),
    ),
    failed(GONE, MissingError("no such tag", where="hub.test", hint="check the tag")),
    failed(SHUT, DeniedError("private", hint="check the tag"), required=False),
]


def test_notes_name_the_place_and_say_a_hint_once() -> None:
    assert told(outcome_notes(OUTCOMES, PLACES)) == (
        "error: w/a.yaml:3: gone:1 (and in 1 more place): hub.test: no such tag\n"
        "hint: check the tag\n"
        "warning: w/a.yaml:4: shut:1: private\n"
    )


def test_a_machine_gets_each_outcome_with_its_reason() -> None:
    gone, nginx, shut = outcome_notes(OUTCOMES, PLACES)
    assert (gone.level, shut.level, nginx.level) == (logging.ERROR, logging.WARNING, logging.DEBUG)
    assert gone.fields == {
        "event": "outcome",
        "reference": "docker.io/library/gone:1",
        "outcome": "failed",
        "code": "missing",
        "cause": "hub.test: no such tag",
        "places": ["w/a.yaml:3", "w/b.yaml:7"],
    }
    assert nginx.fields["target"] == "reg.example.com/library/nginx:1"


def test_what_is_put_off_is_a_warning() -> None:
    later = Deferred(of=NGINX, error=QuotaError("takes 2 pulls"))
    assert told(outcome_notes([later], {})) == "warning: nginx:1: takes 2 pulls\n"


def late(text: str, code: str = "") -> Deferred:
    error = QuotaError("takes 2 pulls", where="docker.io", hint="run again", code=code)
    return Deferred(of=ImageReference.parse(text), error=error)


def test_why_a_source_puts_images_off_is_told_once() -> None:
    outcomes = [late("c:1"), *map(late, ("a:1", "b:1", "ghcr.io/x/y:1")), late("big:1", "quota-too-small")]
    notes = list(outcome_notes(outcomes, PLACES))
    assert told(notes) == (
        "warning: big:1: docker.io: takes 2 pulls\n"
        "hint: run again\n"
        "warning: ghcr.io/x/y:1: docker.io: takes 2 pulls\n"
        "warning: docker.io: 3 images put off; a:1: takes 2 pulls\n"
    )
    assert sum(note.fields["event"] == "outcome" for note in notes) == 5  # for who asks for all of it
    assert notes[-1].fields == {
        "event": "deferred",
        "registry": "docker.io",
        "code": "quota",
        "cause": "docker.io: takes 2 pulls",
        "references": [f"docker.io/library/{name}:1" for name in "abc"],
    }


def down(text: str, *, required: bool = True) -> Failed:
    error = UnreachableError("cannot connect", where="reg.example.com", hint="is it up?")
    return failed(ImageReference.parse(text), error, required=required)


def test_what_fails_with_the_same_words_is_told_once() -> None:
    outcomes = [down("d:1"), down("c:1"), down("a:1", required=False), down("b:1"), failed(GONE, MissingError("gone"))]
    notes = list(outcome_notes(outcomes, {ImageReference.parse("a:1"): ("w/c.yaml:9",), **PLACES}))
    assert told(notes) == (
        "error: w/a.yaml:3: gone:1 (and in 1 more place): gone\n"
        "error: w/c.yaml:9: a:1 and 3 more images: reg.example.com: cannot connect\n"
        "hint: is it up?\n"
    )
    assert notes[-1].fields == {
        "event": "failed",
        "code": "unreachable",
        "cause": "reg.example.com: cannot connect",
        "references": [f"docker.io/library/{name}:1" for name in "abcd"],
    }


def test_a_few_that_fail_alike_are_told_with_their_places() -> None:
    notes = list(outcome_notes([down("a:1"), down("b:1"), down("c:1")], {}))
    assert told(notes).count("error: ") == 3


def refused(name: str, host: str) -> Failed:
    reference = ImageReference.parse(f"{name}:1")
    pin = Pin(reference=reference, descriptor=Descriptor(media_type=OCI_MANIFEST, digest=Digest.of(b"n"), size=1))
    placed = Placed(pin=pin, destination=destination(reference, Digest.of(b"n"), EVENT))
    return Failed(of=placed, error=DeniedError(f"asking for {name}: Unauthorized (401)", where=host, hint="log in"))


def test_a_target_that_lets_nobody_in_is_told_once_though_it_names_each_image() -> None:
    assert told(outcome_notes([refused(name, "reg.example.com") for name in "abcd"], {})) == (
        "error: a:1 and 3 more images: reg.example.com: asking for a: Unauthorized (401)\nhint: log in\n"
    )


def test_images_that_a_source_refuses_may_be_misspelt_and_are_told_one_by_one() -> None:
    assert told(outcome_notes([refused(name, "hub.test") for name in "abcd"], {})).count("error: ") == 4


def test_what_is_not_required_and_fails_is_a_warning_in_the_sum_too() -> None:
    notes = list(outcome_notes([down(f"{name}:1", required=False) for name in "abcd"], {}))
    assert notes[-1].level == logging.WARNING


def test_unread_files_are_told_up_to_ten() -> None:
    unread = [Unread(root="w", file=f"f{n}", reason="binary") for n in range(12)]
    lines = told(look_notes(Looked(places={}, unread=tuple(unread)))).splitlines()
    assert len(lines) == 11
    assert lines[0] == "w/f0: not read: binary"
    assert lines[-1].startswith("2 more files")


UNRESOLVED = Occurrence(
    root="w",
    file="a.yaml",
    parts=(Part(span=Span(0, 4), text="$(x)", line=5, column=1, end_column=5),),
    canonical="$(x)/files:1",
    reference=None,
    context=Context.WORKSHOP_FILES,
    pulled_by=Puller.VENDIR,
    spelling=Spelling.FIELD,
    rewritable=False,
    unresolved=("x",),
)


def unresolved(*occurrences: Occurrence) -> Looked:
    return Looked(places={}, unresolved=occurrences)


def test_unknown_variables_are_listed() -> None:
    assert told(look_notes(unresolved(UNRESOLVED))) == "w/a.yaml:5: $(x)/files:1 stays: give x a value (--set)\n"
    twice = "w/a.yaml:5: $(x)/files:1 (and in 1 more place) stays: give x a value (--set)\n"
    assert (
        told(
            look_notes(
                Looked(
                    places={},
                    unresolved=(
                        UNRESOLVED,
                        UNRESOLVED,
                    ),
                )
            )
        )
        == twice
    )
    (shown,) = look_fields(unresolved(UNRESOLVED))["unresolved"]
    assert shown == {"file": "w/a.yaml", "line": 5, "reference": "$(x)/files:1", "variables": ["x"]}


def test_what_educates_fills_in_is_no_work_for_the_user() -> None:
    theirs = replace(UNRESOLVED, unresolved=("image_repository", "workshop_version"))
    assert told(look_notes(unresolved(theirs))) == "1 name left to variables of Educates, such as $(image_repository)\n"


def test_what_a_template_works_out_has_no_name_to_give_a_value_to() -> None:
    template = replace(UNRESOLVED, canonical="{{ .Values.image }}", unresolved=(".Values.image",))
    assert (
        told(look_notes(unresolved(template, template))) == "2 names left to templates, such as {{ .Values.image }}\n"
    )
    given = replace(UNRESOLVED, canonical="{{ web_image }}", unresolved=("web_image",))
    assert "give web_image a value (--set)" in told(look_notes(unresolved(given)))


def test_fields_and_table() -> None:
    quotas = {"ghcr.io": Quota(limit=5, remaining=5), "docker.io": Quota(limit=100, remaining=60)}
    fields = outcome_fields(OUTCOMES, quotas, 3, "t", PLACES)
    assert (fields["target"], fields["pulls"], fields["quota"]["remaining"]) == ("t", 3, 60)
    assert [each["places"] for each in fields["outcomes"]] == [["w/a.yaml:3", "w/b.yaml:7"], [], ["w/a.yaml:4"]]
    rows = outcome_table(OUTCOMES).splitlines()
    assert rows[1].split() == ["gone:1", "failed", "missing"]  # in full it is told beside the table
    assert rows[2].split() == ["nginx:1", "copied", "reg.example.com/library/nginx:1"]
    assert rows[3].endswith("denied; it is not required")
    assert total(OUTCOMES, quotas).message == "3 images: 1 copied, 2 failed; 60 of 100 pulls left"
    traffic = Traffic(moved=1500, mounted=500_000, saved=2_000_000)
    summed = total(OUTCOMES, {}, traffic, pulls=3, exit=1)
    told = "1.5 kB moved, 500.0 kB mounted, 1.5 MB shared or there already"
    assert summed.message == f"3 images: 1 copied, 2 failed; {told}"
    assert summed.fields["event"] == "summary"
    assert [summed.fields[key] for key in ("copied", "failed", "present", "pulls", "exit")] == [1, 2, 0, 3, 1]


def pin(reference: ImageReference, content: bytes) -> Pin:
    return Pin(reference=reference, descriptor=Descriptor(media_type=OCI_MANIFEST, digest=Digest.of(content), size=1))


def test_what_the_quota_does_not_let_be_read_is_for_later() -> None:
    done = Pinned(lock=Lock((pin(NGINX, b"n"),)), failures={NGINX: QuotaError("spent")}, places=PLACES)
    assert pin_code(done, Catalog(name="c")) == 4
    assert "warning: cannot read the manifests of nginx:1: spent\n" in told(pin_notes(done))
    gone = ImageReference.parse("gone:9")
    worse = Pinned(lock=done.lock, failures={**done.failures, gone: MissingError("no")})
    assert pin_code(worse, Catalog(name="c")) == 1


def test_pins() -> None:
    lock = Lock((pin(GONE, b"new"), pin(NGINX, b"n"), pin(SHUT, b"s")))
    moved = {GONE: pin(GONE, b"old")}
    failures = {ImageReference.parse("bad:1"): MissingError("no", hint="check")}
    done = Pinned(lock=lock, added=frozenset({NGINX}), moved=moved, failures=failures, places=PLACES)
    fields = pin_fields(done)
    assert [each["state"] for each in fields["pins"]] == ["moved", "new", "kept"]
    assert fields["pins"][0]["was"] == str(Digest.of(b"old"))
    assert fields["failures"][0]["error"]["code"] == "missing"
    assert pin_table(done).splitlines()[1].split()[:2] == ["gone:1", "moved"]
    assert told(pin_notes(done)) == ("error: cannot pin bad:1: no\nhint: check\n3 pins: 1 new, 1 moved, 1 failed\n")
