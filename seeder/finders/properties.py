"""Java's properties and Spark's defaults: images by the last word of the key, apps by their scheme.

Sources: quarkus.io "All configuration options", spark.apache.org "Running Spark on Kubernetes",
docs.spring.io "Spring Cloud Data Flow: Register a Stream Application" (`docker:`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.finding import Built, Finding, Slot, Source
from seeder.finders.variables import is_name
from seeder.finders.yaml import given
from seeder.model.occurrence import Context, Puller, Spelling

_LOCAL = Slot(context=Context.OTHER, pulled_by=Puller.DOCKERD, spelling=Spelling.COMMAND)  # Testcontainers takes a tag
_BASE = Slot(context=Context.OTHER, pulled_by=Puller.BUILD)
_POD = Slot(context=Context.OTHER)
_LINE = re.compile(
    r"^[ \t]*(?P<key>[^\s#!=:][^\s=:]*)[ \t]*(?:[=:]|[ \t])[ \t]*(?P<app>docker:(?://)?)?(?P<name>[^\s]+)[ \t]*\r?$",
    re.MULTILINE,
)
_IMAGE = re.compile(r".*(?:[._-]|[a-z](?=I))[iI]mage(?:[-_.]?[nN]ame)?\Z")
_MADE = re.compile(r".*(?:container-image|\bto|push|output|target)\.image\Z")
_BUILDS = re.compile(r".*(?:builder|base|run|from|jib|native)[\w.-]*image", re.IGNORECASE)
_STARTED = re.compile(r".*(?:devservices|testcontainers)")


def find(source: Source) -> Iterator[Finding]:
    for match in _LINE.finditer(source.text.content):
        key, name = match["key"], match["name"]
        if _MADE.match(key):
            yield from map(Built, filter(is_name, [name]))
        elif match["app"] or (_IMAGE.match(key) and given.is_tagged(name)):
            yield from _slot(key).whole(source.text.slice(*match.span("name")))


def _slot(key: str) -> Slot:
    if _STARTED.match(key):
        return _LOCAL
    return _BASE if _BUILDS.match(key) else _POD
