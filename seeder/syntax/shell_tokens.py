"""What shell text is cut at: the tokens of POSIX and bash, and what pages add to them."""

from __future__ import annotations

import re

_BLANK = r"[ \t\r\f\v]|\\[ \t]*\r?\n"
_PLAIN = r"[\w./:@%+,=~^\]*?!-]++"
BLANK = re.compile(rf"(?:{_BLANK})+")
# A word without anything to undo, and several of them up to an end.
PLAIN = re.compile(_PLAIN)
PLAIN_WORDS = re.compile(rf"(?:(?:{_BLANK})*{_PLAIN}(?=[\s;&|)]|\Z))+")
COMMENT = re.compile(r"#[^\n]*")
BETWEEN = re.compile(rf"(?:{_BLANK})+|{COMMENT.pattern}")  # two words
# Lines whose quotes are closed. No group is possessive: Python 3.11.2, Debian 12's, matches those wrongly.
WHOLE_LINES = re.compile(
    r"""(?:(?:[ \t]*+\#[^\n]*+|(?:[^\n'"\\`]++|"[^"\n\\`]*+"|'[^'\n]*+')*)\n)+""",
)
# What a word is made of, quoting aside. A page's `{{ variable }}` and a `<placeholder>` are parts of words.
PIECE = re.compile(
    r"""(?P<plain>(?:[^\s;&|<>()`'"\\${]|\{(?!\{))+
        |\{\{[^{}\n]{0,200}\}\}
        |<[A-Za-z][\w.-]*(?:[ ][\w.-]+)*>
        |\$(?:\w+|[@*\#?!$-])
        |\$\{[^{}\n"]*\}
        |\$\([A-Za-z_]\w*\)(?=[/:.$-])
        |\{
        )
      |(?P<closed>'[^'\n]*'|"[^"\\`$]*(?:\$(?!\()[^"\\`$]*)*")
      |(?P<escape>\\(?:.|\Z))
      |(?P<open>"|[$<>]?\(|`|'|\$\{|\$)""",
    re.VERBOSE | re.DOTALL,
)
BRACES = re.compile(r"\$\{(?:[^{}\n]|\{[^{}\n]{0,100}\}){0,200}\}")
QUOTED = re.compile(r'(?P<plain>(?:[^"\\`$]|\$(?!\())+)|(?P<escape>\\.)|(?P<open>\$\(|`|\\)|(?P<close>")', re.DOTALL)
OPERATOR = re.compile(r"&>>?|\d*(?:<<<|<<-?|<>|>>|[<>]&|>\||[<>](?!\())|&&|\|\||;;&?|;&|\|&|[;&|()\n]")
OPERATOR_STARTS = frozenset("\n;&|<>()0123456789")
PLACEHOLDER = re.compile(r"<[A-Za-z][\w.-]*(?:[ ][\w.-]+)*>")
ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=")
DECLARED = re.compile(r"[ \t]*\)")
DECLARATIONS = frozenset({"export", "declare", "local", "readonly", "typeset"})
KEYWORDS = frozenset(
    {"if", "then", "elif", "else", "while", "until", "do", "done", "fi", "esac", "!", "{", "}", "time"}
)
