"""What is known of a source's quota, and when it is asked for again."""

from __future__ import annotations

from seeder.registry.client import Client
from seeder.registry.sources import Sources
from seeder.sandbox import Action, Sandbox


def client_of(sandbox: Sandbox) -> Client:
    return Client(Sources(), insecure_hosts=[sandbox.address])


def test_a_source_that_told_of_no_quota_is_not_asked_again() -> None:
    with Sandbox() as sandbox:
        sandbox.put_image("acme/app:1")
        client, reference = client_of(sandbox), sandbox.reference("acme/app:1")
        client.head_manifest(reference)
        assert client.quota(reference) is None
        assert sandbox.counters.by_selector(Action.MANIFEST_HEAD).total() == 1
        assert client.quota(reference, fresh=True) is None
        assert sandbox.counters.by_selector(Action.MANIFEST_HEAD).total() == 2


def test_a_quota_is_asked_for_where_nothing_was_heard_yet() -> None:
    with Sandbox(quota=100) as sandbox:
        sandbox.put_image("acme/app:1")
        client, reference = client_of(sandbox), sandbox.reference("acme/app:1")
        found = client.quota(reference)
        assert found is not None
        assert (found.limit, found.remaining) == (100, 100)
        client.get_manifest(reference)
        left = client.quota(reference)
        assert left is not None
        assert left.remaining == 99
        assert sandbox.counters.by_selector(Action.MANIFEST_HEAD).total() == 1
