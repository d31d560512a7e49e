"""Documents that commands write or hand on: `cat <<EOF > Dockerfile`, `kubectl apply -f - <<EOF`, `echo x >> y`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from seeder.finders.commands.scope import Scope
from seeder.finders.commands.wrappers import unwrapped
from seeder.finders.finding import Source
from seeder.syntax.shell_nodes import Command, Redirect, Word
from seeder.syntax.text import Text

_READERS = {
    **dict.fromkeys(("kubectl", "oc", "k", "kapp", "kbld", "kn", "kustomize", "envsubst", "ytt", "istioctl"), "yaml"),
    **dict.fromkeys(("bash", "sh", "zsh", "ssh"), "shell"),
}
_BUILDERS = frozenset({"docker", "podman", "nerdctl", "buildah"})
WRITERS = frozenset({"echo", "printf"})
_MANIFEST = re.compile(
    r"^(?:apiVersion:[^\n]+\n(?:[^\n]*\n)?kind:|kind:[^\n]+\n(?:[^\n]*\n)?apiVersion:)", re.MULTILINE
)
_BEGINS = re.compile(r"(?:(?:---|#(?!!)|[ \t]*$)[^\n]*\n)*(?:apiVersion|kind):", re.MULTILINE)
_FORMAT = re.compile(r"%s|\\n")
_TEE = "tee"


def documents(source: Source, command: Command, following: Sequence[Command], scope: Scope) -> Iterator[Source]:
    """The texts in a command, each as what it will be."""
    bodies = [
        _body(redirect, scope)
        for redirect in command.redirects
        if redirect.body is not None or redirect.operator == "<<<"
    ]
    name = command.name
    if not bodies and name not in WRITERS:
        return
    kind = _destination(command, following)
    if kind and not bodies:
        words = [word for word in command.words[1:] if not word.value.startswith("-") or " " in word.value]
        bodies = [_formatted(words)] if name == "printf" and words else [word.text for word in words]
    for body in bodies:
        if made := _made(kind, body.content):
            context = source.context if made == "shell" else None
            yield replace(source.inner(body, made), context=context)


def _made(kind: str, body: str) -> str:
    """What a document is: by where it goes, else, as into `$1` or nowhere known, by how it begins or what it holds."""
    if not kind:
        return "yaml" if _MANIFEST.search(body) else ""
    is_bare = kind.startswith("file:") and "." not in kind.rpartition("/")[2]
    return "yaml" if is_bare and _BEGINS.match(body) else kind


def _formatted(words: Sequence[Word]) -> Text:
    """What printf makes of a format with the words behind it for each `%s`."""
    text, given = words[0].text, iter(words[1:])
    parts: list[Text | str] = []
    at = 0
    for match in _FORMAT.finditer(text.content):
        parts.append(text.slice(at, match.start()))
        at = match.end()
        if match[0] == "\\n":
            parts.append("\n")
        elif (word := next(given, None)) is not None:
            parts.append(word.text)
    return Text.joined(text.file, [*parts, text.slice(at, len(text))])


def _destination(command: Command, following: Sequence[Command]) -> str:
    """The kind of what the command reads or writes; empty where that is unknown."""
    for candidate in (command, *following) if command.pipes else (command,):
        if file := _written_file(candidate):
            return f"file:{file}"
        names = [word.value.rpartition("/")[2] for word in unwrapped(candidate.words)]
        if not names:
            continue
        if names[0] in _READERS:
            return _READERS[names[0]]
        if names[0] in _BUILDERS and "build" in names[:3]:
            return "dockerfile"
        if (names[0] in _BUILDERS and "compose" in names[:2]) or names[0] == "docker-compose":
            return "compose"
    return ""


def _written_file(command: Command) -> str:
    for redirect in command.redirects:
        if redirect.operator in {">", ">>", ">|"} and not redirect.target.value.startswith(("/dev/", "&")):
            return redirect.target.value
    words = [word.value for word in unwrapped(command.words)]
    if words[:1] == [_TEE]:
        return next((word for word in words[1:] if not word.startswith("-")), "")
    return ""


def _body(redirect: Redirect, scope: Scope) -> Text:
    """A heredoc's lines; unless its name is quoted, the variables that are known are put in."""
    body = redirect.body
    if body is None or redirect.target.quoted or "$" not in body.content:
        return body or redirect.target.text
    return scope.filled(body)
