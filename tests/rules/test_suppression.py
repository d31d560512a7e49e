from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.trees import linted, places, workshop

POD = "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers:\n{lines}"
WHY = "the class learns about Docker Hub"


def pod(*lines: str) -> dict[str, str]:
    return workshop(files={"exercises/pod.yaml": POD.format(lines="".join(f"    {line}\n" for line in lines))})


@pytest.mark.parametrize(
    "lines",
    [
        (f"- {{name: a, image: nginx:1.27.3}} # seeder: allow hub-deployment {WHY}",),
        (f"# seeder: allow hub-deployment {WHY}", "- {name: a, image: nginx:1.27.3}"),
        (f"#seeder:allow hub-deployment, mutable-tag: {WHY}", "- {name: a, image: nginx:1.27}"),
        (f"- {{name: a, image: nginx:1.27}} # seeder: allow mutable-tag,hub-deployment – {WHY}",),
        (
            f"# seeder: allow hub-deployment {WHY}",
            f"# seeder: allow mutable-tag {WHY}",
            "- {name: a, image: nginx:1.27}",
        ),
    ],
)
def test_a_comment_on_the_line_or_before_it_allows_with_its_reason(lines, tmp_path: Path) -> None:
    found = linted(tmp_path, pod(*lines))
    assert places(found) == []
    assert {each.reason for each in found} == {WHY}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("- {name: a, image: nginx:1.27.3} # seeder: allow hub-deployment",), "gives no reason"),
        (("- {name: a, image: nginx:1.27.3} # seeder: allow",), "names no rule"),
        (
            ("- {name: a, image: nginx:1.27.3} # seeder: allow hub-deploy because",),
            "no rule of this seeder: hub-deploy",
        ),
        (
            ("- {name: a, image: nginx:1.27.3} # seeder: allow hub-deployment mutable-tag because",),
            "where its rules end and its reason begins (mutable-tag because)",
        ),
        (
            ("- {name: a, image: nginx:1.27.3} # seeder: allow hub-deployment why # seeder: allow mutable-tag why",),
            "where its rules end",
        ),
        ((f"- {{name: a, image: nginx:1.27.3}} # seeder: alow hub-deployment {WHY}",), "says alow"),
        ((f"- {{name: a, image: nginx:1.27.3}} # seeder: Allow hub-deployment {WHY}",), "says Allow"),
        ((f"- {{name: a, image: nginx:1.27.3}} # seeder: disable hub-deployment {WHY}",), "says disable"),
        ((f"- {{name: a, image: nginx:1.27.3}} # seeder allow hub-deployment {WHY}",), "lacks the colon"),
    ],
)
def test_a_comment_that_does_not_say_enough_allows_nothing_and_is_named(lines, said, tmp_path: Path) -> None:
    found = [each for each in linted(tmp_path, pod(*lines)) if not each.reason]
    assert sorted(each.rule.id for each in found) == ["allow-comment", "hub-deployment"]
    assert any(said in each.problem.message for each in found)


def test_a_malformed_comment_is_told_where_it_stands(tmp_path: Path) -> None:
    lines = (
        "- {name: a, image: ghcr.io/a/b:1}",
        "- {name: b, image: nginx:1.27.3} # seeder: allow a b",
        "# seeder: ignored",
    )
    found = linted(tmp_path, pod(*lines), only="allow-comment")
    assert places(found) == ["exercises/pod.yaml:7", "exercises/pod.yaml:8"]


@pytest.mark.parametrize(
    "line",
    ["# seeder: ignore it is built", "# seeder: image", "# seeder: the tool", "# seeder image", "# seeder: https://x"],
)
def test_what_is_said_to_discovery_or_to_nobody_is_no_problem(line: str, tmp_path: Path) -> None:
    assert linted(tmp_path, pod(line, "- {name: a, image: ghcr.io/a/b:1}")) == []


def test_a_comment_behind_a_line_speaks_of_that_line_alone(tmp_path: Path) -> None:
    lines = (
        f"- {{name: a, image: nginx:1.27.3}} # seeder: allow hub-deployment {WHY}",
        "- {name: b, image: redis:7.4.1}",
    )
    assert places(linted(tmp_path, pod(*lines))) == ["exercises/pod.yaml:7"]


def test_what_stands_behind_the_end_of_a_comment_is_no_reason(tmp_path: Path) -> None:
    page = "<!-- seeder: allow hub-credentials --> `docker login docker.io`\n"
    found = linted(tmp_path, workshop(files={"workshop/content/01.md": page}))
    assert {(each.rule.id, each.reason) for each in found} == {("hub-credentials", ""), ("allow-comment", "")}


def test_a_comment_that_is_not_needed_is_named(tmp_path: Path) -> None:
    found = linted(tmp_path, pod(f"- {{name: a, image: ghcr.io/a/b:1}} # seeder: allow hub-deployment {WHY}"))
    assert [each.problem.message for each in found] == ["this comment allows what is not there: hub-deployment"]


def test_a_comment_two_lines_before_is_about_something_else(tmp_path: Path) -> None:
    lines = (f"# seeder: allow hub-deployment {WHY}", "# more", "- {name: a, image: nginx:1.27.3}")
    assert "exercises/pod.yaml:8" in places(linted(tmp_path, pod(*lines)))


def test_a_rule_that_does_not_run_makes_no_comment_idle(tmp_path: Path) -> None:
    files = pod(f"- {{name: a, image: nginx:1.27.3}} # seeder: allow hub-deployment {WHY}")
    assert linted(tmp_path, files, only="allow-comment") == []


def test_pages_use_their_own_comments(tmp_path: Path) -> None:
    page = f"<!-- seeder: allow hub-credentials {WHY} -->\n`docker login docker.io`\n"
    found = linted(tmp_path, workshop(files={"workshop/content/01.md": page}))
    assert [(each.rule.id, each.reason) for each in found] == [("hub-credentials", WHY)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("exercises/Dockerfile", f"# seeder: allow mutable-tag {WHY}\nFROM nginx:1.27\n"),
        ("exercises/run.sh", f"#!/bin/sh\ndocker pull nginx:1.27  # seeder: allow mutable-tag {WHY}\n"),
        (
            "exercises/run.sh",
            f"#!/bin/sh\r\n# seeder: allow mutable-tag {WHY}\r\ndocker run -d \\\r\n  nginx:1.27 \\\r\n  sh\r\n",
        ),
        (
            "workshop/content/01.md",
            f"<!-- seeder: allow mutable-tag {WHY} -->\n"
            "```terminal:execute\ncommand: |\n  ls\n  docker pull nginx:1.27\n```\n",
        ),
        (
            "workshop/content/01.md",
            f"```terminal:execute\ncommand: docker pull nginx:1.27  # seeder: allow mutable-tag {WHY}\n```\n",
        ),
    ],
    ids=["Dockerfile", "shell", "continued lines", "before a block", "in a block"],
)
def test_each_format_has_its_comments(name: str, text: str, tmp_path: Path) -> None:
    (found,) = linted(tmp_path, workshop(files={name: text}), only="mutable-tag")
    assert found.reason == WHY


def test_continued_lines_are_allowed_to_their_end_and_no_further(tmp_path: Path) -> None:
    script = f"# seeder: allow mutable-tag {WHY}\ndocker run -d \\\n  nginx:1.27\ndocker run \\\n  redis:7\n"
    found = linted(tmp_path, workshop(files={"exercises/run.sh": script}), only="mutable-tag")
    assert [(each.problem.place.line, each.reason) for each in found] == [(3, WHY), (5, "")]


def test_a_block_is_allowed_to_its_end_and_no_further(tmp_path: Path) -> None:
    page = f"<!-- seeder: allow mutable-tag {WHY} -->\n```terminal:execute\ncommand: ls\n```\n" + (
        "```terminal:execute\ncommand: docker pull nginx:1.27\n```\n"
    )
    (found,) = linted(tmp_path, workshop(files={"workshop/content/01.md": page}), only="mutable-tag")
    assert found.reason == ""
