from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from seeder.syntax.text import Text
from seeder.syntax.yaml import YamlError, documents
from seeder.syntax.yaml_nodes import Mapping, Node, Scalar, Sequence, at, mappings, string


def roots(content: str | bytes) -> list[Node]:
    data = content if isinstance(content, bytes) else content.encode()
    return [root for document in documents(Text.of(data)) for root in document.roots]


def walk(root: Node) -> Iterator[Node]:
    """Each node below and with `root`, keys left out."""
    seen, pending = set(), [root]
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        below = node.items if isinstance(node, Sequence) else ()
        pending += reversed([value for _, value in node.entries] if isinstance(node, Mapping) else below)


def scalars(content: str | bytes) -> list[Scalar]:
    return [node for root in roots(content) for node in walk(root) if isinstance(node, Scalar)]


def places(text: Text) -> str:
    """The file's own characters for those that stand in it, `~` for the others."""
    found = ["~"] * len(text)
    for piece in text.pieces:
        for step in range(piece.length):
            found[piece.inner + step] = text.file.content[piece.outer + step]
    return "".join(found)


@pytest.mark.parametrize(
    ("content", "value", "mapped"),
    [
        ("k: nginx:1.27 # c", "nginx:1.27", "nginx:1.27"),
        ("k: 'it''s'", "it's", "it's"),
        ('k: "a\\tb\\u00e9\\""', 'a\tbé"', 'a~b~"'),
        ("k: !!str &x 'a'", "a", "a"),
        ("k: one\n  two\n\n  three", "one two\nthree", "one~two~three"),
        ('k: "one \n  two\\\n  \\ three "', "one two three ", "one~two~three "),
        ("k: 'a\n\n  b '", "a\nb ", "a~b "),
        ("k: |\n  a\n   b\n\n  c\n", "a\n b\n\nc\n", "a~ b~~c~"),
        ("k: |2-\n   a\n  b\n", " a\nb", " a~b"),
        ("k: >\n  a\n  b\n\n  c\n   d\n  e\n", "a b\nc\n d\ne\n", "a~b~c~ d~e~"),
        ("k: |\r\n  a\r\n  b\r\n", "a\nb\n", "a~b~"),
        ("k:\n- |+\n  a\n\n", "a\n\n", "a~~"),
    ],
)
def test_each_character_of_a_value_knows_its_place(content: str, value: str, mapped: str) -> None:
    node = scalars(content)[-1]
    assert (node.value, node.text.content, places(node.text)) == (value, value, mapped)


_words = st.text(st.sampled_from("ab :#'\"\\\té{}-\n"), max_size=30)


@given(
    st.recursive(_words, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=3)),
    st.sampled_from([None, "'", '"', "|", ">"]),
    st.booleans(),
    st.sampled_from([20, 1000]),
)
def test_values_are_those_of_the_parser(value: object, style: str | None, flow: bool, width: int) -> None:
    content = yaml.safe_dump(value, default_style=style, default_flow_style=flow, width=width, allow_unicode=True)
    assume("{{" not in content)  # a template to us
    expected = [event.value for event in yaml.parse(content) if isinstance(event, yaml.ScalarEvent)]
    keys = [
        key for root in roots(content) for node in walk(root) if isinstance(node, Mapping) for key, _ in node.entries
    ]
    found = [*scalars(content), *(key for key in keys if isinstance(key, Scalar))]
    assert sorted(node.value for node in found) == sorted(expected)
    for node in found:
        assert node.text.content == node.value
        letters = [character in "abé" for character in places(node.text)]
        assert sum(letters) >= sum(character in "ab" for character in node.value) - node.value.count("é")


@given(st.binary(max_size=300) | st.text("-:{}[]|>'\"#&*! \n\tab%@`", max_size=200).map(str.encode))
def test_any_bytes_end_without_an_exception(data: bytes) -> None:
    text = Text.of(data)
    for document in documents(text):
        assert document.error is None or isinstance(document.error, YamlError)
        for root in document.roots:
            for node in walk(root):
                if isinstance(node, Scalar):
                    for piece in node.text.pieces:
                        inner = node.text.content[piece.inner : piece.inner + piece.length]
                        assert text.file.content[piece.outer : piece.outer + piece.length] == inner


@pytest.mark.parametrize(
    "content",
    ["[" * 50_000, "- " * 50_000, "? " * 50_000, "{{" * 50_000, "&a [*a, " * 20_000, "a: " + " " * 200_000 + "b: c: d",
     "\n" * 100_000 + "--- [", "(@<%" * 50_000 + "[", "a: [\n" + "\r\n" * 50_000],
)  # fmt: skip
def test_hostile_shapes_end(content: str) -> None:
    """Without an exception, and within the suite's time limit."""
    roots(content)


def test_an_alias_is_the_node_that_it_names_even_inside_itself() -> None:
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))
    assert [node.value for node in scalars(bomb) if node.value == "x"] == ["x"]
    assert [node.value for node in scalars("&a {k: *a, image: x}")] == ["x"]
    assert scalars("{a: *nowhere}")[-1].value == ""


def test_merge_keys_are_looked_through() -> None:
    (root,) = roots("x: &x {image: a, b: c}\ny: {<<: [*x, {d: e}], b: own}\nz: &z {<<: *z}")
    y = at(root, "y")
    assert isinstance(y, Mapping)
    assert [string(y.get(name)) for name in ("image", "b", "d", "f")] == ["a", "own", "e", ""]
    assert at(root, "z", "image") is None


def test_braces_that_are_no_template_are_yaml() -> None:
    assert sorted(node.value for node in scalars("{? '' : {'{{': ''}}")) == [""]


def test_a_document_of_too_many_nodes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seeder.syntax.yaml.MAX_NODES", 10)
    first, second = documents(Text.of(b"[" + b"a," * 20 + b"]\n---\nb: c\n"))
    assert first.error is not None
    assert (first.roots, "more than 10 nodes" in first.error.message) == ((), True)
    assert string(at(second.roots[0], "b")) == "c"


def test_an_error_names_its_line_and_leaves_the_other_documents() -> None:
    found = list(documents(Text.of(b"%YAML 1.1\n# c\n---\na: 1\n---\nb: [\n---\nc: 3\n")))
    assert [document.error is None for document in found] == [True, False, True]
    assert found[1].error is not None
    assert found[1].error.line == 6
    assert string(at(found[2].roots[0], "c")) == "3"


@pytest.mark.parametrize(
    ("content", "path", "value"),
    [
        ("{{- if .Values.x }}\nimage: {{ .Values.image }}:1\n{{- end }}\n", ("image",), "{{ .Values.image }}:1"),
        ('image: "{{ .Values.repo }}/x"\n', ("image",), "{{ .Values.repo }}/x"),
        ("a:\n  {% for x in y %}\n  b: {{ x }}\n  {% endfor %}\n", ("a", "b"), "{{ x }}"),
        ("a: |\n  x\n{{ if y }}\n  z\n{{ end }}\nb: c\n", ("b",), "c"),
        ("image: %registry_host%/app:1\n", ("image",), "%registry_host%/app:1"),
        ("image: <your host>/app:1\nb: @x@\n", ("image",), "<your host>/app:1"),
    ],
)
def test_templates_are_read_around(content: str, path: tuple[str, ...], value: str) -> None:
    (document,) = documents(Text.of(content.encode()))
    assert document.error is None
    node = at(document.roots[0], *path)
    assert isinstance(node, Scalar)
    assert (node.value, node.text.content, places(node.text)) == (value, value, value)


def test_what_is_not_yaml_is_read_by_its_lines() -> None:
    content = (
        "spec:\n\tcontainers:\n    - name: a\n      image: 'nginx:1' # c\n    -  image: busybox:2\n"
        "      command: [sh, -c, {\n  other: |\n    FROM x\n    y\n  last: 1\n"
    )
    (document,) = documents(Text.of(content.encode()))
    assert document.error is not None
    images = [
        string(value) for node, _ in mappings(document.roots[0]) for name, value in node.items() if name == "image"
    ]
    assert images == ["nginx:1", "busybox:2"]
    (other,) = [node.get("other") for node, _ in mappings(document.roots[0]) if "other" in node.names()]
    assert string(other) == "FROM x\ny\n"


def test_latin_1_bom_and_tabs() -> None:
    assert scalars(b"k: caf\xe9\x80\n")[-1].value == "caf\xe9\x80"
    node = scalars(b"\xef\xbb\xbfk: nginx\n")[-1]
    part = node.text.part(0, 5)
    assert part is not None
    assert (part.span.start, part.span.end, part.line, part.column) == (6, 11, 1, 4)
