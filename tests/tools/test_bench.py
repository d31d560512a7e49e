"""`make bench`, on its smallest set."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_it_measures_seeder_and_says_what_arrived(skopeo: str, tmp_path: Path) -> None:
    command = [sys.executable, "tools/bench", "--runs", "1", "--sets", "multi", "--phases", "warm", "--peers", "seeder"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [*command, "--scratch", str(tmp_path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "## multi, warm" in ran.stdout
    (row,) = [line for line in ran.stdout.splitlines() if line.startswith("| seeder |")]
    *_, memory, pulls, _twice, _requests, right, _ = (cell.strip() for cell in row.split("|"))
    assert (pulls, right) == ("0", "12 of 12")
    assert int(memory) > 0
