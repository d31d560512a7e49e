"""Images that a Dockerfile builds from: FROM, COPY --from, RUN --mount=from and the `# syntax=` frontend.

RUN is read as commands where it has a client of registries: a build has those, and neither a daemon nor a cluster.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from seeder.finders.finding import Finding, Source
from seeder.finders.formats import SHEBANG
from seeder.finders.marks import Marks, is_bare
from seeder.finders.parts import parts_of
from seeder.model.occurrence import Context, Mention, Puller
from seeder.syntax import dockerfile
from seeder.syntax.dockerfile import Instruction
from seeder.syntax.text import Text

_HINT = re.compile(r"^[ \t]*(?:from|copy|run|onbuild|#\s*syntax)\b", re.IGNORECASE | re.MULTILINE)
# BuildKit takes no file that begins with anything else; one that a template makes may.
_BEGINS = re.compile(
    r"\ufeff?(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*(?:(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK"
    r"|INCLUDE\+?|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)\s|\{\{|\{%|<%|[$%@])",
    re.IGNORECASE,
)
# The shell forms that BuildKit knows in FROM; others are kept as they are.
# A word behind `:-` may be as long as names are: one that nothing closes is looked for at each `${`.
_VARIABLE = re.compile(r"\\.|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-+])([^}]{0,400}))?\})")
_CLIENT = re.compile(r"(?<![\w.-])(?:crane|gcrane|helm|imgpkg|oras|regctl|skopeo)[ \t]")
_MAX_EXPANSION = 20
_MAX_LENGTH = 4096


def find(source: Source) -> Iterator[Finding]:
    if not _HINT.search(source.text.content) or not _is_one(source):
        return
    parsed = dockerfile.parse(source.text)
    if frontend := parsed.directives.get("syntax"):
        yield _mention(frontend, frontend, Context.DOCKERFILE_FROM)
    build = _Build(source)
    found = [finding for instruction in parsed.instructions for finding in build.read(instruction)]
    yield from build.marks.held(found)


def _is_one(source: Source) -> bool:
    """Whether a file is what its name says: `lint-dockerfile` may be a script, `test_dockerfile.go` a program."""
    content = source.text.content
    return bool(source.kind or _BEGINS.match(content)) and not SHEBANG.match(content)


class _Build(Struct):
    """What is known at a place in the file: ARGs before the first FROM, ARGs of the stage, the stages so far."""

    source: Source
    shared: dict[str, Text] = field(default_factory=dict)
    local: dict[str, Text] = field(default_factory=dict)
    environment: dict[str, Text] = field(default_factory=dict)
    stages: set[str] = field(default_factory=set)
    count: int = 0
    marks: Marks = field(default_factory=Marks)

    def read(self, instruction: Instruction) -> Iterator[Finding]:
        if instruction.name not in {"FROM", "ARG"} and "$" in instruction.rest.content:
            self._use(instruction)
        match instruction.name:
            case "FROM":
                yield from self._from(instruction)
            case "ARG":
                self._arg(instruction)
            case "ENV":
                self._env(instruction)
            case "COPY":
                for flag in instruction.flags:
                    if flag.name == "--from":
                        yield self._other_stage(_unquoted(flag.value))
            case "RUN":
                yield from self._run(instruction)
            case _:
                pass

    def _use(self, instruction: Instruction) -> None:
        """Notes the ARGs of which something else than a base is made: `FROM $APP:20` and `WORKDIR /opt/$APP`."""
        for match in _VARIABLE.finditer(instruction.rest.content):
            value = self.local.get(match[1] or match[2] or "")
            if value is not None and is_bare(value.content):
                self.marks.add(value, f"{instruction.name} makes something else of its text ({match[0]})")

    @property
    def _visible(self) -> Mapping[str, Text]:
        return ChainMap(self.environment, self.local)

    def _run(self, instruction: Instruction) -> Iterator[Finding]:
        for flag in instruction.flags if instruction.may_have_flags else ():
            if flag.name == "--mount":
                yield from (self._other_stage(value) for value in _mount_sources(_unquoted(flag.value)))
        if instruction.says(_CLIENT):
            yield from self._script(instruction)

    def _script(self, instruction: Instruction) -> Iterator[Source]:
        """What RUN gives to a shell: its line and its documents, or a document that is the script."""
        if not instruction.rest.content.lstrip().startswith("<<"):
            line = _expanded(instruction.rest, self._visible)
            documents = (part for one in instruction.heredocs for part in ("\n", one.body, one.name))
            yield self.source.inner(Text.joined(line.file, [line, *documents]), "shell")
            return
        for one in instruction.heredocs:
            if not one.body.content.startswith("#!") or SHEBANG.match(one.body.content):
                yield self.source.inner(one.body, "shell")

    def _from(self, instruction: Instruction) -> Iterator[Finding]:
        words = instruction.words
        if not words:
            return
        written = _unquoted(words[0])
        image = _expanded(written, self.shared)
        if image.content == "scratch":
            yield _mention(image, written, Context.DOCKERFILE_FROM, reason="scratch is the empty base, not an image")
        elif image.content.lower() in self.stages:
            yield _mention(image, written, Context.DOCKERFILE_FROM, reason="a stage of this Dockerfile")
        else:
            yield _mention(image, written, Context.DOCKERFILE_FROM)
        if len(words) >= 3 and words[1].content.lower() == "as":
            self.stages.add(words[2].content.lower())
        self.count += 1
        self.local = {}
        self.environment = {}

    def _arg(self, instruction: Instruction) -> None:
        """Notes the defaults of `ARG A=1 B`; one without a default takes the shared one, as BuildKit does."""
        scope = self.local if self.count else self.shared
        for word in instruction.words:
            name, equals, _ = word.content.partition("=")
            if equals:
                value = _unquoted(word.slice(len(name) + 1, len(word)))
                scope[name] = _expanded(value, self.local if self.count else self.shared)
            elif name in self.shared:
                scope[name] = self.shared[name]

    def _env(self, instruction: Instruction) -> None:
        """Notes `ENV A=1 B=2`, which commands see; COPY --from does not."""
        for word in instruction.words:
            name, equals, _ = word.content.partition("=")
            if equals:
                self.environment[name] = _expanded(_unquoted(word.slice(len(name) + 1, len(word))), self._visible)

    def _other_stage(self, written: Text) -> Mention:
        """What --from names: a stage by name or number, else an image."""
        image = _expanded(written, self.local)
        name = image.content
        stage = name.isdecimal() or name.lower() in self.stages
        if not self.count and "/" not in name and ":" not in name:
            stage = True  # a piece of a Dockerfile that a page inserts: its stages stand above it
        reason = "a stage of this Dockerfile" if stage else ""
        return _mention(image, written, Context.DOCKERFILE_COPY_FROM, reason=reason)


def _mention(image: Text, written: Text, context: Context, *, reason: str = "") -> Mention:
    """A mention of `image`; it is changed where its letters stand together, be that at an ARG's default.

    One that is put together of an ARG and more is written whole where it is used.
    """
    parts, fault = parts_of(image, written)
    whole = written.part(0, len(written)) if fault and "$" not in image.content else None
    if whole is not None:
        parts, fault = (whole,), ""
    return Mention(
        text=image.content,
        parts=parts,
        context=context,
        pulled_by=Puller.NONE if reason else Puller.BUILD,
        reason=reason or fault,
        pulled=not reason,
    )


def _expanded(word: Text, args: Mapping[str, Text]) -> Text:
    """The word with the variables that are known put in; each letter still knows where it stands."""
    if "$" not in word.content:
        return word
    parts: list[Text] = []
    at = 0
    for match in _VARIABLE.finditer(word.content):
        value = _value(word, match, args)
        if value is None:
            continue
        if len(parts) > 2 * _MAX_EXPANSION:
            break
        parts += [word.slice(at, match.start()), value]
        at = match.end()
    parts.append(word.slice(at, len(word)))
    return Text.joined(word.file, parts) if sum(map(len, parts)) <= len(word) + _MAX_LENGTH else word


def _value(word: Text, match: re.Match[str], args: Mapping[str, Text]) -> Text | None:
    """What stands for one `$X`, `${X:-d}` or `${X:+d}`; None where it is not known."""
    name, operator = match[1] or match[2], match[3] or ""
    if not name:
        return None
    known = args.get(name)
    has_value = known is not None and (bool(known.content) or not operator.startswith(":"))
    if operator.endswith("-"):
        return known if has_value else word.slice(*match.span(4))
    if operator.endswith("+"):
        return word.slice(*match.span(4)) if has_value else word.slice(0, 0)
    return known


def _unquoted(word: Text) -> Text:
    content = word.content
    if len(content) >= 2 and content[0] == content[-1] and content[0] in "\"'":
        return word.slice(1, len(word) - 1)
    return word


def _mount_sources(value: Text) -> Iterator[Text]:
    """The `from=` fields of a mount's comma-separated list."""
    for match in re.finditer(r"[^,]+", value.content):
        key, equals, _ = match[0].partition("=")
        if equals and key.strip().lower() == "from":
            yield value.slice(match.start() + len(key) + 1, match.end())
