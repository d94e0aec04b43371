"""The benchmark runs and its figures add up."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.engines import INPUTS


def test_engines_are_measured_on_both_paths() -> None:
    command = [sys.executable, "-m", "benchmarks.engines", "flow_style"]
    done = subprocess.run(
        [*command, "--rounds", "1", "--repeat", "1", "--json"],
        cwd=Path(__file__).resolve().parents[1],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    paths = json.loads(done.stdout)["flow_style"]
    assert set(paths) == {"plain", "fast", "cached"}
    assert paths["plain"]["difference"] == 0
    assert all(about["difference"] < 1e-3 for about in paths.values())


def test_every_engine_finds_something_to_measure_with() -> None:
    for engine, folder in INPUTS.items():
        names = {path.stem for path in folder.iterdir()}
        assert {"cloth", "cloth_mask"} <= names, engine


def test_the_student_is_measured_beside_its_teacher() -> None:
    command = [sys.executable, "-m", "benchmarks.student", "--rounds", "1", "--repeat", "1"]
    done = subprocess.run(
        [*command, "--json"],
        cwd=Path(__file__).resolve().parents[1],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    for engine in ("drape", "student"):
        assert all(told[engine][step] > 0 for step in ("person", "garment", "live", "megabytes"))
    assert told["student"]["parameters"] < 8e6
    assert told["student"]["mib_fp16"] < 16


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
        assert {"annotate person", "annotate garment", "warp", "compose", "encode"} <= set(
            table["seconds"]
        )
        assert 0 < table["naive"] < table["total"]
