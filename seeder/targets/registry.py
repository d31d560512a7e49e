"""A registry that can be pushed to: Docker Hub's images at its root, those of other registries below their host.

`nginx:1.27` stands at `library/nginx:1.27`, `ghcr.io/a/b:1` at `ghcr.io/a/b:1`, each also under `<tag>-<12 digits of
its digest>`, which a later move of the tag does not orphan; a digest alone under `seeder-<12 digits>`. A child that
stands in for its index has a tag by the digest of each: that of the index says, without the index, what was chosen.
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from seeder.errors import UsageError
from seeder.model.catalog import ImageEntry, TargetSettings
from seeder.model.digest import Digest
from seeder.model.occurrence import Occurrence, Puller, Spelling
from seeder.model.placed import Destination
from seeder.model.reference import HUB, ImageReference, is_valid_repository
from seeder.targets import hosts

MAX_TAG = 128
DIGEST_TAG = "seeder"
_SUFFIX = re.compile(r"(?P<tag>.+)-(?P<short>[0-9a-f]{12})\Z")
# Who a puller is to `reached_by`: what a build pulls, the machine's engine pulls.
_NODES = {Puller.KUBELET: Puller.KUBELET, Puller.DOCKERD: Puller.DOCKERD, Puller.BUILD: Puller.DOCKERD}
_CLUSTER_ONLY = (".svc", ".local", ".localhost")


def destination(
    reference: ImageReference, digest: Digest, target: TargetSettings, entry: ImageEntry | None
) -> Destination:
    reference = reference.or_latest()
    given = entry.destination if entry else None
    path, tag = _given(given, reference) if given else (_path(reference), reference.tag)
    repository = f"{target.prefix}/{path}" if target.prefix else path
    if not is_valid_repository(repository):
        raise _no_name(reference, f"{repository[:80]!r} is no repository, or has over 255 characters")
    return Destination(
        target=target.name,
        registry=target.push or target.registry,
        written=target.registry,
        repository=repository,
        tags=(tag, suffixed(tag, digest)) if tag else (suffixed(DIGEST_TAG, digest),),
    )


def rooted(destination: Destination, root: Digest | None) -> Destination:
    """The destination once it is known what stands there: a child in its index's stead is named by its digest too."""
    if root is None:
        return destination
    tag = suffixed(plain_tag(destination) or DIGEST_TAG, root)
    return destination if tag in destination.tags else replace(destination, tags=(*destination.tags, tag))


def plain_tag(destination: Destination) -> str | None:
    """The tag that is the reference's own, and not made by us; None where the reference has a digest alone."""
    matches = (_SUFFIX.match(tag) for tag in destination.tags)
    if all(match is not None and match["tag"] == DIGEST_TAG for match in matches):
        return None
    return destination.tags[0]


def suffixed(tag: str, digest: Digest) -> str:
    """The tag that names a digest too, within the 128 characters that a tag may have."""
    return f"{tag[: MAX_TAG - len(digest.short) - 1]}-{digest.short}"


def unsuffixed(tag: str) -> str:
    """The tag without the digest that it names, if it names one."""
    match = _SUFFIX.match(tag)
    return match["tag"] if match else tag


def _path(reference: ImageReference) -> str:
    first = reference.repository.partition("/")[0]
    if reference.registry != HUB:
        if not hosts.is_encodable(reference.registry):
            raise _no_name(reference, f"the host {reference.registry!r} makes no path of its own")
        return f"{hosts.encoded(reference.registry)}/{reference.repository}"
    if hosts.decoded(first) is not None:
        raise _no_name(reference, f"{first!r} would read as another registry's host")
    return reference.repository


def _given(name: str, reference: ImageReference) -> tuple[str, str | None]:
    path, _, tag = name.partition(":")
    return path, tag or reference.tag


def _no_name(reference: ImageReference, why: str) -> UsageError:
    return UsageError(
        f"{reference} has no name at the target: {why}",
        hint="name it in the catalog's images, and say with `as:` what it is called at the target",
        code="no-name",
    )


def original(reference: ImageReference, target: TargetSettings) -> ImageReference | None:
    """The inverse of the layout.

    A tag with a digest stands for the tag, since that is how a pinned tag is written. A tag alone that ends in twelve
    digits is taken for one of ours.
    """
    if reference.registry not in {target.registry, target.push} - {""}:
        return None
    path = reference.repository
    if target.prefix:
        if not path.startswith(f"{target.prefix}/"):
            return None
        path = path.removeprefix(f"{target.prefix}/")
    first, slash, rest = path.partition("/")
    host = hosts.decoded(first)
    if not slash:
        return None
    named = ImageReference(host, rest) if host else ImageReference(HUB, path)
    return _original_tag(named, reference)


def _original_tag(named: ImageReference, reference: ImageReference) -> ImageReference | None:
    tag, digest = reference.tag, reference.digest
    if tag is None:
        return replace(named, digest=digest) if digest else named.or_latest()
    match = _SUFFIX.match(tag)
    if match is None or (digest and digest.short != match["short"]):
        return replace(named, tag=tag)
    if match["tag"] == DIGEST_TAG:
        return replace(named, digest=digest) if digest else None
    return replace(named, tag=match["tag"])


def refusal(occurrence: Occurrence, target: TargetSettings) -> str:
    """Nodes resolve and trust other hosts than pods do: what they pull may name only a host that they reach."""
    node = _NODES.get(occurrence.pulled_by)
    if node is None or node in (target.reached_by or ()):
        return ""
    if target.reached_by is not None:
        return f"{target.registry} is pulled from by {node} here, and reached_by does not name it"
    why = _out_of_reach(target)
    if not why:
        return ""
    return f"{target.registry} {why}, so {node} may not reach it; if it does, add {node} to reached_by"


def _out_of_reach(target: TargetSettings) -> str:
    host = target.registry.rpartition(":")[0] if re.search(r":[0-9]+\Z", target.registry) else target.registry
    host = host.lower().strip("[]")
    if host in {"localhost", "::1"} or host.startswith("127."):
        return "is each machine's own"
    if host.endswith(_CLUSTER_ONLY):
        return "is a name that nodes do not resolve"
    return "is marked insecure" if target.insecure else ""


def spelled(occurrence: Occurrence, destination: Destination, root: Digest) -> str:
    """The text that stands in for an occurrence; `root` is the digest that stands at the destination.

    A field gets tag and digest; a command, which is typed and repeated, a tag; skopeo the digest alone.
    """
    name = f"{destination.written}/{destination.repository}"
    has_digest = occurrence.reference is not None and occurrence.reference.digest is not None
    plain = plain_tag(destination)
    match occurrence.spelling:
        case Spelling.DIGEST_ONLY:
            return f"{name}@{root}"
        case Spelling.TAG_ONLY:
            return f"{name}:{destination.tags[-1]}"
        case Spelling.COMMAND if plain:
            # Beside a digest the plain tag may stand for another pin.
            return f"{name}:{destination.tags[-1] if has_digest else plain}"
        case Spelling.FIELD if plain:
            return f"{name}:{plain}@{root}"
        case _:
            return f"{name}@{root}"
