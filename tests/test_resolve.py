"""Pinning against the sandbox: what is asked, what the lock holds then."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

import pytest

from seeder.errors import MissingError
from seeder.model.descriptor import Descriptor
from seeder.model.pin import Lock, Pin, PlatformPin
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference
from seeder.registry.client import Client
from seeder.registry.registries_conf import RegistriesConf, Registry
from seeder.registry.sources import Sources
from seeder.resolve import Wishes, resolve
from seeder.sandbox import Sandbox

NGINX = ImageReference.parse("nginx:1.27")
REDIS = ImageReference.parse("redis:7.4")


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    return hub_at(sandbox)


def hub_at(sandbox: Sandbox) -> Client:
    """A client for which the sandbox is Docker Hub."""
    hub = Registry(prefix="docker.io", location=sandbox.address, insecure=True)
    return Client(Sources(conf=RegistriesConf(registries=(hub,))))


def test_each_distinct_reference_is_asked_once_and_by_head(sandbox: Sandbox, client: Client) -> None:
    nginx, redis = sandbox.put_image("nginx:1.27"), sandbox.put_index("redis:7.4")
    resolution = resolve([NGINX, REDIS, NGINX, ImageReference.parse("library/nginx:1.27")], Lock(), client)
    assert {pin.reference: pin.descriptor for pin in resolution.lock} == {NGINX: nginx, REDIS: redis}
    assert resolution.added == {NGINX, REDIS}
    assert (sandbox.counters.manifest_heads.total(), sandbox.pulls) == (2, 0)


def test_what_the_lock_has_is_not_asked(sandbox: Sandbox, client: Client) -> None:
    sandbox.put_image("nginx:1.27")
    lock = resolve([NGINX], Lock(), client).lock
    before = sandbox.counters.total
    again = resolve([NGINX], lock, client)
    assert (again.lock, again.added, again.moved) == (lock, frozenset(), {})
    assert sandbox.counters.total == before


def test_an_update_moves_the_pin_and_forgets_what_was_known_of_the_old(sandbox: Sandbox, client: Client) -> None:
    old = sandbox.put_image("nginx:1.27")
    known = Pin(
        reference=NGINX,
        descriptor=old,
        platforms={Platform("linux", "amd64"): PlatformPin(digest=old.digest, size=1)},
        served={"event": old.digest},
    )
    new = sandbox.put_image("nginx:1.27", note="rebuilt")
    moved = resolve([NGINX], Lock((known,)), client, wishes=Wishes(update=None))
    assert moved.lock.pins == (Pin(reference=NGINX, descriptor=new, earlier=(old.digest,)),)
    assert moved.moved == {NGINX: known}


def test_an_update_that_finds_the_same_keeps_what_is_known(sandbox: Sandbox, client: Client) -> None:
    descriptor = sandbox.put_image("nginx:1.27")
    known = Pin(reference=NGINX, descriptor=descriptor, served={"event": descriptor.digest})
    same = resolve([NGINX], Lock((known,)), client, wishes=Wishes(update={NGINX}))
    assert (same.lock, same.added, same.moved) == (Lock((known,)), frozenset(), {})


def test_pins_are_told_as_soon_as_they_are_known_those_of_the_lock_first(sandbox: Sandbox, client: Client) -> None:
    known = Pin(reference=NGINX, descriptor=sandbox.put_image("nginx:1.27"))
    moved, added = sandbox.put_image("nginx:1.27", note="rebuilt"), sandbox.put_image("redis:7.4")
    told: list[Pin] = []
    resolve(
        [NGINX, REDIS],
        Lock((known,)),
        client,
        wishes=Wishes(update=None),
        on_answer=lambda _, found: told.append(found),
    )
    assert told[0] == known
    assert {pin.descriptor for pin in told[1:]} == {moved, added}


def test_only_what_is_named_is_updated(sandbox: Sandbox, client: Client) -> None:
    sandbox.put_image("nginx:1.27")
    sandbox.put_image("redis:7.4")
    lock = resolve([NGINX, REDIS], Lock(), client).lock
    sandbox.put_image("nginx:1.27", note="new")
    sandbox.put_image("redis:7.4", note="new")
    assert set(resolve([NGINX, REDIS], lock, client, wishes=Wishes(update={REDIS})).moved) == {REDIS}


def test_a_reference_with_a_digest_is_never_asked_again(sandbox: Sandbox, client: Client) -> None:
    exact = NGINX.at(sandbox.put_image("nginx:1.27").digest)
    lock = resolve([exact], Lock(), client).lock
    assert [str(pin.reference) for pin in lock] == [str(exact)]
    before = sandbox.counters.total
    resolve([exact], lock, client, wishes=Wishes(update=None))
    assert sandbox.counters.total == before


def test_a_failed_update_keeps_the_old_pin_and_says_why(sandbox: Sandbox, client: Client) -> None:
    sandbox.put_image("nginx:1.27")
    lock = resolve([NGINX], Lock(), client).lock
    sandbox.wipe()
    failed = resolve([NGINX, REDIS], lock, client, wishes=Wishes(update=None))
    assert failed.lock == lock
    assert {reference: type(error) for reference, error in failed.failures.items()} == {
        NGINX: MissingError,
        REDIS: MissingError,
    }


def test_pins_that_nobody_wants_any_more_leave_the_lock(sandbox: Sandbox, client: Client) -> None:
    sandbox.put_image("nginx:1.27")
    sandbox.put_image("redis:7.4")
    lock = resolve([NGINX, REDIS], Lock(), client).lock
    assert [pin.reference for pin in resolve([REDIS], lock, client).lock] == [REDIS]


def test_a_bare_name_is_latest(sandbox: Sandbox, client: Client) -> None:
    sandbox.put_image("nginx:latest")
    lock = resolve([ImageReference.parse("nginx")], Lock(), client).lock
    assert [str(pin.reference) for pin in lock] == ["docker.io/library/nginx:latest"]


def test_pinning_works_when_the_quota_is_spent(sandbox: Sandbox, client: Client) -> None:
    descriptor = sandbox.put_image("nginx:1.27")
    sandbox.set_quota(0)
    assert resolve([NGINX], Lock(), client).lock.pins[0].descriptor == descriptor
    quota = client.quota(NGINX)
    assert quota is not None
    assert quota.remaining == 0


MANY = [ImageReference.parse(f"app-{number:02}:1") for number in range(26)]


@pytest.mark.parametrize(
    ("leads_on", "in_lock", "quota", "waves"),
    [
        pytest.param(True, False, None, [4], id="new, and copied from at once"),
        pytest.param(True, False, 100, [4, 22], id="new, and told to be saved up for"),
        pytest.param(False, False, None, [26], id="new, and only pinned"),
        pytest.param(True, True, None, [26], id="known"),
    ],
)
def test_what_is_copied_as_soon_as_it_is_pinned_is_asked_for_by_few_first(
    sandbox: Sandbox, *, leads_on: bool, in_lock: bool, quota: int | None, waves: list[int]
) -> None:
    for reference in MANY:
        sandbox.put_image(reference.familiar())
    lock = resolve(MANY, Lock(), hub_at(sandbox)).lock
    sandbox.set_quota(quota)
    client = _InWaves(hub_at(sandbox), waves)
    wishes = Wishes(update=None, leads_on=leads_on)
    assert resolve(MANY, lock if in_lock else Lock(), client, wishes=wishes).lock == lock  # type: ignore[arg-type]
    assert client.asked_at_first == waves[0]


class _InWaves:
    """A client that answers to so many references together, and then to so many."""

    def __init__(self, client: Client, waves: Iterable[int]) -> None:
        self._client = client
        self._waiting = [wave for size in waves for wave in [threading.Barrier(size, timeout=20)] * size]
        self._lock = threading.Lock()
        self._asked = 0
        self.asked_at_first = 0

    def head_manifest(self, reference: ImageReference) -> Descriptor:
        with self._lock:
            self._asked += 1
            wave = self._waiting.pop(0) if self._waiting else None
        if wave is not None:
            wave.wait()
            time.sleep(0.1)  # for any other to be asked for, where it does not have to wait
        with self._lock:
            self.asked_at_first = self.asked_at_first or self._asked
        return self._client.head_manifest(reference)

    def is_unlimited(self, reference: ImageReference) -> bool:
        return self._client.is_unlimited(reference)

    def expect(self, references: Iterable[ImageReference]) -> None:
        self._client.expect(references)
