"""Images in instruction pages, Hugo's and classic: clickable actions, commands to type, manifests to write.

What a page shows of files and output is no pull; README and other documentation is for the author.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from seeder.finders import macros
from seeder.finders.commands import interpreter
from seeder.finders.commands.mentions import named
from seeder.finders.commands.prompt import without_prompts
from seeder.finders.finding import Assigned, Built, Finding, Source
from seeder.finders.pages import actions, shown
from seeder.finders.pages.learners import is_learners
from seeder.finders.pages.shape import shape
from seeder.finders.session import all_mentions, told
from seeder.finders.variables import is_name
from seeder.model.occurrence import Context, Mention, Puller
from seeder.syntax.markdown import Block, blocks
from seeder.syntax.text import Text

_ASCIIDOC = re.compile(r"\.(?:adoc|asciidoc)(?:\.\w+)?\Z", re.IGNORECASE)
# `bash`, `{.bash}`, `bash {linenos=true}`, `bash,copy`, `terminal:execute`
_NAME = re.compile(r"[{.\s]*([^\s{},]*)")
_ATTRIBUTE = re.compile(r"^:([\w-]+):[ \t]+(\S+)[ \t]*\r?$", re.MULTILINE)
_ATTRIBUTE_USE = re.compile(r"(?<![${])\{(?P<name>[A-Za-z_][\w-]*)\}")
_SHELLS = frozenset(
    "bash sh shell console shell-session shellsession zsh terminal bsh cmd powershell ps1 pwsh session".split()  # noqa: SIM905
)
_DOCUMENTS = {
    **dict.fromkeys(("yaml", "yml", "k8s", "kubernetes"), "yaml"),
    **dict.fromkeys(("dockerfile", "docker", "containerfile"), "dockerfile"),
}
# An action that makes an empty file, for the learner to fill with what the page shows next.
_EMPTIES = re.compile(r"[{.\s]*editor:(?:append-lines-to-file|create-file)\b")
_OPENS = re.compile(r"[{.\s]*editor:(?:open-file|select-)")
_ENDS_IN_CODE = re.compile(r"(?:`|\}\})[.:]?\Z")
# What a click on an element does: its text goes into the file, or to where the learner pastes it.
_CLICKED = re.compile(r"(?<!\S)(?:file|past\w*|copy\w*)(?!\S)", re.IGNORECASE)
# One whole reference, to be pasted into a form of a console that asks for an image.
_ASKED = re.compile(r"\bimage\b", re.IGNORECASE)
_PASTED = re.compile(r"\s*([\w-]+(?:\.[\w-]+)+(?::\d+)?/[^\s:@]+(?::|@sha256:)(?:\{\{[^{}\n]*\}\}|[^\s/{])+)\s*")
_PRINTS = re.compile(
    r"(?!.*[^-]>)(?:.*\s)?(?:-o[ =]?(?:ya?ml|json)|(?:get|describe|inspect|show|template)\s|kustomize\b|--dry-run)"
    r"|[$#> ]*(?:sudo )?(?:cat|less|more|bat|head|tail|yq|jq|diff)\s(?!.*[^-]>)"
)
# What builds print of the image that they made (buildpacks and docker's old builder, BuildKit), and a sentence that has
# the learner build it.
_MADE = re.compile(
    r"\b(?:Successfully (?:built image|tagged) '?|naming to )([\w./:@-]+)"
    r"|`(?:sudo )?(?:docker|podman|nerdctl)(?: buildx)? build\b[^`\n]{0,200}?\s(?:-t|--tag)[ =]([\w./:@-]+)"
)
_MAKING = ("Successfully ", "naming to ", " build")
_FETCHED = re.compile(r"\b(?:docker|podman|nerdctl)(?: image)? pull ([\w./:@-]+)")
_STAGE = re.compile(r"^[ \t]*FROM[ \t]+\S+[ \t]+as[ \t]+([\w.-]+)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_DOCUMENTATION = "documentation for authors, no page of the workshop"


def find(source: Source) -> Iterator[Finding]:
    page = _Page(source)
    if page.is_asciidoc:
        page.attributes = {
            match[1]: source.text.slice(*match.span(2)) for match in _ATTRIBUTE.finditer(source.text.content)
        }
    for block in blocks(source.text, is_asciidoc=page.is_asciidoc):
        page.take(block)
    yield from page.findings()


class _Page(Struct):
    """What the blocks of a page add up to: its commands run one after the other."""

    source: Source
    attributes: dict[str, Text] = field(default_factory=dict)
    commands: list[Text] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)
    displays: list[tuple[Block, str, bool]] = field(default_factory=list)
    editor: actions.Editor = field(default_factory=actions.Editor)
    emptied: str = ""  # what led to an action that made an empty file
    has_actions: bool = False
    prints: bool = False
    command_line: str = ""  # the line of prose that ends in the last command, empty where that has a block of its own

    @property
    def is_asciidoc(self) -> bool:
        return bool(_ASCIIDOC.search(self.source.name))

    @property
    def is_instruction(self) -> bool:
        path = self.source.kind.removeprefix("file:") or str(self.source.path)
        return self.has_actions or is_learners(path)

    def take(self, block: Block) -> None:
        """One more block; what follows a command that prints, or a file that is opened, without a word, is shown.

        The word is none where the command itself ends the line of prose that leads to the block.
        """
        known = len(self.commands)
        if self.emptied and not block.lead:
            block = replace(block, lead=self.emptied)
        is_emptied = bool(_EMPTIES.match(block.info)) and "text:" not in block.body.content
        self.emptied = block.lead if is_emptied else ""
        self._take(block, is_output=self.prints and block.lead == self.command_line)
        typed = self.commands[known:]
        prints = bool(typed) and bool(_PRINTS.match(typed[-1].content.rstrip().rpartition("\n")[2]))
        self.prints = prints or bool(_OPENS.match(block.info))
        self.command_line = block.lead if block.is_span and _ENDS_IN_CODE.search(block.lead) else ""

    def _take(self, block: Block, *, is_output: bool) -> None:
        name = _NAME.match(block.info)
        info = name[1].lower() if name else ""
        if block.is_span:
            self._span(info, block.body)
        elif block.file:
            self._file(block, is_output=is_output)
        elif actions.is_execute(info):
            self.has_actions = True
            self.commands.append(block.body)
        elif info in {"copy", "copy-and-edit"}:
            self.has_actions = True
            self._copied(block.body, block.lead)
        elif ":" in info:
            self.has_actions = True
            self._action(info, block, is_output=is_output)
        elif info in _SHELLS:
            self.commands.append(without_prompts(block.body, roots=info not in {"bash", "sh", "zsh"}))
        elif info in _DOCUMENTS and not (info == "docker" and shape(block.body.content) == "shell"):
            self.displays.append((block, _DOCUMENTS[info], is_output))
        elif info in {"", "docker"}:
            self._plain(block, is_output=is_output)

    def _span(self, action: str, text: Text) -> None:
        """Code in a line of prose: a command, if it is more than a word; a name that is to be copied is a task's."""
        self.has_actions |= bool(action)
        if " " in text.content.strip() and shape(text.content) == "shell":
            self.commands.append(without_prompts(text, roots=True))

    def _file(self, block: Block, *, is_output: bool) -> None:
        kind = actions.kind_of(block.file, block.body.content)
        if _CLICKED.search(block.info):
            self.has_actions = True
            self.found.append(self.source.inner(block.body, kind))
        else:
            self.displays.append((block, kind, is_output))

    def _action(self, name: str, block: Block, *, is_output: bool) -> None:
        """What an action does; without fields it does nothing, and the page shows its text for people to copy."""
        if not actions.has_fields(block.body.content):
            self._plain(block, is_output=is_output)
            return
        for one in actions.read(name, block.body, self.source, self.editor):
            if isinstance(one, actions.Typed):
                self.commands.append(one.text)
            elif isinstance(one, actions.Copied):
                self._copied(one.text, block.lead)
            else:
                self.found.append(one)

    def _copied(self, text: Text, lead: str) -> None:
        """What the learner pastes: commands, a document for a file of their own, or an image's name for a form."""
        kind = shape(text.content)
        if (match := _PASTED.fullmatch(text.content)) and _ASKED.search(lead):
            self.found += named(text.slice(*match.span(1)), self._commands_source(), Puller.KUBELET)
        elif kind == "shell":
            self.commands.append(without_prompts(text))
        elif kind:
            self.found.append(self.source.inner(text, kind))

    def _plain(self, block: Block, *, is_output: bool) -> None:
        kind = shape(block.body.content)
        if kind == "shell":
            self.commands.append(without_prompts(block.body, roots=True))
        elif kind:
            self.displays.append((block, kind, is_output))

    def _commands_source(self) -> Source:
        return replace(self.source, context=Context.INSTRUCTIONS_COMMAND, kind="shell")

    def findings(self) -> Iterator[Finding]:
        source = self._commands_source()
        commands = [macros.filled(text, _ATTRIBUTE_USE, self.attributes) for text in self.commands]
        found = [*self.found, *(interpreter.run(source, commands) if commands else ())]
        names = {shown.tagged(one.text) for one in found if isinstance(one, Mention) and one.pulled}
        objects: set[tuple[str, str]] = set()
        for block, kind, is_output in self.displays:
            inside = self.source.inner(block.body, kind)
            if is_output:
                found += told(all_mentions(inside), shown.OUTPUT)
            else:
                found += shown.read(inside, block.lead, names, objects)
        yield from (Assigned(name, value.content) for name, value in self.attributes.items())
        content = self.source.text.content
        if self.is_instruction:
            yield from (Built(name) for name in _made(content) if is_name(name))
        if any(_is_copied(one) for one in found):
            found = _with_stages(found, {match[1].lower() for match in _STAGE.finditer(content)})
        yield from found if self.is_instruction else _documented(found)


def _made(content: str) -> Iterator[str]:
    """What a page says is made; what a sentence builds and a command fetches is in a registry already."""
    if not any(word in content for word in _MAKING):
        return
    made = list(_MADE.finditer(content))
    fetched = {match[1] for match in _FETCHED.finditer(content)} if made else ()
    for match in made:
        if match[1] or match[2] not in fetched:
            yield match[1] or match[2]


def _with_stages(found: list[Finding], stages: Container[str]) -> list[Finding]:
    """A Dockerfile that a page shows piece by piece: the stages of one piece are known in the next."""
    return [
        one.unpulled("a stage of this Dockerfile")
        if isinstance(one, Mention) and _is_copied(one) and one.text.lower() in stages
        else one
        for one in found
    ]


def _is_copied(one: Finding) -> bool:
    return isinstance(one, Mention) and one.context is Context.DOCKERFILE_COPY_FROM


def _documented(found: list[Finding]) -> Iterator[Finding]:
    """What a README names is for people who read it, and what it builds is what sessions pull later."""
    for one in found:
        if isinstance(one, Source):
            yield from told(all_mentions(one), _DOCUMENTATION)
        elif isinstance(one, Mention):
            yield one.unpulled(one.reason or _DOCUMENTATION)
