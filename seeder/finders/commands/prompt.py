"""Terminal sessions as pages show them: prompts, commands, and what they printed."""

from __future__ import annotations

import re

from seeder.syntax.text import Text

# `$ x`, `user@host:~$ x`, `[root@host dir]# x`, `(venv) ~/x $ x`, `PS C:\> x`; a bare `# x` is a comment.
_PROMPT = re.compile(
    r"[ \t]*(?:"
    r"(?:\([\w.-]{1,30}\)[ ])?(?:[\w.@:~/\[\]-]{1,60}[ ]){0,2}[\w.@:~/\[\]-]{0,60}[$❯➜%](?:[ ]+|(?=[a-z]))"
    r"|\[?[\w.-]{1,30}@[\w.-]{1,60}[: ][^\s#\]]{0,60}\]?[ ]?#[ ]+"
    r"|(?:(?:ba|z|k)?sh-[\d.]+|/[\w./-]{0,40}[ ])[#$][ ]+"
    r"|(?:PS[ ])?[A-Z]:\\[^>\n]{0,80}>[ ]*"
    r")(?=[\w./~(])"
)
_ROOT = re.compile(r"[ \t]*[#>][ ]+(?=(?:docker|podman|kubectl|oc|helm|skopeo|nerdctl|buildah|crictl|ctr)[ ])")
_CONTINUED = re.compile(r"[ \t]*>[ ]")
_LINE = re.compile(r"[^\n]*\n?")
_HEREDOC = re.compile(r"(?<!<)<<(?![<=])-?[ \t]*[\"'\\]?(?P<word>[A-Za-z_]\w*)")


def without_prompts(text: Text, *, roots: bool = False) -> Text:
    """The commands of a session, prompts and output left out; a text without prompts is returned as it is.

    `roots` takes a bare `# docker …` (or `>`) for a prompt where no line has another one.
    """
    content = text.content
    for pattern in (_PROMPT, _ROOT) if roots else (_PROMPT,):
        kept = _commands(content, pattern)
        if kept:
            return text.cut(kept)
    return text


def _commands(content: str, prompt: re.Pattern[str]) -> list[tuple[int, int]]:
    """The spans behind prompts, with the lines that continue them.

    Where the first is a container's (`/ #`), what stands before it started the container.
    """
    kept: list[tuple[int, int]] = []
    continued = False
    documents = _Documents(content)
    for match in _LINE.finditer(content):
        start, end = match.span()
        if documents.has(start):
            more = _CONTINUED.match(content, start, end)
            kept.append((more.end() if more and documents.marked else start, end))
            continue
        if begun := prompt.match(content, start, end):
            if not kept and begun[0].rstrip().endswith("#") and prompt is _PROMPT:
                kept.append((0, start))
            start = begun.end()
        elif not continued:
            continue
        elif more := _CONTINUED.match(content, start, end):
            start = more.end()
        kept.append((start, end))
        documents.open(start, end)
        continued = not documents.has(end) and content[start:end].rstrip().endswith(("\\", "&&", "||", "|"))
    return kept


class _Documents:
    """The lines that a command before them takes for its input, up to the word that ends them; shells mark them too."""

    def __init__(self, content: str) -> None:
        self.content = content
        self.end = -1
        self.marked = False
        self.unended: set[str] = set()

    def has(self, at: int) -> bool:
        return at <= self.end

    def open(self, start: int, end: int) -> None:
        at = end
        for opening in _HEREDOC.finditer(self.content, start, end):
            word = opening["word"]
            if word in self.unended:
                return
            closing = re.compile(rf"^[ \t]*(?:> ?)?{word}[ \t]*\r?$", re.MULTILINE).search(self.content, at)
            if closing is None:
                self.unended.add(word)
                return
            at = closing.end()
            self.end = closing.start()
            self.marked = bool(_CONTINUED.match(self.content, end))
