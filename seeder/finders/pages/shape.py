"""What a block without a language holds, by its first lines."""

from __future__ import annotations

import re

_SIGNIFICANT = re.compile(r"^[ \t]*(?![ \t]|#(?!![ \t]*/|[ \t]*syntax=)|\r?$)(.+)$", re.MULTILINE)
_DOCKERFILE = re.compile(r"(?:FROM|ARG)[ \t]+\S|#[ \t]*syntax=")
_INSTRUCTION = re.compile(
    r"^(?:RUN|CMD|COPY|ADD|ENV|LABEL|WORKDIR|EXPOSE|ENTRYPOINT|USER|VOLUME|FROM|ONBUILD|HEALTHCHECK)[ \t]", re.MULTILINE
)
_YAML = re.compile(r"---[ \t]*\r?\Z|(?:- )*[\"']?[A-Za-z_][\w./-]*[\"']?[ ]?:(?:[ \t]|\r?\Z)|- [\w\"']|#@")


def shape(content: str) -> str:
    """`dockerfile`, `yaml` or `shell`; empty for nothing at all."""
    first = _SIGNIFICANT.search(content)
    if first is None:
        return ""
    line = first[1]
    if _DOCKERFILE.match(line) and (line.startswith("#") or _INSTRUCTION.search(content)):
        return "dockerfile"
    if _YAML.match(line) and not line.startswith(("http:", "https:")):
        return "yaml"
    return "shell"
