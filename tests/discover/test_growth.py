"""What looking into a hostile text costs grows with its size and no faster: calls are counted, not time."""

from __future__ import annotations

import gc
from collections.abc import Callable

import pytest

from seeder.discover.examine import examine
from tests.counting import calls

PULL = "docker run nginx:1.27\n"
# What stands `n` times in a text, of what kind; found by hand and by a coverage-guided fuzzer.
FAMILIES: dict[str, tuple[str, Callable[[int], str]]] = {
    "open quotes": ("a.sh", lambda n: PULL + 'echo "' * n),
    "open substitutions": ("a.sh", lambda n: PULL + "$(" * n),
    "open arithmetic": ("a.sh", lambda n: PULL + "$(((" * n),
    "open braces": ("a.sh", lambda n: PULL + "${a:-" * n),
    "substitutions of which one is closed": ("a.sh", lambda n: PULL + "$(a " * n + ")"),
    "quotes around open substitutions": ("a.sh", lambda n: 'docker run "a $( ' * n),
    "backticks": ("a.sh", lambda n: PULL + "`a " * n),
    "quoted substitutions": ("a.sh", lambda n: PULL + '"$(echo "' * n),
    "heredocs without end": ("a.sh", lambda n: PULL + "cat <<E > a.yaml\nimage: x\n" * n),
    "heredocs of one line": ("a.sh", lambda n: "cat " + "<<E " * n + "\n" + PULL),
    "substitutions that run": ("a.sh", lambda n: "docker pull " + "$(docker run a " * n),
    "words of a command": ("a.sh", lambda n: "docker image: " + "k " * n),
    "commands among words": ("a.sh", lambda n: "docker run a " + ", sudo " * n),
    "pipes": ("a.sh", lambda n: PULL + "a|" * n),
    "arrays in arrays": ("a.sh", lambda n: PULL + "a=(a " * n),
    "a variable that grows": ("a.sh", lambda n: "A=$A/b\n" * n + "docker pull $A\n"),
    "a variable that doubles": ("a.sh", lambda n: "A=x\n" + "A=$A$A\n" * n + "docker pull $A\n"),
    "a list that grows": ("a.sh", lambda n: "A=(a/b:1)\n" + 'A=(${A[@]} "${A[@]}")\n' * n + "docker pull ${A[@]}\n"),
    "a document of variables": ("a.sh", lambda n: f"A={'x' * 5000}\ncat <<E > a.yaml\nimage: {'$A' * n}\nE\n"),
    "a function called often": ("a.sh", lambda n: "f() {\n" + "docker pull $1\n" * n + "}\n" + "f a\n" * n),
    "functions that call": ("a.sh", lambda n: "f() { f $1; f $1; docker pull $1; }\n" + "f a/b:1\n" * n),
    "scripts in open substitutions": ("a.sh", lambda n: "docker run a " + '&& $(cat <<`bash -c "docker pull a' * n),
    "a long alias used often": ("a.sh", lambda n: f"alias a='docker run {'x ' * n}'\n" + "a\n" * n),
    "a long list used often": ("a.sh", lambda n: f"A='{'a/b:1 ' * n}'\n" + "docker pull $A\n" * n),
    "a long script called often": ("a.sh", lambda n: f"f() {{ bash -c 'docker pull $1 {'x ' * n}'; }}\n" + "f a\n" * n),
    "loops in loops": ("a.sh", lambda n: "for a in a/b:1 c:2; do " * n + "docker pull $a" + "; done" * n),
    "many names on a line": ("a.sh", lambda n: "docker pull " + "a/b:1 " * n),
    "open flow": ("a.yaml", lambda n: "image: a\nb: " + "[" * n),
    "nested items": ("a.yaml", lambda n: "image: a\nb:\n" + "- " * n),
    "anchors": ("a.yaml", lambda n: "image: a\n" + "".join(f"k{i}: &a{i} {{image: x}}\n" for i in range(n))),
    "aliases": ("a.yaml", lambda n: "a: &a {image: x}\nb: [" + "*a," * n + "]\n"),
    "aliases of aliases": (
        "a.yaml",
        lambda n: "a0: &a0 {image: x}\n" + "".join(f"a{i + 1}: &a{i + 1} [*a{i},*a{i}]\n" for i in range(n)),
    ),
    "merges of merges": (
        "a.yaml",
        lambda n: "a0: &a0 {image: x}\n" + "".join(f"a{i + 1}: &a{i + 1} {{<<: *a{i}}}\n" for i in range(n)),
    ),
    "broken documents": ("a.yaml", lambda n: "---\nimage: a\nb: ]\n" * n),
    "open templates": ("a.yaml", lambda n: "image: a\n" + "{{ " * n),
    "templates beside templates": ("a.yaml", lambda n: "image: a\n* " + "}}'{{, " * n),
    "templates behind a variable": ("a.yaml", lambda n: "image: ${a:-b\n" + "}}\\{{" * n),
    "read line by line": ("a.yaml", lambda n: "image: a\n]\n" + "".join(f"{' ' * (i % 50)}a:\n" for i in range(n))),
    "fences": ("workshop/content/a.md", lambda n: "```\n" + PULL + "```\n" + "```\ndocker run a\n" * n),
    "brackets": ("workshop/content/a.md", lambda n: "docker image " + "[" * n + "](" * n),
    "listings": ("workshop/content/a.adoc", lambda n: "----\ndocker run a\n-----\n" * n),
    "bases": ("Dockerfile", lambda n: "FROM a/b:1\n" * n),
    "continuations": ("Dockerfile", lambda n: "FROM a\nRUN a \\\n" + "b \\\n" * n),
    "heredocs in RUN": ("Dockerfile", lambda n: "FROM a\nRUN " + "<<E " * n + "\n"),
    "flags": ("Dockerfile", lambda n: "FROM " + "--a=b " * n + "x\n"),
    "ARGs of ARGs": ("Dockerfile", lambda n: "ARG A=x\n" + "ARG A=$A$A\n" * n + "FROM $A\n"),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_twice_the_text_takes_twice_the_calls(family: str) -> None:
    path, text = FAMILIES[family]
    examine(path, text(10).encode())  # what is imported when it is first needed is imported here
    less, more = (calls(examine, path, text(count).encode()) for count in (600, 1200))
    assert more < 2.5 * less + 1000, (less, more)


def test_quotes_that_are_escaped_and_not_closed_are_passed_once() -> None:
    """A search that began anew at each of them would take an hour."""
    found = examine("Dockerfile", b"FROM a:1\nRUN a << " + b'"\\' * 400_000 + b"x\nFROM b:1\n")
    assert [mention.text for mention in found.mentions] == ["a:1", "b:1"]


@pytest.mark.parametrize(
    ("path", "start", "sign"),
    [
        ("Dockerfile", "FROM a:1\nRUN ", "${a:-"),
        ("Dockerfile", "FROM a:1\nFROM ", "${a:-"),
        ("a.sh", PULL + "docker run ", "${a["),
    ],
)
def test_variables_that_are_not_closed_are_passed_once(path: str, start: str, sign: str) -> None:
    """As above: it would take some minutes."""
    found = examine(path, (start + sign * 100_000).encode())
    assert found.mentions


def test_a_list_that_a_script_adds_to_line_by_line_is_known_whole() -> None:
    lines = "A=acme/app:1\n" + "".join(f'A="$A acme/app{number}:1"\n' for number in range(99))
    found = examine("a.sh", f"{lines}for i in $A; do docker pull $i; done\n".encode())
    assert len({mention.text for mention in found.mentions if mention.pulled}) == 100


def test_reading_makes_no_cycles() -> None:
    """Discovery runs without the collector."""
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for name, text in FAMILIES.values():
            examine(name, text(20).encode())
        gc.collect()
        assert not [one for one in gc.garbage if type(one).__module__.startswith("seeder")]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
