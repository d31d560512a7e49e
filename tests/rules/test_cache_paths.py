"""The path table of Educates' cache, as its sync extension maps paths to upstreams."""

from __future__ import annotations

import pytest

from seeder.rules.cache_paths import Content, Registry, is_pattern, matches
from seeder.syntax.text import Text
from seeder.syntax.yaml import documents

NODE = next(documents(Text.of(b"a: b"))).roots[0]


def content(prefix: str, destination: str, strip: bool) -> Content:
    return Content(node=NODE, prefix=prefix, destination=destination, strip=strip)


@pytest.mark.parametrize(
    ("prefix", "destination", "strip", "path", "upstream"),
    [
        ("/library/busybox", "/docker.io", False, "docker.io/library/busybox", "library/busybox"),
        ("**", "/docker.io", False, "docker.io/grafana/grafana", "grafana/grafana"),
        ("**", "/hub", True, "hub/grafana/grafana", "grafana/grafana"),
        ("/library/**", "/hub", True, "hub/nginx", "library/nginx"),
        ("/org/app-files", "/app-files", True, "app-files", "org/app-files"),
        ("/library/busybox", "", False, "busybox", None),
        ("/library/busybox", "", False, "library/busybox", "library/busybox"),
        ("/a/*", "/docker.io", False, "docker.io/a/b/c", None),
        ("/a/*", "/docker.io", False, "docker.io/a/b", "a/b"),
        ("/org/app*", "/x", True, "x/app1", "org/app/app1"),
        ("/a/?", "/x", False, "x/a/b", "a/b"),
        ("/a/[bc]", "/x", False, "x/a/c", "a/c"),
        ("/a/[!bc]", "/x", False, "x/a/c", None),
        ("/a/{b,c}", "/x", False, "x/a/c", "a/c"),
        ("/a/**/z", "/x", False, "x/a/b/c/z", "a/b/c/z"),
        ("/a/**/z", "/x", False, "x/a/z", "a/z"),
        ("/a/**", "/x", False, "x/a", "a"),
        ("/a.b", "/x", False, "x/aXb", None),
        ("/a/[b-d]", "/x", False, "x/a/c", "a/c"),
        ("/a/[z-b]", "/x", False, "x/a/c", None),
        ("/a/[]", "/x", False, "x/a/c", None),
        ("/a/[!]", "/x", False, "x/a/c", None),
    ],
)
def test_a_rule_maps_a_path_to_its_upstream(prefix, destination, strip, path, upstream) -> None:
    assert content(prefix, destination, strip).upstream(path) == upstream


@pytest.mark.parametrize(
    ("prefix", "is_one"),
    [
        ("/a/**", True),
        ("/a/[!b-d]", True),
        ("/{a,b}", True),
        ("/a/[b", False),
        ("/{a", False),
        ("/[z-a]", False),
        ("/[]", False),
    ],
)
def test_what_is_no_pattern(prefix: str, is_one: bool) -> None:
    assert is_pattern(prefix) is is_one


def registry(url: str, *contents: Content, on_demand: bool = True) -> Registry:
    return Registry(node=NODE, urls=(url,), on_demand=on_demand, polls=False, verify=True, contents=contents)


def test_registries_answer_in_order_those_on_demand_alone() -> None:
    upstreams = [
        registry("https://polled", content("**", "", strip=False), on_demand=False),
        registry("https://one", content("/a/*", "/x", strip=False)),
        registry("https://two", content("**", "/x", strip=False)),
        registry("https://open"),
    ]
    found = [(match.registry.urls[0], match.upstream) for match in matches(upstreams, "x/a/b")]
    assert found == [("https://one", "a/b"), ("https://two", "a/b"), ("https://open", "x/a/b")]
