"""Images of Maven's and Gradle's builds: what Jib and Spring Boot's buildpacks build from, and what they make.

Sources: github.com/GoogleContainerTools/jib (both plugins), docs.spring.io "Packaging OCI Images".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.finding import Built, Finding, Slot, Source
from seeder.finders.variables import is_name
from seeder.model.occurrence import Context, Puller

_BASE = Slot(context=Context.OTHER, pulled_by=Puller.BUILD)
_XML_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINE_COMMENT = re.compile(r"(?<![:\"'])//[^\n]*")
_VALUE = r"\s*(?P<name>[^<\s]+)\s*</"
_POM = re.compile(rf"<from>\s*<image>{_VALUE}|<(?:builder|runImage)>{_VALUE.replace('name', 'base')}")
_POM_MADE = re.compile(rf"(?:<to>\s*<image>|<image>\s*<name>){_VALUE}")
_PROPERTY = re.compile(r"\$\{([\w.-]+)\}")
_STRING = r"\s*(?:=|\.set\(|\()?\s*[\"'](?P<name>[^\"'\s]+)[\"']"
_GRADLE = re.compile(rf"\bfrom\s*\{{\s*image{_STRING}|\b(?:builder|runImage){_STRING.replace('name', 'base')}")
_GRADLE_MADE = re.compile(rf"(?:\bto\s*\{{\s*image|\bimageName){_STRING}")
# What Spring Boot names an image by that its build makes without being told a name.
_PROJECT = re.compile(r"^[ \t]*rootProject\.name[ \t]*=[ \t]*[\"'](?P<name>[a-z0-9][\w.-]*)[\"']", re.MULTILINE)


def find(source: Source) -> Iterator[Finding]:
    """Names that Maven's or Gradle's variables are a part of are known to these alone, and left out."""
    is_pom = source.name.endswith(".xml")
    content = (_XML_COMMENT if is_pom else _LINE_COMMENT).sub(lambda match: " " * len(match[0]), source.text.content)
    for match in (_POM if is_pom else _GRADLE).finditer(content):
        start, end = match.span("name" if match["name"] else "base")
        if is_pom and (named := _PROPERTY.fullmatch(content, start, end)):
            start, end = _property(content, named[1]) or (start, end)
        if "$" not in content[start:end]:
            yield from _BASE.whole(source.text.slice(start, end))
    for match in (_POM_MADE if is_pom else _GRADLE_MADE).finditer(content):
        if is_name(match["name"]):
            yield Built(match["name"])
    yield from (Built(match["name"]) for match in _PROJECT.finditer(content) if is_name(match["name"]))


def _property(content: str, name: str) -> tuple[int, int] | None:
    """Where a property of the pom has its value."""
    match = re.search(rf"<{re.escape(name)}>{_VALUE}", content)
    return match.span("name") if match else None
