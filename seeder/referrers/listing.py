"""Sees to it that a target lists what refers to its images, itself or by the tag schema (distribution-spec, "Pushing
Manifests with Subject": a registry that keeps the list says so with `OCI-Subject`).

The tag schema has no locks: two writers read, add and write, and the later one may write over the earlier. So it is
looked at again right before the write, and some time after it, until nothing of ours is missing. While a write takes
long, others may come and go: what they list meanwhile is seen, and put back.

The spec allows conditional writes where a registry keeps ETags, and demands them of none: distribution 2.8 sends an
ETag and takes a PUT whatever `If-Match` says (tried 2026-11-29). What is left is in docs/copying.md.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import closing, suppress
from typing import TypeVar

from msgspec import Struct

from seeder.errors import ConflictError, MissingError, SeederError
from seeder.model.descriptor import Manifest
from seeder.model.digest import Digest
from seeder.model.reference import ImageReference
from seeder.referrers.finding import Finder, fallback_tag, index_of, tagged
from seeder.registry.client import Client
from seeder.registry.listing import Entry
from seeder.registry.retry import Policy
from seeder.threads import each, spawn

WORKERS = 8
_ROUNDS = 10
_TRIES = 5
_LEAST, _MOST = 0.2, 5.0  # seconds between a write and the look after it
_LOOK = _LEAST / 2
R = TypeVar("R")
Wanted = Mapping[ImageReference, Mapping[str, Entry]]


class Lister(Struct, kw_only=True):
    """For one run. `pause` sleeps for so many seconds."""

    client: Client
    pause: Callable[[float], None] = time.sleep
    _longest: float = 0.0

    def list(self, wanted: Wanted) -> dict[ImageReference, SeederError]:
        """Lists entries, by their digest, under each subject (a repository with a digest). Returns what failed."""
        faults: dict[ImageReference, SeederError] = {}
        todo = _each(lambda subject: self._unlisted(subject, wanted[subject]), wanted, faults)
        for _ in range(_ROUNDS):
            todo = {subject: left for subject, left in self._round(todo, faults).items() if left}
            if not todo:
                return faults
            self.pause(min(_MOST, max(_LEAST, 5 * self._longest)))
        return faults | {subject: _busy(subject) for subject in todo}

    def _round(self, todo: Wanted, faults: dict[ImageReference, SeederError]) -> dict[ImageReference, dict[str, Entry]]:
        policy = self.client.policy
        return _each(lambda subject: policy.call(lambda: self._add(subject, todo[subject])), todo, faults)

    def _unlisted(self, subject: ImageReference, entries: Mapping[str, Entry]) -> dict[str, Entry]:
        """Those that the target does not list by itself. Raises what it answers."""
        place = ImageReference(subject.registry, subject.repository)
        said = {digest: self.client.keeps_list(_at(place, entry)) for digest, entry in entries.items()}
        if all(said.values()):
            return {}
        if any(kept is False for kept in said.values()):
            return {digest: entry for digest, entry in entries.items() if not said[digest]}
        listed = self.client.referrers(subject)
        if listed is None:
            return dict(entries)
        known = {str(entry.get("digest")) for entry in listed}
        return {d: entry for d, entry in entries.items() if d not in known and not self._takes(_at(place, entry))}

    def _takes(self, referrer: ImageReference) -> bool:
        """Whether the target lists what stands there already once it is put again."""
        self.client.put_manifest(referrer, self.client.get_manifest(referrer, mirrors=False))
        return self.client.keeps_list(referrer) is True

    def _add(self, subject: ImageReference, entries: Mapping[str, Entry]) -> dict[str, Entry]:
        """Adds what is missing from the index of the tag schema. Raises what the target answers.

        What others listed stays, before ours. Returns what has to be looked for again, nothing if nothing was missing.
        """
        if not entries:
            return {}
        began = time.monotonic()
        name = tagged(subject, fallback_tag(_digest(subject)))
        for last in range(_TRIES, 0, -1):
            stands = self.client.find_manifest(name)
            try:
                before = self._listed(subject)
            except MissingError:  # another one was written, and the registry has swept this one already
                continue
            if entries.keys() <= before.keys():
                return {}
            if last == 1 or self.client.find_manifest(name) == stands:
                break
        else:
            raise _busy(subject)
        meanwhile = self._put(subject, name, index_of({**before, **entries}.values()))
        self._longest = max(self._longest, time.monotonic() - began)
        return {**meanwhile, **entries}

    def _put(self, subject: ImageReference, name: ImageReference, index: Manifest) -> dict[str, Entry]:
        """Writes a list; returns what others listed while that was under way, which it may have written over."""
        watch = _Watch(lambda: self._listed(subject))
        spawn(watch.run)
        try:
            # Once: what is sent again after a pause is a list from before it.
            self.client.put_manifest(name, index, Policy(attempts=1))
        finally:
            seen = watch.end()
        return seen

    def _listed(self, subject: ImageReference) -> dict[str, Entry]:
        finder = Finder(self.client, lambda there: self.client.get_manifest(there, mirrors=False))
        return {str(entry["digest"]): entry for entry in finder.fallback(subject, _digest(subject))}


class _Watch:
    """Looks again and again, more often than another writer looks whether its own write held."""

    def __init__(self, look: Callable[[], Mapping[str, Entry]]) -> None:
        self._look = look
        self._seen: dict[str, Entry] = {}
        self._ended, self._looked = threading.Event(), threading.Event()

    def run(self) -> None:
        while not self._ended.wait(_LOOK):
            with suppress(SeederError):  # it is only to see more
                self._seen = {**self._seen, **self._look()}
        self._looked.set()

    def end(self) -> dict[str, Entry]:
        """What was seen, once a look that is under way has ended."""
        self._ended.set()
        self._looked.wait(_MOST)
        return self._seen


def _each(
    work: Callable[[ImageReference], R], subjects: Collection[ImageReference], faults: dict[ImageReference, SeederError]
) -> dict[ImageReference, R]:
    """What the work gives for each; what fails goes to the faults."""
    found: dict[ImageReference, R] = {}
    with closing(each(work, subjects, WORKERS)) as results:
        for subject, result in results:
            if isinstance(result, SeederError):
                faults[subject] = result
            else:
                found[subject] = result
    return found


def _at(place: ImageReference, entry: Entry) -> ImageReference:
    return place.at(Digest.parse(str(entry["digest"])))


def _digest(subject: ImageReference) -> Digest:
    assert subject.digest is not None  # noqa: S101 - see `Lister.list`
    return subject.digest


def _busy(subject: ImageReference) -> SeederError:
    return ConflictError(
        f"{subject}: others keep writing the list of what refers to it",
        where=subject.registry,
        hint="run again when no other seeder writes to this target",
        code="referrers-busy",
    )
