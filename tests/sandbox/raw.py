"""A raw client for the sandbox: one request a call over http.client, with the token fetched where it is asked for."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from seeder.model.media_type import ACCEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The registry's error code."""
        return json.loads(self.body)["errors"][0]["code"]


def ask(
    method: str, url: str, *, body: bytes | Iterable[bytes] | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """One request on a connection of its own; header names come back in lower case."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body=body, headers=dict(headers or {}))
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(status=response.status, headers=found, body=response.read())
    finally:
        connection.close()


class Client:
    """Talks to one registry; fetches a token per challenge, and keeps none."""

    def __init__(self, address: str) -> None:
        self.url = f"http://{address}"

    def ask(self, method: str, path: str, *, body: bytes | None = None, accept: str = ACCEPT, **headers: str) -> Answer:
        url = path if path.startswith("http") else self.url + path
        named = {"Accept": accept} if accept else {}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        answer = ask(method, url, body=body, headers=named)
        challenge = answer.headers.get("www-authenticate", "")
        if answer.status != 401 or not challenge.startswith("Bearer"):
            return answer
        named["Authorization"] = f"Bearer {token(challenge)}"
        return ask(method, url, body=body, headers=named)

    def upload(self, repository: str, data: bytes, digest: str) -> Answer:
        opened = self.ask("POST", f"/v2/{repository}/blobs/uploads/")
        location = opened.headers["location"]
        return self.ask("PUT", f"{location}{'&' if '?' in location else '?'}digest={digest}", body=data)


def token(challenge: str) -> str:
    fields = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    scopes = "".join(f"&scope={quote(scope)}" for scope in fields.get("scope", "").split())
    return json.loads(ask("GET", f"{fields['realm']}?service={fields['service']}{scopes}").body)["token"]
