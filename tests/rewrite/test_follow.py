"""A name that nothing pulls by itself changes with what pulls it."""

from __future__ import annotations

from msgspec.structs import replace

from seeder.model.catalog import TargetSettings
from seeder.model.occurrence import Occurrence, Puller
from seeder.rewrite.choose import choose
from seeder.rewrite.follow import follow
from tests.rewrite.cases import occurrence, rules

VALUE = occurrence("nginx:1.27", file="workshop.yaml", pulled_by=Puller.NONE)
RUN = occurrence("nginx:1.27", file="page.md", pulled_by=Puller.DOCKERD)
POD = occurrence("nginx:1.27", file="pod.yaml", pulled_by=Puller.KUBELET)
NODES_ALONE = TargetSettings(name="event", registry="registry.example.com", push="", reached_by=("kubelet",))


def outcome(*found: Occurrence) -> tuple[set[str], set[str]]:
    changes, left = follow(*choose(found, rules("nginx:1.27", target=NODES_ALONE)), NODES_ALONE)
    return {each.occurrence.file for each in changes}, {each.occurrence.file for each in left}


def test_it_changes_with_what_pulls_it() -> None:
    assert outcome(VALUE, POD) == ({"workshop.yaml", "pod.yaml"}, set())


def test_a_pull_by_a_variable_changes_with_the_value() -> None:
    by_variable = replace(POD, file="deploy.sh", rewritable=False, reason="the value of IMAGE stands elsewhere")
    assert outcome(VALUE, by_variable) == ({"workshop.yaml"}, {"deploy.sh"})


def test_a_value_is_not_changed_for_who_cannot_reach_the_target() -> None:
    by_variable = replace(RUN, file="deploy.sh", rewritable=False, reason="the value of IMAGE stands elsewhere")
    assert outcome(VALUE, by_variable) == (set(), {"workshop.yaml", "deploy.sh"})


def test_a_value_stays_where_the_place_that_pulls_it_gets_its_name_elsewhere() -> None:
    by_kustomize = replace(POD, file="base.yaml", rewritable=False, elsewhere=True, reason="kustomize finds it")
    assert outcome(VALUE, by_kustomize) == (set(), {"workshop.yaml", "base.yaml"})


def test_one_place_that_changes_is_enough() -> None:
    assert outcome(VALUE, POD, RUN) == ({"workshop.yaml", "pod.yaml"}, {"page.md"})


def test_it_stays_with_what_stays_and_that_alone_is_no_failure() -> None:
    assert outcome(VALUE, RUN) == (set(), {"workshop.yaml", "page.md"})
    _, left = follow(*choose([VALUE, RUN], rules("nginx:1.27", target=NODES_ALONE)), NODES_ALONE)
    assert {each.occurrence.file: each.fails for each in left} == {"workshop.yaml": False, "page.md": True}
