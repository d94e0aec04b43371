"""The training loop: learns, resumes exactly, spends its time as planned."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from ml.training.loop import CHECKPOINT, LOG, Plan, rate_at, train


def _network() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))


def _part(network: nn.Module, step: int, worker: int, progress: float) -> Mapping[str, Tensor]:
    """Learn the sum of three numbers; the batch is its step and worker."""
    random = torch.Generator().manual_seed(1000 * step + worker)
    values = torch.randn(16, 3, generator=random)
    found = network(values)
    return {"sum": (found[:, 0].float() - values.sum(1)).square().mean()}


def _plan(steps: int = 40, **changes: object) -> Plan:
    return Plan(steps=steps, rate=0.02, average=0.9, bf16=False, **changes)  # type: ignore[arg-type]


def _error(network: nn.Module) -> float:
    values = torch.randn(64, 3, generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        return float((network(values)[:, 0] - values.sum(1)).square().mean())


def test_learns(tmp_path: Path) -> None:
    before = _error(_network().eval())
    averaged = train(_network(), _plan(150), _part, tmp_path)
    assert not averaged.training
    assert _error(averaged) < 0.2 * before


def test_resumed_run_ends_where_an_unbroken_one_does(tmp_path: Path) -> None:
    whole = train(_network(), _plan(), _part, tmp_path / "whole")
    train(_network(), _plan(), _part, tmp_path / "broken", stop_after=17)
    steps: list[int] = []

    def noting(network: nn.Module, step: int, worker: int, progress: float) -> Mapping[str, Tensor]:
        steps.append(step)
        return _part(network, step, worker, progress)

    resumed = train(_network(), _plan(), noting, tmp_path / "broken", resume=True)
    assert min(steps) == 17
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_without_resume_starts_anew(tmp_path: Path) -> None:
    train(_network(), _plan(5), _part, tmp_path)
    train(_network(), _plan(5), _part, tmp_path, stop_after=1)
    assert torch.load(tmp_path / CHECKPOINT, weights_only=True)["step"] == 1


def test_workers_share_their_weights_and_average_their_gradients(tmp_path: Path) -> None:
    linear = nn.Linear(3, 1)
    torch.nn.init.zeros_(linear.weight)
    seen: dict[int, Tensor] = {}

    def part(network: nn.Module, step: int, worker: int, progress: float) -> Mapping[str, Tensor]:
        seen[worker] = network.weight.detach().clone()  # type: ignore[union-attr,operator]
        return {"loss": (worker * 2 - 1) * network(torch.ones(1, 3)).sum()}

    train(linear, _plan(3, weight_decay=0.0), part, tmp_path)
    assert torch.equal(seen[0], seen[1])
    assert torch.equal(linear.weight, torch.zeros(1, 3))  # +1 and -1 cancel


def test_checks_are_logged_with_the_losses(tmp_path: Path) -> None:
    train(_network(), _plan(20), _part, tmp_path, check=lambda *_: {"figure": 0.5})
    entries = [json.loads(line) for line in (tmp_path / LOG).read_text().splitlines()]
    assert entries[-1]["step"] == 20
    assert entries[-1]["figure"] == 0.5
    assert "sum" in entries[-1]
    assert len(entries) == 10


def test_minutes_end_a_long_plan(tmp_path: Path) -> None:
    train(_network(), _plan(10**6, minutes=0.01), _part, tmp_path)
    assert torch.load(tmp_path / CHECKPOINT, weights_only=True)["step"] < 10**6


@pytest.mark.parametrize(("progress", "share"), [(0.03, 1.0), (1.0, 0.01), (0.0, 0.02)])
def test_rate_warms_up_and_falls(progress: float, share: float) -> None:
    assert rate_at(_plan(), progress) == pytest.approx(0.02 * share)
