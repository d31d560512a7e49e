"""The page of faults says what the tests of faults see."""

from __future__ import annotations

import re

from tests.fixtures.building import ROOT
from tests.fixtures.faults import Kind
from tests.run.test_faults import SOURCE, TARGET

_END = re.compile(r"([14]) (`[a-z0-9-]+`(?:, `[a-z0-9-]+`)*)")
# Those that have no exit code of their own, and tests beside the thing that they are about.
ELSEWHERE = {Kind.REDIRECT_PLAIN, Kind.NO_SUBJECT}


def ends() -> dict[str, set[int]]:
    """The exit codes that the page gives for each error's code, where a fault stays."""
    found: dict[str, set[int]] = {}
    for line in (ROOT / "docs/faults.md").read_text().splitlines():
        if ended := _END.match(line.rstrip(" |").rpartition("| ")[2]):
            for code in re.findall(r"`([a-z0-9-]+)`", ended[2]):
                found.setdefault(code, set()).add(int(ended[1]))
    return found


def test_each_end_of_a_run_is_told() -> None:
    told = ends()
    assert len(told) > 10
    for case in (*SOURCE, *TARGET):
        assert not case.code or case.exit in told[case.code], case.name


def test_each_fault_of_the_sandbox_is_met() -> None:
    met = {fault.kind for case in (*SOURCE, *TARGET) for fault in case.faults}
    assert met | ELSEWHERE == set(Kind)
