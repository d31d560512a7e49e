from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_it_measures_files_with_and_without_hints(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text("apiVersion: v1\nkind: Pod\nspec: {containers: [{image: nginx}]}\n")
    command = [sys.executable, "tools/bench_scan", "--tree", str(tmp_path), "--files", "10"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    names = [line.split("|")[1].strip() for line in done.stdout.splitlines()]
    assert names == ["tree", "---", "no hint", "copies", "one workshop"]
