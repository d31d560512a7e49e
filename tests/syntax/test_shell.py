import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeder.syntax.shell import parse
from seeder.syntax.shell_nodes import Guard
from seeder.syntax.text import Text
from tests.counting import calls


def words(text: str, places: list[int] | None = None) -> list[list[str]]:
    return [[word.value for word in command.words] for command in parse(Text.of(text.encode()), places)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b  c\n", [["a", "b", "c"]]),
        ("a; b & c && d || e | f |& g", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"], ["g"]]),
        ("a 'b c' \"d e\" f\\ g", [["a", "b c", "d e", "f g"]]),
        ('a "b\\"c" \'d\'"e"f', [["a", 'b"c', "def"]]),
        ("a $'b c' $\"d\"", [["a", "$b c", "$d"]]),
        ("a \\\n b \\  \n c", [["a", "b", "c"]]),
        ("a \\\r\n b\r\nc\r\n", [["a", "b"], ["c"]]),
        ("a \"\" b '' c", [["a", "", "b", "", "c"]]),
        ("a # b\n#c\nd#e", [["a"], ["d#e"]]),
        ("a > b 2>&1 < c >> d &> e f", [["a", "f"]]),
        ("a <b c> d", [["a", "<b c>", "d"]]),
        ("if a; then b; elif c; then d; else e; fi", [["a"], ["b"], ["c"], ["d"], ["e"]]),
        ("while a; do b; done; ! c; time d", [["a"], ["b"], ["c"], ["d"]]),
        ("{ a; }; (b; c)", [["a"], ["b"], ["c"]]),
        ("for i in a b; do c; done", [["for", "i", "in", "a", "b"], ["c"]]),
        ("case $x in a|b) c;; *) d;; esac", [["case", "$x", "in"], ["c"], ["d"]]),
        ("a $(b c) `d`", [["b", "c"], ["d"], ["a", "$(b c)", "`d`"]]),
        ('a "$(b "c")"', [["b", "c"], ["a", '$(b "c")']]),
        ("a ${b:-c d} ${e/{f}/g}", [["a", "${b:-c d}", "${e/{f}/g}"]]),
        ("a {{ b }}/c {{< d >}}", [["a", "{{ b }}/c", "{{< d >}}"]]),
        ("a $(b)/c:1", [["a", "$(b)/c:1"]]),
        ("a <(b c) d", [["b", "c"], ["a", "<(b c)", "d"]]),
        ("f() { a; }; function g { b; }", [["a"], ["b"]]),
        ("you don't\na b\nit isn't", [["you", "don't"], ["a", "b"], ["it", "isn't"]]),
        ("a 'b\nc' d", [["a", "b\nc", "d"]]),
        ('a "b\nc', [["a", "b"], ["c"]]),
        ("a $(b\nc", [["a", "$(b"], ["c"]]),
        ("a 'b\nc", [["a", "'b"], ["c"]]),
        ("a <<E b\nc\nE\nd", [["a", "b"], ["d"]]),
        ("a <<E\nb\n", [["a"], ["b"]]),
        ("a `b\nc", [["a", "`b"], ["c"]]),
        ("A=(b\nc d", [[], ["b"], ["c", "d"]]),
        ("a $(b\n" * 20 + "c", [*[["a", "$(b"]] * 20, ["c"]]),
        ("a <<E b\n" * 20 + "c <<F d\ne\nF\n", [*[["a", "b"]] * 20, ["c", "d"]]),
        ("a <<< 'b c' d", [["a", "d"]]),
        ("", []),
    ],
)
def test_commands_and_words(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=b C='d e' f", [("A", ["b"], False), ("C", ["d e"], False)]),
        ("A=(b 'c d'\n # e\n f)", [("A", ["b", "c d", "f"], True)]),
        ("export A=b C", [("A", ["b"], False)]),
        ("declare -a A=(b c)", [("A", ["b", "c"], True)]),
        ("A+=(b)", [("A", ["b"], True)]),
        ("echo A=b", []),
    ],
)
def test_assignments(text, expected):
    found = [one for command in parse(Text.of(text.encode())) for one in command.assignments]
    assert [(one.name, [word.value for word in one.values], one.is_array) for one in found] == expected


@pytest.mark.parametrize(
    ("text", "bodies", "quoted"),
    [
        ("a <<E\nb $c\nE\n", ["b $c\n"], False),
        ("a <<'E'\nb\nE\n", ["b\n"], True),
        ("a <<-E\n\tb\n\tE\n", ["\tb\n"], False),
        ("a <<E; b <<F\nc\nE\nd\nF\n", ["c\n", "d\n"], False),
        ("x=$(a <<E\nb\nE\n)", ["b\n"], False),
        ("  a <<E\n  b\n  E\n", ["  b\n"], False),
    ],
)
def test_documents(text, bodies, quoted):
    redirects = [one for command in parse(Text.of(text.encode())) for one in command.redirects if one.body]
    assert [one.body.content for one in redirects] == bodies
    assert all(one.target.quoted is quoted for one in redirects)


def test_functions_know_their_commands():
    found = parse(Text.of(b"f() {\n a\n g() { b; }\n c\n}\nd\nfunction h {\n e\n}\n"))
    assert [(command.words[0].value, command.function) for command in found] == [
        ("a", "f"),
        ("b", "g"),
        ("c", "f"),
        ("d", ""),
        ("e", "h"),
    ]


def test_words_know_their_place():
    data = "é 'a b'\"c\" d\n".encode()
    (command,) = parse(Text.of(data))
    text = command.words[1].text
    assert text.content == "a bc"
    assert text.part(0, len(text)) is None
    part = text.part(0, 3)
    assert part is not None
    assert data[part.span.start : part.span.end] == b"a b"


def test_lines_of_no_interest_are_passed_over():
    text = "a \"b\"\nc\n'd\ne'\nf # g\nh\n"
    assert words(text, [text.index("h")]) == [["d\ne"], ["h"]]
    assert words(text, []) == [["d\ne"]]


def test_a_line_that_continues_is_not_passed_over():
    assert words("a \\\nb c\n", [4]) == [["a", "b", "c"]]


@pytest.mark.parametrize(
    "piece",
    ["a|", "a=(", '"$(', "`", "${", "'", "<<E\n", "if ", "f(){ ", "((", "{{", "\\\n", "<a ", "$('", "{ ", "case a in "],
)
def test_what_is_never_closed_costs_no_more_than_its_size(piece):
    less, more = (calls(parse, Text.of((piece * count).encode())) for count in (1000, 2000))
    assert more < 2.5 * less + 1000, (less, more)


PIECES = st.sampled_from(
    [
        "a",
        " ",
        "\n",
        "'",
        '"',
        "`",
        "$(",
        ")",
        "(",
        "{",
        "}",
        "${",
        "$x",
        "\\",
        "|",
        "&",
        ";",
        "<",
        ">",
        "<<E\n",
        "E\n",
        "#",
        "=",
        "x=(",
        "if",
        "{{",
        "}}",
        "é",
        "\r\n",
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join), st.none() | st.lists(st.integers(0, 60), max_size=4).map(sorted))
def test_any_text_ends_and_each_word_is_in_it(text, places):
    for command in parse(Text.of(text.encode()), places):
        for word in command.words:
            assert word.text.content == word.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("case $x in a|b) c;; *) d;; esac; e", [[], ["$x is a|b"], ["$x not a|b", "$x is *"], []]),
        ("case $x in\n(a)\nb\n;;\nesac\nc", [[], ["$x is a"], []]),
        ("case $x in a) b;& c) d;; esac", [[], ["$x is a"], ["?"]]),
        ("case $x in a) case $y in b) c;; esac;; esac", [[], ["$x is a"], ["$x is a", "$y is b"]]),
        ("a $(case $x in a) b;; esac) c", [[], ["$x is a"], []]),
        ("case of it, in time.\na", [[], []]),
        ("if [ $x = a ]; then b; else c; fi; d", [["?"], ["$x is a"], ["$x not a"], []]),
        (
            "if [ $x = a ]; then b; elif test -z $y; then c; fi",
            [["?"], ["$x is a"], ["$x not a", "?"], ["$x not a", "$y is "]],
        ),
        ("if a && [ $x = b ]; then c; fi", [["?"], ["?", "?"], ["?"]]),
        ("[ $x = a ] && b && c; d", [[], ["$x is a"], ["$x is a", "?"], []]),
        ("[[ a != $x ]] || b", [[], ["$x is a"]]),
        ("[ ! -n $x ] && b | c\nd", [[], ["$x is "], ["$x is "], []]),
        ("[ $x = a ] &&\n b\nc", [[], ["$x is a"], []]),
        ("[ $x = a ] || { b; c; }; d", [[], ["$x not a"], ["$x not a"], []]),
        ("[ $x = a ] && b || c", [[], ["$x is a"], ["?"]]),
        ("[ $x -eq 1 ] && b; [ $x = $y ] && c; [ $x = a -o b ] && d", [[], ["?"], [], ["?"], [], ["?"]]),
    ],
)
def test_under_which_conditions_commands_run(text: str, expected: list[list[str]]) -> None:
    assert [[shown(guard) for guard in command.guards] for command in parse(Text.of(text.encode()))] == expected


def shown(guard: Guard | None) -> str:
    return f"{guard.subject.value} {'is' if guard.is_met else 'not'} {labels(guard)}" if guard else "?"


def labels(guard: Guard) -> str:
    return "|".join(pattern.value for pattern in guard.patterns)


def test_a_word_knows_where_each_of_its_characters_stands() -> None:
    (command,) = parse(Text.of(b"x a\"b\\$c\"'d'"))
    word = command.words[1]
    assert word.value == "ab$cd"
    assert [word.place(at) for at in range(6)] == [2, 4, 6, 7, 10, None]
