import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeder.syntax.markdown import blocks
from seeder.syntax.text import Text


def read(text: str, *, is_asciidoc: bool = False) -> list[tuple[str, str]]:
    return [(block.info, block.body.content) for block in blocks(Text.of(text.encode()), is_asciidoc=is_asciidoc)]


MARKDOWN = {
    "fence": ("a\n```bash\nls\n```\nb\n", [("bash", "ls\n")]),
    "tildes": ("~~~ sh \nls\n~~~\n", [("sh", "ls\n")]),
    "no info": ("```\nls\n```\n", [("", "ls\n")]),
    "long fence": ("````\n```\nls\n```\n````\n", [("", "```\nls\n```\n")]),
    "longer end": ("```\nls\n`````\n", [("", "ls\n")]),
    "other fence inside": ("```\n~~~\n```\n", [("", "~~~\n")]),
    "info is no end": ("```\nls\n``` sh\n```\n", [("", "ls\n``` sh\n")]),
    "not closed": ("```execute\nls\n", [("execute", "ls\n")]),
    "inline code": ("```ls``` and text\n", []),
    "backtick in a tilde's info": ("~~~ a`b\nls\n~~~\n", [("a`b", "ls\n")]),
    "indented": ("1. x\n\n   ```bash\n   ls\n     -a\n   ```\n", [("bash", "ls\n  -a\n")]),
    "less indented body": ("   ```\n ls\n   ```\n", [("", "ls\n")]),
    "in an item": ("- ```execute\n  ls\n  ```\n", [("execute", "ls\n")]),
    "in a quote": ("> ```\n> ls\n> ```\n", [("", "ls\n")]),
    "tabs": ("\t```\n\tls\n\t```\n", [("", "ls\n")]),
    "indented code": ("text\n\n    ls\n      -a\n\n    b\n\ntext\n", [("", "ls\n  -a\n\nb\n")]),
    "paragraph, not indented code": ("text\n    ls\n", []),
    "item's text, not indented code": ("1. a\n\n    ls\n", []),
    "code in an item": ("1. a\n  b\n\n        ls\n          -a\n\n1. b\n", [("", "ls\n  -a\n")]),
    "code in an item in an item": ("* a\n    * b\n\n        text\n\n            ls\n", [("", "ls\n")]),
    "code in the outer item again": ("- a\n  - b\n\n    text\n\n      text\n\n  text\n\n      ls\n", [("", "ls\n")]),
    "code with tabs in an item": ("10. a\n\n\t\tls\n\t\t\t-a\n", [("", "ls\n\t-a\n")]),
    "an item whose mark stands far off": ("-      a\n\n      ls\n", [("", "ls\n")]),
    "a list deep in an item": ("- a\n\n        - b\n        - c\n", []),
    "code after a list": ("- a\n\nb\n\n    ls\n", [("", "ls\n")]),
    "comment": ("<!--\n```execute\nls\n```\n-->\n```execute\na\n```\n", [("execute", "a\n")]),
    "comment on one line": ("<!-- x -->\n```\na\n```\n", [("", "a\n")]),
    "front matter": ("---\ntitle: x\n---\n```\na\n```\n", [("", "a\n")]),
    "a rule is no front matter": ("---\n```\na\n```\n", [("", "a\n")]),
    "crlf": ("```bash\r\nls\r\n```\r\ntext\r\n", [("bash", "ls\r\n")]),
    "action behind a fence": ("```bash\nls\n```{{execute}}\ntext\n```\na\n```\n", [("execute", "ls\n"), ("", "a\n")]),
    "action with a terminal": (
        "```\nls\n``` {{execute T2}}\n```\na\n```{{ copy }}\n",
        [("execute", "ls\n"), ("copy", "a\n")],
    ),
    "action that we do not know": ("```bash\nls\n```{{open}}\ntext\n", [("bash", "ls\n")]),
    "action behind code": (
        "Now `ls -l`{{execute}} it,\nor ``a`` ``b c``{{copy}}.\n",
        [("execute", "ls -l"), ("copy", "b c")],
    ),
    "code over lines with an action behind it": (
        "Say `ls \\\n  -l`{{exec}}.\n\n`a\n\nb`{{copy}}\n",
        [("execute", "ls \\\n  -l")],
    ),
    "a fence behind the last line of code": (
        "```bash\nls\na```{{execute T2}} and on\n   ```\n   b\n   c```{{open}}\nd\n~~~\ne~~~{{copy}}\nf\n",
        [("execute", "ls\na"), ("", "b\nc"), ("copy", "e")],
    ),
    "code that begins behind a fence": (
        "```cat <<E > a\n\nb\nE```{{exec}}\n\n```ls -l\n```{{exec}}\n",
        [("execute", "cat <<E > a\n\nb\nE"), ("execute", "")],
    ),
    "a fence in a line of code": (
        "```\na```\nb ``` {{copy}}\nc``{{copy}}\n```\n",
        [("", "a```\nb ``` {{copy}}\nc``{{copy}}\n")],
    ),
    "ticks of a fence on one line": ("- x\n```ls -l```{{execute T2}}\n\n```a```\n", [("execute", "ls -l"), ("", "a")]),
    "element without a file": ('<pre class="file">\nls\n</pre>\n', []),
    "element with a file": (
        '<pre class="file" data-filename="a.sh">ls\n\nb</pre>c\n<PRE data-file=x>\na\n</PRE>\n```\nd\n```\n',
        [("file", "ls\n\nb"), ("", "\na\n"), ("", "d\n")],
    ),
    "element with signs in a value": ('<pre data-file="a" data-marker="<!-- b -->">\nb\n</pre>\n', [("", "\nb\n")]),
    "element that is not closed": ("x\n<pre data-output-file='a'>\na\n", [("", "\na\n")]),
    "code with no action behind it": ("`ls`{{open}} `ls` {{execute}} `a`{{name}}\n", []),
    "code of one line": ("Type:\n\n`ls`\n\n1. `a`\n2. `b`\r\n> `c`\n", [("", text) for text in ("ls", "a", "b", "c")]),
    "lines of code": ("# Title\n`a`\n`b`\n```\nc\n```\n", [("", "a"), ("", "b"), ("", "c\n")]),
    "code behind what leads to it": ("1. Type this:\n   `ls`\n2. b\n", [("", "ls")]),
    "code in a sentence": ("Instead of\n`ls`\n\n`ls`\nis short.\n\nand `ls`\n`ls` too\n- `a` `b`\n## `c`\n", []),
    "hugo's shortcode": ('{{< highlight bash "linenos=table" >}}\nls\n{{< / highlight >}}\ntext\n', [("bash", "ls\n")]),
    "empty": ("```\n```\n", [("", "")]),
    "no final newline": ("```\nls\n```", [("", "ls\n")]),
}


@pytest.mark.parametrize(("text", "expected"), MARKDOWN.values(), ids=MARKDOWN)
def test_markdown(text, expected):
    assert read(text) == expected


ASCIIDOC = {
    "listing": ("[source,bash]\n----\nls\n----\n", [("bash", "ls\n")]),
    "role": ("[source,bash,role=execute]\n----\nls\n----\n", [("execute", "ls\n")]),
    "quoted role": (
        '[source,bash,subs="attributes",role="terminal:execute"]\n----\na: b\n----\n',
        [("terminal:execute", "a: b\n")],
    ),
    "role that is no action": ('[source,bash,role="copypaste big"]\n----\nls\n----\n', [("bash", "ls\n")]),
    "title between": ("[source,yaml]\n.pod.yaml\n----\na: b\n----\n", [("yaml", "a: b\n")]),
    "plain": ("----\nls\n----\n", [("", "ls\n")]),
    "literal": ("....\noutput\n....\n", [("text", "output\n")]),
    "comment": ("////\n----\nls\n----\n////\n", []),
    "example": ("====\n[source,bash]\n----\nls\n----\n====\n", [("bash", "ls\n")]),
    "fence": ("```bash\nls\n```\n", [("bash", "ls\n")]),
    "callouts": (
        "[source,yaml]\n----\na: b <1>\nc: d # <2> <.>\n<3>\n----\n<1> a\n",
        [("yaml", "a: b\nc: d #\n\n")],
    ),
    "what only looks like a callout": ("----\na <1> b\nc > <d>\ne 2>\n----\n", [("", "a <1> b\nc > <d>\ne 2>\n")]),
    "bold type": ('[subs="+quotes"]\n----\n$ *ls -l* # *a* *b*\r\n----\n', [("", "$ ls -l # a b\r\n")]),
    "bold type, by the document's attribute": (
        ':markup: verbatim,quotes\n\n[source,subs="{markup}"]\n.Title\n```\n$ *ls*\n```\n',
        [("", "$ ls\n")],
    ),
    "what is no bold type": (
        "[subs=normal]\n----\nls *.a *.b\nls a*b*c\n* a\n**\n*\n* a * b *\n----\n",
        [("", "ls *.a *.b\nls a*b*c\n* a\n**\n*\n* a * b *\n")],
    ),
    "bold type that the block does not ask for": ('[subs="attributes"]\n----\n$ *ls*\n----\n', [("", "$ *ls*\n")]),
    "attribute of another block": ("[source,bash]\ntext\n\n----\nls\n----\n", [("", "ls\n")]),
}


@pytest.mark.parametrize(("text", "expected"), ASCIIDOC.values(), ids=ASCIIDOC)
def test_asciidoc(text, expected):
    assert read(text, is_asciidoc=True) == expected


def test_the_lead_is_the_paragraph_before():
    found = list(blocks(Text.of(b"Far away.\n\nEdit the file\nand add:\n\n```yaml\na\n```\n\n```\nb\n```\n")))
    assert [block.lead for block in found] == ["Edit the file and add:", ""]


def test_what_leads_to_code_in_prose():
    found = list(blocks(Text.of(b"Far away.\n\nEdit it\nby `a`{{execute}}\nand:\n\n```\nb\n```\n")))
    assert [(block.is_span, block.lead) for block in found] == [
        (True, "Edit it by `a`{{execute}}"),
        (False, "Edit it by `a`{{execute}} and:"),
    ]


def test_each_character_knows_its_place():
    data = "é\n> - ```\n>   docker pull a\n> ```\n".encode()
    (block,) = blocks(Text.of(data))
    start = block.body.content.index("docker")
    part = block.body.part(start, start + 6)
    assert part is not None
    assert data[part.span.start : part.span.end] == b"docker"


LINES = st.sampled_from(
    [
        "```",
        "~~~",
        "````x",
        "- ```a",
        "> ```",
        "----",
        "====",
        "....",
        "////",
        "[source,a]",
        '[subs="quotes"]',
        "*x* <1>",
        "<!--",
        "-->",
        "    x",
        "\tx",
        "",
        "x",
        "---",
        "1. ",
        "- x",
        "  - x",
        "        x",
        "`x`",
        "x `x`{{copy}}",
        "```{{execute}}",
        "x `y",
        "y`{{exec}}",
        "y```{{exec}}",
        "```y x",
        '<pre data-file="x">',
        "</pre>",
    ]
)


@given(st.lists(LINES, max_size=14), st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_any_lines_end(lines, is_asciidoc, end):
    data = end.join(lines).encode()
    for block in blocks(Text.of(data), is_asciidoc=is_asciidoc):
        for piece in block.body.pieces:
            assert data[piece.outer : piece.outer + piece.length].decode() in block.body.content
