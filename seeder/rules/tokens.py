"""Secrets that are told by their form alone, wherever they stand: tokens, keys of clouds, private keys."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from seeder.rules.placeholders import is_generated


class Form(Struct, frozen=True, kw_only=True):
    """What has this form; one of `hints` stands in every text that holds it. `is_one` looks at the group `secret`."""

    what: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    is_one: Callable[[str], bool] = is_generated

    def may_be_in(self, content: str) -> bool:
        return any(hint in content for hint in self.hints)


def _opens_a_cluster(token: str) -> bool:
    """Whether a JSON web token is one of a Kubernetes service account; those of other issuers mostly soon expire."""
    return "kubernetes" in str(_decoded_json(token.split(".")[1]).get("iss", ""))


def _holds_a_private_key(data: str) -> bool:
    head = _decoded(data[:160])
    return b" PRIVATE KEY-----" in head and b"ENCRYPTED" not in head


def _decoded(data: str) -> bytes:
    """The bytes of base64 in either alphabet, as far as whole groups go."""
    try:
        return base64.b64decode(data[: len(data) // 4 * 4], altchars=b"-_" if "-" in data or "_" in data else None)
    except (ValueError, binascii.Error):
        return b""


def _decoded_json(data: str) -> dict[str, object]:
    try:
        found = json.loads(_decoded(data + "=" * (-len(data) % 4)))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


_TOKEN, _CLOUD, _KEY = "an access token", "a key of a cloud account", "a private key"
FORMS = (
    Form(  # Docker Hub
        what=_TOKEN, hints=("dckr_",), pattern=re.compile(r"\bdckr_(?:pat|oat)_(?P<secret>[A-Za-z0-9_-]{20,})")
    ),
    Form(  # GitHub
        what=_TOKEN,
        hints=("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        pattern=re.compile(r"\b(?:gh[pousr]_(?P<secret>[A-Za-z0-9]{36,})|github_pat_(?P<other>\w{40,}))"),
    ),
    Form(  # GitLab: of people, deployments, jobs, runners
        what=_TOKEN,
        hints=("glpat-", "gldt-", "glcbt-", "glrt-"),
        pattern=re.compile(r"\bgl(?:pat|dt|cbt|rt)-(?P<secret>[\w-]{20,})"),
    ),
    Form(  # npm, PyPI, Hugging Face
        what=_TOKEN,
        hints=("npm_", "pypi-", "hf_"),
        pattern=re.compile(
            r"\b(?:npm_(?P<secret>[A-Za-z0-9]{36})|pypi-(?P<other>[\w-]{50,})|hf_(?P<third>[A-Za-z]{34}))\b"
        ),
    ),
    Form(  # OpenShift's `oc login --token`, Vault, Slack
        what=_TOKEN,
        hints=("sha256~", "hvs.", "xox"),
        pattern=re.compile(
            r"\b(?:sha256~(?P<secret>[\w-]{43})|hvs\.(?P<other>[\w-]{24,})|xox[abprs]-(?P<third>[\w-]{20,}))"
        ),
    ),
    Form(
        what="a service account's token",
        hints=("eyJ",),
        pattern=re.compile(r"\b(?P<secret>eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,})"),
        is_one=_opens_a_cluster,
    ),
    Form(  # AWS: the half that is secret; the other one, AKIA…, is a name
        what=_CLOUD,
        hints=("ecret", "SECRET"),
        pattern=re.compile(
            r"(?i:secret_?access_?key)[\"']?[ \t]*(?:[:=,]|\r?\n)?[ \t]*(?:value:[ \t]*)?[\"']?"
            r"(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
        ),
    ),
    Form(  # Azure: storage, registries, applications; Eby8… is that of the emulator, which everybody has
        what=_CLOUD,
        hints=("AccountKey=", "+ACR", "8Q~"),
        pattern=re.compile(
            r"\bAccountKey=(?!Eby8vdM02x)(?P<secret>[A-Za-z0-9+/]{86}==)|(?<![A-Za-z0-9/+])(?P<other>[A-Za-z0-9/+]{42}\+ACR\w{6})\b"
            r"|(?<![\w~.-])(?P<third>[\w~.-]{3}8Q~[\w~.-]{31,34})(?![\w~.-])"
        ),
    ),
    Form(  # Google, DigitalOcean
        what=_CLOUD,
        hints=("AIza", "dop_v1_"),
        pattern=re.compile(r"\b(?:AIza(?P<secret>[\w-]{35})|dop_v1_(?P<other>[0-9a-f]{64}))(?![\w-])"),
    ),
    Form(
        what=_KEY,
        hints=("PRIVATE KEY",),
        # An encrypted one says so, in its first line or in headers before its base64.
        pattern=re.compile(
            r"-----BEGIN (?!ENCRYPTED)(?:[A-Z0-9]{2,20} ){0,2}PRIVATE KEY(?: BLOCK)?-----"
            r"(?:\\+[nr]|[\s\"'+\\>|]){1,200}(?P<secret>[A-Za-z0-9+/]{32,})"
        ),
    ),
    Form(
        what=_KEY,
        hints=("LS0tLS1CRUdJTi",),
        pattern=re.compile(r"\b(?P<secret>LS0tLS1CRUdJTi[A-Za-z0-9+/]{60,})"),
        is_one=_holds_a_private_key,
    ),
    Form(what=_KEY, hints=("AGE-SECRET-KEY-1",), pattern=re.compile(r"\bAGE-SECRET-KEY-1(?P<secret>[A-Z0-9]{58})\b")),
)


def tokens(content: str) -> Iterator[tuple[int, int, str]]:
    """Where each stands, and what it is."""
    for form in FORMS:
        if form.may_be_in(content):
            for match in form.pattern.finditer(content):
                secret = next(filter(None, match.groups()), "")
                if form.is_one(secret):
                    yield match.start(), match.end(), form.what
