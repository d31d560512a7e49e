"""What Educates' image cache, a zot, makes of bad rules: they end it, serve nothing or ask for the wrong thing."""

from __future__ import annotations

from collections.abc import Iterator

from seeder.model.reference import HUB_ALIASES
from seeder.rules.cache_paths import Content, Registry, is_glob, is_pattern
from seeder.syntax.yaml_nodes import Node, at, string


def faults(registry: Registry) -> Iterator[tuple[Node, str, str]]:
    """The place of each in a registry's rules, what follows from it, and what to do."""
    for content in registry.contents:
        yield from ((content.node, *fault) for fault in _content_faults(content))
    yield from ((registry.node, *fault) for fault in _registry_faults(registry))


def _registry_faults(registry: Registry) -> Iterator[tuple[str, str]]:
    if not registry.urls:
        yield "this registry of the image cache has no address", "give it urls"
    if not registry.on_demand and not registry.polls:
        yield "this registry is neither onDemand nor polled, so that it serves nothing", "set onDemand: true"
    if registry.polls and any(_host(url) in HUB_ALIASES for url in registry.urls):
        yield (
            "Docker Hub cannot be polled: it has no catalog of repositories",
            "use onDemand: true without pollInterval",
        )
    if string(at(registry.node, "maxRetries")) and not string(at(registry.node, "retryDelay")):
        yield "maxRetries without retryDelay ends the cache when it starts", "set retryDelay, such as 10s"
    if registry.verify and any(url.startswith("http://") for url in registry.urls):
        yield "plain HTTP is tried only without verification", "set tlsVerify: false"


def _content_faults(content: Content) -> Iterator[tuple[str, str]]:
    parts = content.prefix.strip("/").split("/")
    globs = [index for index, part in enumerate(parts) if is_glob(part)]
    if not is_pattern(content.prefix):
        yield f"{content.prefix} is no pattern, which ends the cache when it starts", "mend its brackets"
    if not content.strip:
        return
    if not content.destination.strip("/") and content.destination and "/*" not in content.prefix:
        yield "stripPrefix with destination / leaves no name, which ends the cache when it starts", "name a destination"
    if any(parts[index] not in {"*", "**"} for index in globs):
        yield (
            f"with stripPrefix the pattern in {content.prefix} asks for the wrong repository upstream",
            "let the pattern be whole parts of the path, * or **",
        )
    elif globs and globs != list(range(globs[0], len(parts))):
        yield (
            f"with stripPrefix a pattern in the middle, as in {content.prefix}, asks for the wrong repository upstream",
            "let the pattern stand at the end",
        )


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower()
