"""Programs that keep credentials for Docker (github.com/docker/docker-credential-helpers)."""

from __future__ import annotations

from seeder import json_text
from seeder.errors import DeniedError
from seeder.process import Limits, ProcessError, run
from seeder.registry.credential import Credential

HELPER_TIMEOUT = 30.0


def ask(helper: str, server: str) -> Credential | None:
    """Runs a helper: `get`, the server on stdin."""
    program = f"docker-credential-{helper}"
    try:
        done = run([program, "get"], stdin=server.encode(), limits=Limits(timeout=HELPER_TIMEOUT))
    except ProcessError as error:
        said = error.completed.stdout.decode(errors="replace").strip() if error.completed else ""
        if "credentials not found" in said:
            return None
        raise DeniedError(
            f"{program} failed for {server}: {said[:200] or error.message}",
            hint=error.hint or f"try `echo {server} | {program} get`, or log in again",
            code="credential-helper",
        ) from error
    return _answer(program, done.stdout)


def _answer(program: str, output: bytes) -> Credential | None:
    try:
        found = json_text.parse(output)
        username, secret = str(found["Username"]), str(found["Secret"])
    except (ValueError, TypeError, KeyError):
        raise DeniedError(f"{program} gave no JSON with Username and Secret", code="credential-helper") from None
    if username == "<token>":
        return Credential(secret=secret, is_identity_token=True)
    return Credential(username=username, secret=secret) if secret else None
