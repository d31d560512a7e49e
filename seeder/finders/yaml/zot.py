"""Sync rules of zot: in its own configuration, and in Educates' `environment.images` (zot, "Mirroring")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.finding import Finding, Slot
from seeder.finders.yaml.root import Root
from seeder.model.occurrence import Context, Mention, Puller
from seeder.syntax.text import Text
from seeder.syntax.yaml_nodes import Node, Scalar, at, items

_RULE = Slot(
    context=Context.ZOT_SYNC_RULE,
    pulled_by=Puller.ZOT,
    reason="a rule of the image cache names registries and repositories, not images: change its urls",
)
_GLOB = re.compile(r"[*?\[{]")


def recognises(root: Root) -> bool:
    return not root.api[1] and at(root.node, "extensions", "sync", "registries") is not None


def read(root: Root) -> Iterator[Finding]:
    for registry in items(at(root.node, "extensions", "sync", "registries")):
        yield from sync_rules(registry)


def sync_rules(registry: Node) -> Iterator[Mention]:
    """A registry of zot's sync extension: its addresses, and the repositories that its rules name outright."""
    urls = [url for url in items(at(registry, "urls")) if isinstance(url, Scalar)]
    hosts = [_between(url.text, url.value.find("://") + 3 if "://" in url.value else 0) for url in urls]
    for host in hosts:
        yield from _RULE.whole(host)
    for content in items(at(registry, "content")):
        prefix = at(content, "prefix")
        if isinstance(prefix, Scalar) and not _GLOB.search(prefix.value) and hosts:
            name = _between(prefix.text, 0)
            yield from _RULE.whole(name, f"{hosts[0].content}/{name.content}")


def _between(text: Text, start: int) -> Text:
    """The text from `start`, without the slashes and blanks around it."""
    content = text.content[start:]
    low = start + len(content) - len(content.lstrip("/ "))
    return text.slice(low, max(low, len(text.content.rstrip("/ "))))
