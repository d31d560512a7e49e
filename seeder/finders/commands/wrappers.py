"""Commands that run the command in their arguments: `sudo`, `env A=b`, `xargs -n1`; and prompts before one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seeder.finders.commands.use import option_set
from seeder.syntax.shell_nodes import Word

# With their own options that take a value.
_WRAPPERS = {
    "sudo": option_set("u g h p C D R T user group"),
    "doas": option_set("u C"),
    "env": option_set("u C S unset chdir"),
    "xargs": option_set("n I L P d s a E max-args max-procs replace delimiter arg-file"),
    "timeout": option_set("k s kill-after signal"),
    "watch": option_set("n interval"),
    "nice": option_set("n"),
    "ionice": option_set("c n p class classdata"),
    "setsid": frozenset(),
    "coproc": frozenset(),
    "stdbuf": option_set("i o e"),
    "retry": option_set("t d c"),
    "parallel": option_set("j jobs"),
    **dict.fromkeys(
        ("exec", "nohup", "command", "builtin", "time", "eval", "unbuffer", "minikube-kubectl", "microk8s", "k3s"),
        frozenset(),
    ),
}
_PROMPT_WORD = re.compile(r"(?:\S*[$%❯➜]|>)\Z")
_PROMPT_ENDS = ("$", "%", "❯", "➜", ">")


def unwrapped(words: Sequence[Word]) -> Sequence[Word]:
    """The words without prompts, `sudo`, `env A=b`, `xargs -n1` and their kin."""
    while words:
        name = words[0].value
        if name.endswith(_PROMPT_ENDS) and _PROMPT_WORD.match(name):
            words = words[1:]
        elif (values := _WRAPPERS.get(name.rpartition("/")[2])) is not None:
            words = _wrapped(words[1:], values, skip=name == "timeout")
        else:
            return words
    return words


def _wrapped(words: Sequence[Word], values: frozenset[str], *, skip: bool) -> Sequence[Word]:
    """What follows a wrapper's options, its assignments, and the time that `timeout` is given."""
    at = 0
    while at < len(words):
        value = words[at].value
        if value.startswith("-"):
            at += 2 if value in values else 1
        elif re.match(r"[A-Za-z_]\w*=", value):
            at += 1
        elif skip:
            at, skip = at + 1, False
        else:
            break
    return words[at:]
