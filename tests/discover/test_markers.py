from pathlib import PurePosixPath

import pytest

from seeder.discover.examine import examine


def names(path: str, text: str) -> list[tuple[str, bool]]:
    data = text.encode()
    found = examine(PurePosixPath(path), data)
    for mention in found.mentions:
        for part in mention.parts:
            assert data[part.span.start : part.span.end].decode() == part.text
    return [(mention.text, mention.pulled) for mention in found.mentions]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("x.sh", "docker pull a:1 # seeder: ignore\ndocker pull b:1\n", [("a:1", False), ("b:1", True)]),
        ("x.sh", "# seeder: ignore\ndocker pull a:1\ndocker pull b:1\n", [("a:1", False), ("b:1", True)]),
        ("x.sh", "# seeder: ignore\n# seeder: allow mutable-tag why\ndocker pull a:1\n", [("a:1", False)]),
        ("x.sh", "# seeder: ignore\ndocker run \\\n  a:1\ndocker pull b:1\n", [("a:1", False), ("b:1", True)]),
        ("x.sh", "# seeder: ignored by nobody\ndocker pull a:1\n", [("a:1", True)]),
        ("Dockerfile", "# seeder: ignore - built by hand\nFROM a:1\n", [("a:1", False)]),
        ("workshop/content/x.md", "<!-- seeder: ignore -->\n```execute\ndocker pull a:1\n```\n", [("a:1", False)]),
        ("workshop/content/x.md", "- <!-- seeder: ignore -->\n```execute\ndocker pull a:1\n```\n", [("a:1", False)]),
        ("x.py", "IMAGE = 'ghcr.io/a/b:1'  # seeder: image\n", [("ghcr.io/a/b:1", True)]),
        ("x.go", '// seeder: image\nvar image = "ghcr.io/a/b:1"\n', [("ghcr.io/a/b:1", True)]),
        ("x.tf", 'image = "ghcr.io/a/b:1" # seeder: image\n', [("ghcr.io/a/b:1", True)]),
        ("x.txt", "<!-- seeder: image -->\nthe image a/b:1 here\n", [("a/b:1", True)]),
        ("x.txt", "no name # seeder: image\n", []),
        ("x.txt", "ghcr.io/a/b:1\n", []),
        ("x.sh", "docker pull a:1 # seeder: image\n", [("a:1", True)]),
        ("x.sh", "é; docker pull é a:1 # seeder: ignore\r\n", [("a:1", False)]),
    ],
)
def test_markers(path, text, expected):
    assert names(path, text) == expected


def test_the_author_s_reason_is_kept():
    found = examine(PurePosixPath("x.sh"), b"docker pull a:1 # seeder: ignore - the learner builds it\n")
    assert found.mentions[0].reason == "told to be skipped: the learner builds it"


def test_an_image_that_the_author_names_is_in_no_doubt():
    text = "kind: Pod\napiVersion: v1\nspec: {containers: [{name: a, image: nginx:1.27}]} # seeder: image\n"
    page = f"Look:\n\n```yaml\n{text}```\n"
    for shown, reasons in ((page, {""}), (page.replace(" # seeder: image", ""), {"shown in the page"})):
        found = examine(PurePosixPath("workshop/content/01.md"), shown.encode()).mentions
        assert {one.reason.partition(",")[0].partition(":")[0] for one in found} == reasons
