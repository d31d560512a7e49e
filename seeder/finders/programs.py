"""Images that programs start: Testcontainers (Java, Kotlin, Go, JavaScript, C#), containers of Kubernetes in Go.

Only what can mean nothing else is read, with the name written out (docs of Testcontainers, k8s.io/api/core/v1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from seeder.finders.finding import Finding, Slot, Source
from seeder.model.occurrence import Context, Mention, Puller, Spelling

_STRING = r"[\"'](?P<name>[^\"'\s]+)[\"']"
_TESTCONTAINERS = re.compile(r"\b[tT]estcontainers\b")
# new PostgreSQLContainer<>("…"), GenericContainer(DockerImageName.parse("…")), .WithImage("…"), Image: "…",
# and what follows `Run(ctx,` in Go
_STARTED = re.compile(
    rf"(?:\b(?P<kind>[A-Z]\w*Container)(?:<[^<>()\n]*>)?\(\s*(?:DockerImageName\s*\.\s*parse\(\s*)?"
    rf"|\bDockerImageName\s*\.\s*parse\(\s*|\.WithImage\(\s*|\bImage:\s*|\.Run\(\s*ctx,\s*){_STRING}"
)
_GO_CLIENT = re.compile(r"\"k8s\.io/api/core/v1\"")
_FIELD = re.compile(rf"\bImage:\s*{_STRING}")
_JVM = re.compile(r".+\.(?:java|kt|groovy|scala)\Z")  # only there are names compared
_COMMENT = re.compile(r"[ \t]*(?://|#|\*|/\*)")
# Testcontainers takes a tag or a digest.
_LOCAL = Slot(context=Context.OTHER, pulled_by=Puller.DOCKERD, spelling=Spelling.COMMAND)
_COMPARED = replace(
    _LOCAL,
    reason="Testcontainers compares the name with the one it knows: set TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX, or write "
    "asCompatibleSubstituteFor",
)
_POD = Slot(context=Context.OTHER)
_ANY = frozenset({"GenericContainer", "DockerContainer", "FixedHostPortGenericContainer"})


def find(source: Source) -> Iterator[Finding]:
    content = source.text.content
    if _TESTCONTAINERS.search(content):
        is_free = "asCompatibleSubstituteFor" in content or not _JVM.match(source.path.name)
        for match in _STARTED.finditer(content):
            yield from _mention(source, match, _LOCAL if is_free or match["kind"] in _ANY else _COMPARED)
    elif _GO_CLIENT.search(content):
        for match in _FIELD.finditer(content):
            yield from _mention(source, match, _POD)


def _mention(source: Source, match: re.Match[str], slot: Slot) -> Iterator[Mention]:
    start = match.string.rfind("\n", 0, match.start()) + 1
    if not _COMMENT.match(match.string, start, match.start()):
        yield from slot.whole(source.text.slice(*match.span("name")))
