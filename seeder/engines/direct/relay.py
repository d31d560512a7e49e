"""One blob moved into a repository of a target: from its source into an upload session, in one piece or in chunks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct, field

from seeder.engines.direct.body import AgainError, Blob, Body, BodyTools, SourceError
from seeder.engines.direct.chunks import Chunks, cut
from seeder.errors import MissingError, RegistryError, SeederError, UnreachableError
from seeder.model.reference import ImageReference
from seeder.registry.blobs import Upload
from seeder.registry.client import Client
from seeder.registry.repository import Blobs

TOO_LARGE = 413


class Relay(Struct, frozen=True):
    """Thread-safe. The client's policy is for whole uploads: what the target spoils; `bodies` count their own tries."""

    client: Client
    bodies: BodyTools
    chunks: Chunks = field(default_factory=Chunks)

    def move(self, blob: Blob, place: ImageReference, session: Upload | None, on_bytes: Callable[[int], None]) -> None:
        """Puts a blob into a repository of the target, the first time into the given session.

        Raises what the target answers in the end, SourceError for what a source does: it was asked again already, as
        often as it may be.
        """
        transfer = _Transfer(self, blob, place.registry, self.client.blobs(place), on_bytes, session)
        try:
            self.client.policy.call(transfer.attempt)
        except RegistryError as error:
            raise _advised(error, transfer.losses, place) from error


class _Transfer(Struct):
    """One blob on its way into one repository of the target `host`, at first into `session`, where there is one.

    `losses` are the uploads that came to nothing there.
    """

    relay: Relay
    blob: Blob
    host: str
    blobs: Blobs
    on_bytes: Callable[[int], None]
    session: Upload | None
    losses: list[SeederError] = field(default_factory=list)

    def attempt(self) -> None:
        """Uploads the blob, anew as often as that helps at once; raises what may be repeated later."""
        session, self.session = self.session or self.blobs.start(), None
        while True:
            body = Body(self.relay.bodies, self.blob, self.host, self.on_bytes)
            try:
                return self._upload(session, body)
            except AgainError:
                session = self.blobs.start()

    def _upload(self, session: Upload, body: Body) -> None:
        blob = self.blob
        size = self.relay.chunks.of(self.host, blob.size, session.least_chunk)
        try:
            # The source answers before the upload begins: a target should not wait for what may never come.
            body.open()
            self._send(session, body, size)
        except (SourceError, AgainError):
            self.blobs.cancel(session)
            raise
        except (MissingError, UnreachableError) as error:
            # A lost answer to the closing PUT, or a session that is gone: the blob may well be there.
            if body.is_complete and self.blobs.size(blob.digest) == blob.size:
                return
            self.losses.append(error)
            if isinstance(error, MissingError):
                raise UnreachableError(f"{error.message} (the upload session is lost)", where=error.where) from error
            raise
        except RegistryError as error:
            self.losses.append(error)
            if error.status == TOO_LARGE and self._may_be_cut(session, size):
                raise AgainError from error
            # What left here was right: it was hurt on the way.
            if error.code == "digest-invalid" and len(self.losses) == 1:
                raise UnreachableError(error.message, where=error.where) from error
            raise
        finally:
            body.close()

    def _send(self, session: Upload, body: Body, size: int) -> None:
        """In requests of `size` bytes: in one, or in chunks to a target that would not take it so."""
        blob = self.blob
        if size >= blob.size:
            self.blobs.put(session, blob.digest, blob.size, body)
            return
        sent = 0
        for chunk in cut(iter(body), size):
            count = min(size, blob.size - sent)
            session = self.blobs.patch(session, sent, count, chunk)
            sent += count
        self.blobs.put(session, blob.digest, 0, ())

    def _may_be_cut(self, session: Upload, size: int) -> bool:
        """Whether there are smaller chunks to try, once this size was refused."""
        return session.least_chunk < size and self.relay.chunks.refused(self.host, size)


def _advised(error: RegistryError, losses: Sequence[SeederError], place: ImageReference) -> RegistryError:
    """Two failures of one kind at the target have a likely cause."""
    lost = sum(isinstance(loss, MissingError) for loss in losses)
    broken = sum(isinstance(loss, RegistryError) and loss.status >= 500 for loss in losses)
    if lost > 1:
        error.hint = f"replicas of {place.registry} must share http.secret and storage"
    elif broken > 1:
        error.hint = f"look at the log of {place.registry}; its disk may be full"
    return error
