"""A user's name and secret at a registry; the secret never stands in a `repr`."""

from __future__ import annotations

import base64
from typing import Any

from msgspec import Struct


class Credential(Struct, frozen=True, kw_only=True):
    """A user name and secret, or an identity token (OAuth2 refresh token) in its stead."""

    username: str = ""
    secret: str = ""
    is_identity_token: bool = False

    def __repr__(self) -> str:
        return f"Credential(username={self.username!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """What rich shows in place of a `repr`; a Struct's own has all fields."""
        return [("username", self.username)]

    def basic(self) -> str:
        """The value of an `Authorization` header."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.secret}".encode()).decode()
