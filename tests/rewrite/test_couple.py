"""A search text and the file that it must match change together, or not at all."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from seeder.model.catalog import Catalog, ImageEntry
from seeder.model.occurrence import Context, Occurrence, Puller, Spelling
from seeder.model.reference import ImageReference
from seeder.rewrite.choose import choose
from seeder.rewrite.couple import couple, path_in_tree
from tests.rewrite.cases import digest, occurrence, rules

PAGE = "workshop/content/01.md"
NEW = f"registry.example.com/library/nginx:1.27@{digest('nginx:1.27')}"


def search(text: str, file: str = "~/exercises/pod.yaml", **more: object) -> Occurrence:
    return occurrence(
        text,
        file=PAGE,
        line=9,
        context=Context.INSTRUCTIONS_COMMAND,
        pulled_by=Puller.NONE,
        pulled=False,
        coupled_to=file,
        **more,
    )


def outcome(*occurrences: Occurrence) -> tuple[dict[str, str], list[str]]:
    """New texts by place, and the reasons of those that stay."""
    changes, left = couple(*choose(occurrences, rules("nginx:1.27")), occurrences)
    return {change.occurrence.place: change.texts[0] for change in changes}, [each.reason for each in left]


POD = occurrence("nginx:1.27", file="exercises/pod.yaml", line=4)


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("nginx:1.27", NEW),
        ("nginx:1.2", "registry.example.com/library/nginx:1.2"),
        ("nginx:", "registry.example.com/library/nginx:"),
        ("nginx", "registry.example.com/library/nginx"),
        ("ngi", "registry.example.com/library/ngi"),
    ],
)
def test_both_change(text: str, new: str) -> None:
    found = search(text, reference="nginx")
    assert outcome(POD, found) == ({"exercises/pod.yaml:4": NEW, f"{PAGE}:9": new}, [])


def test_a_file_that_a_command_names_from_its_folder_is_the_one_next_to_the_page() -> None:
    page = "lab-a/workshop/content/01.md"
    mine = occurrence("nginx:1.27", file="lab-a/exercises/pod.yaml", line=4)
    other = occurrence("nginx:1.27", file="lab-b/exercises/pod.yaml", line=4)
    found = occurrence(
        "nginx:1.27", file=page, line=9, coupled_to="pod.yaml", pulled=False, rewritable=False, reason="a slash"
    )
    changed, left = couple(*choose([mine, other, found], rules("nginx:1.27")), [mine, other, found])
    assert [change.occurrence.file for change in changed] == ["lab-b/exercises/pod.yaml"]
    assert [each.occurrence.file for each in left] == ["lab-a/exercises/pod.yaml"]


def test_a_text_whose_counterpart_at_the_target_is_unclear_holds_the_file_back() -> None:
    entry = ImageEntry(reference=ImageReference.parse("nginx:1.27"), destination="web/server:2")
    by = rules("nginx:1.27", catalog=Catalog(name="lab", images=(entry,)))
    found = [POD, search("ngi", reference="nginx")]
    changed, left = couple(*choose(found, by), found)
    reasons = [each.reason for each in left]
    assert not changed
    assert "would match only a part" in reasons[0]
    assert f"{PAGE}:9" in reasons[0]


def test_a_text_that_cannot_change_holds_the_file_back() -> None:
    changed, reasons = outcome(POD, search("nginx:1.27", reason="a regular expression", rewritable=False))
    assert not changed
    assert reasons == [f"the search text at {PAGE}:9 must stay equal to it, and cannot change: a regular expression"]


def test_a_file_that_stays_holds_the_text_back() -> None:
    redis = occurrence("redis:7", file="exercises/pod.yaml", line=4)
    changed, reasons = outcome(redis, search("redis:7"))
    assert not changed
    assert reasons == ["not pinned"]


def test_places_that_would_differ_stay_all() -> None:
    """The action selects one of several equal texts; where only some change, nobody knows which one it is."""
    other = occurrence("nginx:1.27", file="exercises/pod.yaml", line=9, spelling=Spelling.COMMAND)
    changed, reasons = outcome(POD, other, search("nginx:1.27"))
    assert not changed
    assert len(reasons) == 2


def test_a_file_that_the_page_creates() -> None:
    created = occurrence("nginx:1.27", file=PAGE, line=3)
    elsewhere = occurrence("nginx:1.27", file="other.yaml", line=1)
    changed, _ = outcome(created, elsewhere, search("nginx:1.27", file="~/made-here.yaml"))
    assert changed == {f"{PAGE}:3": NEW, f"{PAGE}:9": NEW, "other.yaml:1": NEW}


@pytest.mark.parametrize(
    ("near", "far"),
    [
        ("a/exercises/pod.yaml", "b/exercises/pod.yaml"),  # two workshops in a tree
        ("a/files/exercises/pod.yaml", "b/exercises/pod.yaml"),  # published from a folder
        ("a/exercises/pod.yaml", "a/solution/exercises/pod.yaml"),
    ],
)
def test_a_file_of_the_pages_own_workshop(near: str, far: str) -> None:
    pods = [
        occurrence("nginx:1.27", file=near),
        occurrence("nginx:1.27", file=far, spelling=Spelling.COMMAND),
    ]
    text = replace(search("nginx:1.27"), file=f"a/{PAGE}")
    changed, reasons = outcome(*pods, text)
    assert (changed[f"a/{PAGE}:9"], reasons) == (NEW, [])


def test_a_file_that_ends_up_there_goes_before_what_pages_show() -> None:
    pod = occurrence("nginx:1.27", file="files/exercises/pod.yaml")
    shown = occurrence("nginx:1.27", file=PAGE, line=3, rewritable=False, reason="shown in the page")
    changed, _ = outcome(pod, shown, search("nginx:1.27"))
    assert changed == {"files/exercises/pod.yaml:1": NEW, f"{PAGE}:9": NEW}


def test_many_searches_for_many_names_are_one_group() -> None:
    """Each text with each name would be nine million pairs."""
    shown = [occurrence("nginx:1.27", file=PAGE, line=line) for line in range(3000)]
    found = search("nginx:1.27", file="~/made-here.yaml")
    texts = [replace(found, parts=(replace(found.parts[0], line=line),)) for line in range(3000, 6000)]
    changed, reasons = outcome(*shown, *texts)
    assert (len(changed), set(changed.values()), reasons) == (6000, {NEW}, [])


def test_a_file_that_another_page_creates() -> None:
    created = occurrence("nginx:1.27", file="workshop/content/00.md", line=3)
    typed = occurrence("nginx:1.27", file=PAGE, context=Context.INSTRUCTIONS_COMMAND, spelling=Spelling.COMMAND, line=1)
    changed, _ = outcome(created, typed, search("nginx:1.27", file="~/made-here.yaml"))
    assert (changed["workshop/content/00.md:3"], changed[f"{PAGE}:9"]) == (NEW, NEW)
    assert changed[f"{PAGE}:1"] == "registry.example.com/library/nginx:1.27"


def test_a_text_that_selects_the_beginning_of_several_names() -> None:
    other = occurrence("nginx-unprivileged", file="exercises/pod.yaml", line=9)
    changes, left = couple(
        *choose([POD, other], rules("nginx:1.27", "nginx-unprivileged")), [POD, other, found := search("nginx")]
    )
    assert not left
    assert {change.texts for change in changes if change.occurrence == found} == {
        ("registry.example.com/library/nginx",)
    }


@pytest.mark.parametrize(("first", "second"), [("nginx", "nginx2"), ("nginx2", "nginx")])
def test_the_first_that_a_search_meets_decides(first: str, second: str) -> None:
    """A whole name is selected to be replaced: with another one after it, it becomes the whole new name."""
    pods = [occurrence(name, file="exercises/pod.yaml", line=line) for line, name in enumerate((first, second), 1)]
    found = [*pods, search("nginx")]
    changed, left = couple(*choose(found, rules("nginx", "nginx2")), found)
    texts = {change.occurrence.place: change.texts[0] for change in changed}
    if first == "nginx":
        assert texts[f"{PAGE}:9"] == texts["exercises/pod.yaml:1"]
    else:
        assert not changed
        assert len(left) == 2


def test_one_text_that_cannot_change_holds_back_what_shares_its_file() -> None:
    second = search("nginx:1.27", file="exercises/pod.yaml")
    regular = search("nginx:1.27", reason="a regular expression", rewritable=False)
    changed, reasons = outcome(POD, second, regular)
    assert not changed
    assert len(reasons) == 1


def test_a_text_that_matches_nothing_stays() -> None:
    changed, reasons = outcome(POD, search("nginx:1.28"))
    assert list(changed) == ["exercises/pod.yaml:4"]
    assert not reasons


@pytest.mark.parametrize(
    ("named", "path"),
    [
        ("~/exercises/pod.yaml", "exercises/pod.yaml"),
        ("$HOME/pod.yaml", "pod.yaml"),
        ("${HOME}/pod.yaml", "pod.yaml"),
        ("/home/eduk8s/a/pod.yaml", "a/pod.yaml"),
        ("./pod.yaml", "pod.yaml"),
        ("exercises/pod.yaml", "exercises/pod.yaml"),
        ("/opt/workshop/examiner/tests/a", "workshop/examiner/tests/a"),
        ("/etc/hosts", "/etc/hosts"),
    ],
)
def test_paths_of_a_session_as_paths_of_the_tree(named: str, path: str) -> None:
    assert path_in_tree(named) == path
