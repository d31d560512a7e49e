"""What is learnt of a target: that it does not mount, and that it is out of order."""

from __future__ import annotations

import pytest

from seeder.engines.direct.host import Host
from seeder.errors import RegistryError, SeederError
from seeder.model.digest import Digest
from seeder.model.reference import ImageReference

PLACE, HOME = ImageReference("reg.test", "a"), ImageReference("reg.test", "b")
DIGEST = Digest.of(b"blob")
SESSION = object()


class Refusing:
    """As much of a client, and of its blobs, as a host asks: it mounts nothing."""

    def __init__(self, status: int) -> None:
        self.status = status

    def blobs(self, place: ImageReference) -> Refusing:
        return self

    def mount(self, digest: Digest, source: str) -> None:
        raise RegistryError("no", status=self.status)

    def start(self) -> object:
        return SESSION


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405])
def test_a_mount_that_is_refused_is_an_upload_and_no_more_are_asked_for(status: int) -> None:
    host = Host(Refusing(status))
    assert [host.mount(PLACE, DIGEST, HOME) for _ in range(3)] == [SESSION] * 3
    assert not host.takes_mounts


def test_a_mount_that_fails_is_a_failure() -> None:
    host = Host(Refusing(500))
    with pytest.raises(RegistryError):
        host.mount(PLACE, DIGEST, HOME)
    assert host.takes_mounts


class Asked(Refusing):
    """The same, which says from where it was asked to mount, and whether it looked for the blob itself."""

    def __init__(self, status: int = 0) -> None:
        super().__init__(status)
        self.sources: list[str] = []
        self.looked = 0

    def mount(self, digest: Digest, source: str) -> object:
        self.sources.append(source)
        if self.status:
            super().mount(digest, source)
        return SESSION

    def size(self, digest: Digest) -> None:
        self.looked += 1


def test_what_is_said_to_have_a_blob_and_has_not_says_nothing_of_the_registry() -> None:
    client = Asked()
    host = Host(client)
    assert [host.ask(PLACE, DIGEST, HOME) for _ in range(9)] == [SESSION] * 9
    assert client.sources == ["b"] * 9
    assert client.looked == 0
    assert host.takes_mounts
    assert host.takes_homes


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405])
def test_a_registry_that_will_not_be_asked_so_is_asked_otherwise(status: int) -> None:
    client = Asked(status)
    host = Host(client)
    assert [host.ask(PLACE, DIGEST, PLACE) for _ in range(5)] == [SESSION] * 5
    assert len(client.sources) == 3
    assert client.looked == 5


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405])
def test_what_may_not_be_read_elsewhere_says_nothing_of_the_runs_own_mounts(status: int) -> None:
    host = Host(Asked(status))
    assert [host.ask(PLACE, DIGEST, HOME) for _ in range(3)] == [SESSION] * 3
    assert not host.takes_homes
    assert host.takes_mounts


def failing(error: SeederError, times: int) -> Host:
    host = Host(Refusing(500))
    for _ in range(times):
        host.failed(error)
    return host


def test_a_target_that_takes_no_upload_any_more_is_out_of_order() -> None:
    error = RegistryError("full", where="reg.test", status=500)
    failing(error, 5).check()
    with pytest.raises(RegistryError) as caught:
        failing(error, 6).check()
    assert caught.value is error


def test_an_upload_that_comes_through_makes_up_for_those_that_did_not() -> None:
    error = RegistryError("full", where="reg.test", status=500)
    host = failing(error, 5)
    host.worked()
    host.failed(error)
    host.check()
