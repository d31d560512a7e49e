"""Commands in commands: `bash -c 'x'`, `tmux send-keys 'x' Enter`, `docker run IMAGE x`, `kubectl exec POD -- x`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from seeder.finders.commands import kubernetes
from seeder.finders.commands.container_options import GLOBAL, RUN
from seeder.finders.commands.tools import TOOLS
from seeder.finders.commands.use import option_set, split, verbs
from seeder.syntax.shell_nodes import Word

_SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ash", "ksh"})
# What starts a command that stands somewhere in their words, or is one of them as a text.
_LAUNCHERS = frozenset(
    {"concurrently", "flock", "hyperfine", "runuser", "screen", "script", "sg", "su", "systemd-run", "tmux", "trap"}
)
SHELLS = _SHELLS | _LAUNCHERS | {"ssh", "find"}
_EXECUTE = re.compile(r"-(?:exec|ok)(?:dir)?\Z")
_TEXT = re.compile(r"\s*\S+\s")
_MAX_STARTS = 4  # words that may be the first of a command
_SSH = option_set("i p l o F L R D J")

_RUNNERS = frozenset({"docker", "podman", "nerdctl", "finch"})
_KUBECTLS = frozenset({"kubectl", "oc", "k"})
_EXEC = option_set("e env env-file u user w workdir detach-keys preserve-fds index f file p project-name profile")

_GLOBAL_EXEC = GLOBAL | _EXEC


def is_shell(words: Sequence[Word]) -> bool:
    return bool(words) and _base(words[0]) in _SHELLS


def has_docker(words: Sequence[Word]) -> bool:
    """Whether a container is given the docker of the machine that runs it."""
    return any("docker.sock" in word.value for word in words)


def is_text(word: Word) -> bool:
    """Whether a word is a command with its own words, quoted."""
    return bool(_TEXT.match(word.value))


def scripts(words: Sequence[Word]) -> Iterator[Word]:
    """The texts that a shell, or what starts one, is given as commands: `bash -c 'x'`, `ssh host 'x'`."""
    name = _base(words[0])
    if name in _SHELLS:
        # The last one is meant, whatever options of the shell end in c.
        found = [after for word, after in pairwise(words) if word.value.startswith("-") and word.value.endswith("c")]
        yield from found[-1:]
    elif name == "ssh":
        remote = _remote(words)
        yield from remote if len(remote) == 1 else ()
    elif name in _LAUNCHERS:
        yield from filter(is_text, words[1:])


def started(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """The commands that a shell elsewhere, or a launcher, is given word for word: `ssh host x`, `flock FILE x`."""
    name = _base(words[0])
    if name == "ssh":
        remote = _remote(words)
        yield from [remote] if len(remote) > 1 else []
    elif name == "find":
        starts = (at for at, word in enumerate(words, 1) if _EXECUTE.match(word.value) and at < len(words))
        yield from (words[at:] for at in islice(starts, 2))
    elif name in _LAUNCHERS:
        starts = (at for at, word in enumerate(words[1:], 1) if _is_command(word))
        yield from (words[at:] for at in islice(starts, _MAX_STARTS))


def _remote(words: Sequence[Word]) -> Sequence[Word]:
    return split(words[1:], _SSH).positionals[1:]


def _is_command(word: Word) -> bool:
    return _base(word) in TOOLS or _base(word) in _SHELLS


def _base(word: Word) -> str:
    return word.value.rpartition("/")[2].removesuffix(".exe")


def programs(name: str, words: Sequence[Word]) -> Iterator[tuple[str, Sequence[Word]]]:
    """What a container is told to run: the name of its image, taken for that of its program, and the words after it."""
    rest = _after("run", words, GLOBAL) if name in _RUNNERS else ()
    if not rest:
        return
    parsed = split(rest, RUN, stop=1)
    if not parsed.positionals or next(parsed.values("--entrypoint"), None) is not None:
        return
    image = parsed.positionals[0]
    at = next(at for at, word in enumerate(rest) if word is image)
    yield image.value.rpartition("/")[2].partition(":")[0].partition("@")[0], rest[at + 1 :]


def executed(name: str, words: Sequence[Word]) -> Sequence[Word]:
    """The command that is run in a container that is there, or by a tool that we do not know (`x -- docker y`)."""
    if name in _KUBECTLS:
        return _after_dashes(words) if _verb(words, kubernetes.VALUES) == "exec" else ()
    if name not in _RUNNERS and name != "docker-compose":
        rest = _after_dashes(words) if name not in TOOLS else ()
        return rest if rest and _is_command(rest[0]) else ()
    rest = _after("exec", words, _GLOBAL_EXEC)
    container = next(iter(split(rest, _EXEC, stop=1).positionals), None)
    return rest[rest.index(container) + 1 :] if container is not None else ()


def _after(wanted: str, words: Sequence[Word], values: frozenset[str]) -> Sequence[Word]:
    """What follows a verb that is the first or the second; empty where it is neither."""
    if wanted not in [word.value for word in words]:
        return ()
    return next((rest for verb, rest in islice(verbs(words, values), 2) if verb == wanted), ())


def _verb(words: Sequence[Word], values: frozenset[str]) -> str:
    return next((verb for verb, _ in verbs(words, values)), "")


def _after_dashes(words: Sequence[Word]) -> Sequence[Word]:
    return next((words[at + 1 :] for at, word in enumerate(words) if word.value == "--"), ())
