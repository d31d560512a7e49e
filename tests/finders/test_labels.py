"""There are enough labelled cases where public workshops have few."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.finders.cases import load

LABELS = Counter(label.context for case in load() for label in case.labels)


@pytest.mark.parametrize(
    "context",
    [
        *("helm-values", "helm-oci", "zot-sync-rule", "compose", "custom-resource", "pod-spec", "shell-command"),
        *("instructions-command", "dockerfile-from", "dockerfile-copy-from", "other"),
    ],
)
def test_each_context_has_at_least_twenty_labels(context: str) -> None:
    assert LABELS[context] >= 20
