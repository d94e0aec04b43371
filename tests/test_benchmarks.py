"""The benchmark runs and its figures add up."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def test_it_measures_three_regions_against_a_baseline() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--repeat", "1", "--json"],
        cwd=Path(__file__).resolve().parents[1],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    tables = json.loads(done.stdout)
    assert set(tables) == {"upper", "lower", "dress"}
    for table in tables.values():
        assert (table["width"], table["height"]) == (768, 1024)
        assert {"annotate garment", "warp", "compose", "encode"} <= set(table["seconds"])
        assert 0 < table["naive"] < table["total"]
