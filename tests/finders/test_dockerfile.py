from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeder.finders import dockerfile
from seeder.finders.finding import Source
from seeder.finders.formats import formats_of
from seeder.model.occurrence import Context, Mention, Role
from seeder.syntax.text import Text


def mentions(data: bytes, name: str = "Dockerfile") -> list[Mention]:
    source = Source(path=PurePosixPath(name), text=Text.of(data))
    found = [finding for finding in dockerfile.find(source) if isinstance(finding, Mention)]
    for mention in found:
        for part in mention.parts:
            assert data[part.span.start : part.span.end].decode() == part.text
    return found


def pulled(text: str) -> list[str]:
    return [mention.text for mention in mentions(text.encode()) if mention.pulled]


# Each from docs.docker.com/reference/dockerfile or BuildKit's parser tests, in our own words.
CASES = {
    "plain": ("FROM nginx:1.27\n", ["nginx:1.27"]),
    "lower case": ("from nginx\n", ["nginx"]),
    "mixed case": ("From nginx As Base\n", ["nginx"]),
    "blanks before": ("   FROM\tnginx \n", ["nginx"]),
    "platform": ("FROM --platform=$BUILDPLATFORM golang:1.23 AS build\n", ["golang:1.23"]),
    "digest": (f"FROM alpine@sha256:{'a' * 64}\n", [f"alpine@sha256:{'a' * 64}"]),
    "host with port": ("FROM localhost:5000/base:1\n", ["localhost:5000/base:1"]),
    "quoted": ('FROM "alpine:3.20"\n', ["alpine:3.20"]),
    "scratch": ("FROM scratch\n", []),
    "stage": ("FROM golang AS build\nFROM build\nFROM build AS c\n", ["golang"]),
    "stage in other case": ("FROM golang AS Build\nFROM bUILD\n", ["golang"]),
    "stage before it is one": ("FROM build\nFROM golang AS build\n", ["build", "golang"]),
    "copy from stage": ("FROM golang AS b\nFROM alpine\nCOPY --from=b /a /b\n", ["golang", "alpine"]),
    "copy from number": ("FROM golang\nFROM alpine\nCOPY --from=0 /a /b\n", ["golang", "alpine"]),
    "copy from image": ("FROM alpine\nCOPY --from=nginx:1.27 /a /b\n", ["alpine", "nginx:1.27"]),
    "copy from, other flags": (
        "FROM alpine\nCOPY --chown=1:1 --from=ghcr.io/a/b:1 --link a b\n",
        ["alpine", "ghcr.io/a/b:1"],
    ),
    "copy without from": ("FROM alpine\nCOPY --chown=nginx:nginx a b\n", ["alpine"]),
    "from as a file": ("FROM alpine\nCOPY from nginx /\n", ["alpine"]),
    "mount": (
        "FROM alpine\nRUN --mount=type=bind,from=busybox:1.36,target=/b --mount=type=cache,target=/c ls\n",
        ["alpine", "busybox:1.36"],
    ),
    "mount from stage": ("FROM golang AS b\nRUN --mount=from=b,target=/x ls\n", ["golang"]),
    "quoted mount": ('FROM alpine\nRUN --mount="type=bind,from=redis:7,target=/r" ls\n', ["alpine", "redis:7"]),
    "onbuild copy": ("FROM alpine\nONBUILD COPY --from=busybox /a /b\n", ["alpine", "busybox"]),
    "syntax": ("# syntax=docker/dockerfile:1.7\nFROM alpine\n", ["docker/dockerfile:1.7", "alpine"]),
    "syntax with blanks": ("#  Syntax = docker/dockerfile:1\nFROM alpine\n", ["docker/dockerfile:1", "alpine"]),
    "syntax after a comment": ("# hello\n# syntax=docker/dockerfile:1\nFROM alpine\n", ["alpine"]),
    "syntax after an empty line": ("\n# syntax=docker/dockerfile:1\nFROM alpine\n", ["alpine"]),
    "syntax after shebang": ("#!/x\n# syntax=docker/dockerfile:1\nFROM alpine\n", ["docker/dockerfile:1", "alpine"]),
    "escape": ("# escape=`\nFROM `\n  alpine\nRUN dir c:\\\nFROM redis\n", ["alpine", "redis"]),
    "continuation": ("FROM \\\n  alpine:3 \\\n  AS base\nFROM base\n", ["alpine:3"]),
    "continuation inside the name": ("FROM alp\\\nine:3\n", ["alpine:3"]),
    "comment in a continuation": ("FROM \\\n# no image: FROM redis\n\n alpine\n", ["alpine"]),
    "continuation with blanks after": ("RUN a \\  \n  FROM redis\nFROM alpine\n", ["alpine"]),
    "two escapes end the line": ("RUN echo \\\\\nFROM alpine\n", ["alpine"]),
    "from inside run": ("FROM alpine\nRUN echo a && \\\n    FROM=redis env\n", ["alpine"]),
    "heredoc": ("FROM alpine\nRUN <<EOF\nFROM redis\nEOF\nFROM nginx\n", ["alpine", "nginx"]),
    "heredoc, quoted name": (
        "FROM alpine\nCOPY <<'EOF' /Dockerfile\nFROM redis\nEOF\nFROM nginx\n",
        ["alpine", "nginx"],
    ),
    "heredoc with tabs": ("FROM alpine\nRUN <<-X cat\nFROM redis\n\tX\nFROM nginx\n", ["alpine", "nginx"]),
    "two heredocs": ("FROM alpine\nCOPY <<a <<b /\nFROM x\na\nFROM y\nb\nFROM nginx\n", ["alpine", "nginx"]),
    "quoted heredoc is none": ('FROM alpine\nRUN echo " <<EOF"\nFROM redis\n', ["alpine", "redis"]),
    "here-string is none": ("FROM alpine\nRUN cat <<<EOF\nFROM redis\n", ["alpine", "redis"]),
    "arg": ("ARG BASE=alpine:3.20\nFROM $BASE\n", ["alpine:3.20"]),
    "arg in braces": ("ARG BASE=alpine:3.20\nFROM ${BASE}\n", ["alpine:3.20"]),
    "arg as tag": ("ARG V=3.20\nFROM alpine:${V}-slim\n", ["alpine:3.20-slim"]),
    "arg of args": ("ARG V=3\nARG B=alpine:$V\nFROM $B\n", ["alpine:3"]),
    "arg overridden": ("ARG V=3\nARG V=4\nFROM alpine:$V\n", ["alpine:4"]),
    "arg default": ("FROM ${B:-alpine:3}\n", ["alpine:3"]),
    "arg default unused": ("ARG B=redis\nFROM ${B:-alpine:3}\n", ["redis"]),
    "arg alternative": ("ARG B=1\nFROM nginx${B:+-extra}\n", ["nginx-extra"]),
    "arg unknown": ("ARG B\nFROM $B\n", ["$B"]),
    "arg of a stage is not seen by FROM": ("FROM alpine\nARG B=redis\nFROM $B\n", ["alpine", "$B"]),
    "arg of a stage": ("ARG B=redis:7\nFROM alpine\nARG B\nCOPY --from=$B a b\n", ["alpine", "redis:7"]),
    "arg that names a stage": ("ARG T=b\nFROM golang AS b\nFROM $T\n", ["golang"]),
    "several args a line": ('ARG A=alpine B="redis:7"\nFROM $A\nFROM $B\n', ["alpine", "redis:7"]),
    "platform argument stays": ("FROM alpine:$TARGETARCH\n", ["alpine:$TARGETARCH"]),
    "page variable": ("FROM {{< param registry_host >}}/x:1\n", ["{{< param registry_host >}}/x:1"]),
    "crlf": ("FROM alpine\r\nFROM redis\\\r\n:7\r\n", ["alpine", "redis:7"]),
    "no final newline": ("FROM alpine", ["alpine"]),
    "comment": ("# FROM redis\nFROM alpine\n", ["alpine"]),
    "empty": ("", []),
    "from alone": ("FROM\nFROM \n", []),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_what_is_pulled(text, expected):
    assert pulled(text) == expected


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("FROM alpine:3\n", "alpine:3"),
        ("ARG B=alpine:3\nFROM $B\n", "alpine:3"),
        ('ARG A="alpine:3"\nARG B=${A}\nFROM ${B}\n', "alpine:3"),
        ("FROM ${B:-alpine:3}\n", "alpine:3"),
    ],
)
def test_is_changed_where_the_literal_stands(text, literal):
    (mention,) = mentions(text.encode())
    assert [part.text for part in mention.parts] == [literal]
    assert not mention.reason


def test_a_name_whose_tag_comes_from_elsewhere_is_changed_up_to_the_tag():
    (mention,) = mentions(b"ARG V=3\nFROM alpine:${V}-slim\n")
    assert not mention.reason
    assert [(part.role, part.text) for part in mention.parts] == [(Role.NAME, "alpine")]


def test_a_name_put_together_of_an_argument_and_more_is_changed_where_it_is_used():
    (mention,) = mentions(b"ARG H=quay.io\nFROM $H/alpine\n")
    assert not mention.reason
    assert [(part.role, part.text) for part in mention.parts] == [(Role.REFERENCE, "$H/alpine")]


@pytest.mark.parametrize("text", ["ARG H=quay.io\nFROM $H/alpine:$V\n", "FROM alp\\\nine\n"])
def test_a_name_in_pieces_is_not_changed(text):
    (mention,) = mentions(text.encode())
    assert mention.reason


def test_contexts():
    found = mentions(b"# syntax=docker/dockerfile:1\nFROM alpine\nCOPY --from=redis a b\nFROM scratch\n")
    assert [mention.context for mention in found] == [
        Context.DOCKERFILE_FROM,
        Context.DOCKERFILE_FROM,
        Context.DOCKERFILE_COPY_FROM,
        Context.DOCKERFILE_FROM,
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Dockerfile", True),
        ("a/b/Dockerfile.dev", True),
        ("web.Dockerfile", True),
        ("web.dockerfile", True),
        ("Containerfile", True),
        ("dockerfile", True),
        ("Dockerfile-alpine", True),
        ("web app (1).Dockerfile", True),
        ("Dockerfile.web app", True),
        ("\udcff.Dockerfile", True),
        ("Dockerfile.md", False),
        ("Dockerfile.dockerignore", False),
        ("notes.txt", False),
        ("dockerfiles/README", False),
    ],
)
def test_which_files(name, expected):
    assert ("dockerfile" in [form.module for form in formats_of(name)]) is expected


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_end(data):
    list(dockerfile.find(Source(path=PurePosixPath("Dockerfile"), text=Text.of(data))))


LINES = st.sampled_from(
    [
        "FROM a",
        "FROM $A",
        "ARG A=b",
        "ARG A=$A",
        "RUN <<E",
        "E",
        "COPY --from=a b",
        "# syntax=a",
        "\\",
        "",
        "ONBUILD ",
        "FROM '",
        "# escape=`",
        "`",
    ]
)


@given(st.lists(LINES, max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_any_order_of_lines_ends(lines, end):
    mentions(end.join(lines).encode())
