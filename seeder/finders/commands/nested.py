"""Commands in containers: `docker run IMAGE x`, `docker exec NAME x`, `kubectl exec POD -- x`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from seeder.finders.commands import kubernetes
from seeder.finders.commands.container_options import GLOBAL, RUN
from seeder.finders.commands.use import option_set, split, verbs
from seeder.syntax.shell_nodes import Word

_RUNNERS = frozenset({"docker", "docker.exe", "podman", "nerdctl", "finch"})
_KUBECTLS = frozenset({"kubectl", "oc", "k"})
_EXEC = option_set("e env env-file u user w workdir detach-keys preserve-fds index f file p project-name profile")

_GLOBAL_EXEC = GLOBAL | _EXEC


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
    """The command that is run in a container that is there already; empty where there is none."""
    if name in _KUBECTLS:
        return _after_dashes(words) if _verb(words, kubernetes.VALUES) == "exec" else ()
    if name not in _RUNNERS and name != "docker-compose":
        return ()
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
