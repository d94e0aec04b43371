"""``manage.py install_checkpoint``: from the operator's files to an engine that can be loaded."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import torch
from django.core.management import CommandError, call_command
from torch import Tensor

from ml import weights
from ml.tryon import registry
from ml.tryon.engine import Ready, Unusable
from ml.tryon.filled import weights_like
from ml.tryon.flow_style.engine import FlowStyle
from ml.tryon.reference import build

FLOW = registry.get("flow_style")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OTBANG_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def install(*args: Any, **options: Any) -> tuple[str, str]:
    """What it said, and its progress."""
    out, err = io.StringIO(), io.StringIO()
    call_command("install_checkpoint", *map(str, args), stdout=out, stderr=err, **options)
    return " ".join(out.getvalue().split()), err.getvalue()


def saved(folder: Path, network: str, name: str, change: dict[str, Tensor] | None = None) -> Path:
    with torch.device("meta"):
        module = build(network)
    path = folder / name
    torch.save({**weights_like(module.state_dict()), **(change or {})}, path)
    return path


def test_from_files_to_an_engine_that_loads(tmp_path: Path, home: Path) -> None:
    files = [
        saved(tmp_path, "flow_style/warp", "PFAFN_warp_epoch_101.pth"),
        saved(tmp_path, "flow_style/gen", "renamed.pth", {"module.extra": torch.zeros(2)}),
    ]
    said, progress = install("flow_style", *files, allow_unknown=True)
    assert "flow_style/warp: PFAFN_warp_epoch_101.pth (unknown file, allowed" in said
    assert "flow_style/gen: renamed.pth" in said
    assert "left out 1 tensors" in said
    assert "CC BY-NC-SA 4.0" in said
    assert "stays off: its licence" in said
    assert "100%" in progress
    assert isinstance(registry.check(FLOW), Unusable)
    said, _ = install("flow_style", accepted=True)
    assert "flow_style is ready" in said
    assert registry.check(FLOW) == Ready()
    assert isinstance(FLOW.load("cpu"), FlowStyle)
    assert "licensed" not in install("flow_style")[0], "accepted once"


def test_one_bad_file_and_nothing_is_installed(tmp_path: Path, home: Path) -> None:
    good = saved(tmp_path, "flow_style/warp", "warp.pth")
    bad = tmp_path / "gen.pth"
    bad.write_bytes(good.read_bytes()[:-5000])
    with pytest.raises(CommandError, match=r"gen\.pth is damaged"):
        install("flow_style", good, bad, allow_unknown=True)
    with pytest.raises(CommandError, match="are both flow_style/warp"):
        install("flow_style", good, good, allow_unknown=True)
    with pytest.raises(CommandError, match="nearest to viton_hd"):
        install("viton_hd", good, allow_unknown=True)
    with pytest.raises(CommandError, match="no such file"):
        install("flow_style", tmp_path / "nothing.pth")
    assert not (home / "weights").exists()


def test_without_files_it_says_what_is_missing() -> None:
    said, _ = install("viton_hd")
    assert "seg_final.pth gmm_final.pth alias_final.pth" in said


def test_an_operator_who_says_no_keeps_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _question: "no")
    install("hr_viton")
    assert not weights.acknowledged("hr_viton")
    monkeypatch.setattr("builtins.input", lambda _question: "Yes")
    install("hr_viton")
    assert weights.acknowledged("hr_viton")
