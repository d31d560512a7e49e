"""One call of skopeo as a list of words. Pure; nothing secret is in it."""

from __future__ import annotations

from msgspec import Struct

from seeder.model.digest import Digest
from seeder.model.reference import ImageReference


class Job(Struct, frozen=True, kw_only=True):
    """Copy `source`, which has a digest, to `destination`; of an index all that it names."""

    source: ImageReference
    destination: ImageReference
    insecure_destination: bool = False


def words(binary: str, options: tuple[str, ...], authfile: str, job: Job) -> list[str]:
    """`skopeo copy`, its digests preserved, its own retries off.

    `--debug` is for the one sign of a 429 that skopeo gives before it has slept through its retries.
    """
    flags = ["--authfile", authfile, "--all", "--preserve-digests", "--retry-times", "0"]
    if job.insecure_destination:
        flags.append("--dest-tls-verify=false")
    return [binary, "--debug", *options, "copy", *flags, named(job.source), named(job.destination)]


def named(reference: ImageReference) -> str:
    """A reference as skopeo takes it: tag and digest together are refused (c/image docker_transport.go)."""
    digest: Digest | None = reference.digest
    return f"docker://{reference.name}@{digest}" if digest else f"docker://{reference.name}:{reference.tag}"
