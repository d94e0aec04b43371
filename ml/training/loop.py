"""One training loop for every network here: gradient steps, averaged weights, resumable.

Interface (the garment annotator uses it too)::

    plan = Plan(steps=5000, rate=2e-3)
    averaged = train(network, plan, part, out, resume=True, check=check)

``part(network, step, worker, progress) -> {"name": loss, ...}`` makes its own share of one step's
batch and returns named losses (scalars with gradients; their sum is minimised). ``worker`` counts
0 .. plan.workers - 1: every worker is a thread with one CPU thread and its own replica that shares
the parameters, because threads inside each operation wait for one another all the time on a
shared machine. Everything random in ``part`` must come from ``(seed, step, worker)``: then a
resumed run continues exactly where the stopped one was, without any state of the data.
``progress`` is 0..1: steps done / plan.steps, or minutes spent / plan.minutes if that is further.
``check(averaged network in eval mode, step, progress) -> {"figure": float, ...}`` runs every
``plan.check_every`` of the progress and at the end; its figures go to ``log.jsonl``.

OUT gets ``checkpoint.pt`` (network, average, optimiser, random state, step, minutes) and
``log.jsonl``. Stopping is always safe: a checkpoint is replaced at once, never half written.
"""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

Part = Callable[[Any, int, int, float], Mapping[str, Tensor]]
Check = Callable[[Any, int, float], Mapping[str, float]]
CHECKPOINT = "checkpoint.pt"
LOG = "log.jsonl"


@dataclass(frozen=True, slots=True)
class Plan:
    """How to optimise. ``minutes``: also end after so much time, the schedule squeezed to fit."""

    steps: int
    rate: float = 2e-3
    minutes: float | None = None
    weight_decay: float = 0.05
    warm_up: float = 0.03  # share of the progress
    last_rate: float = 0.01  # of ``rate``, reached by a cosine
    average: float = 0.998  # of the averaged weights kept per step
    clip: float = 5.0  # largest norm of the gradient
    workers: int = 2
    bf16: bool = True  # where the device computes in it; emulated it is ten times slower
    save_minutes: float = 3.0
    check_every: float = 0.1
    seed: int = 0


def rate_at(plan: Plan, progress: float) -> float:
    """The learning rate: linear warm-up, then half a cosine."""
    if progress < plan.warm_up:
        return plan.rate * max(progress / plan.warm_up, 0.02)
    along = min((progress - plan.warm_up) / max(1 - plan.warm_up, 1e-9), 1.0)
    low = plan.last_rate
    return plan.rate * (low + (1 - low) * 0.5 * (1 + math.cos(math.pi * along)))


def train(
    network: nn.Module,
    plan: Plan,
    part: Part,
    out: Path,
    *,
    resume: bool = False,
    check: Check | None = None,
    device: torch.device | str = "cpu",
    stop_after: int | None = None,
) -> nn.Module:
    """Train ``network`` in place; returns the averaged network in eval mode.

    ``stop_after``: end early after so many steps of this run (the checkpoint is kept).
    """
    device = torch.device(device)
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(plan.seed)
    run = _Run(network.to(device), plan, out, device)
    if resume and (out / CHECKPOINT).exists():
        run.restore()
    threads = torch.get_num_threads()
    try:
        run.go(part, check, stop_after)
    finally:
        torch.set_num_threads(threads)
    return run.average.eval()


class _Run:
    def __init__(self, network: nn.Module, plan: Plan, out: Path, device: torch.device) -> None:
        self.network, self.plan, self.out, self.device = network.train(), plan, out, device
        self.average = copy.deepcopy(network).eval().requires_grad_(False)
        self.optimiser = torch.optim.AdamW(_groups(network, plan), plan.rate, fused=True)
        self.step, self.minutes = 0, 0.0
        self.replicas = [network]
        for _ in range(plan.workers - 1):
            replica = copy.deepcopy(network)
            for shared, own in zip(network.parameters(), replica.parameters(), strict=True):
                own.data = shared.data
            self.replicas.append(replica)

    @property
    def progress(self) -> float:
        done = self.step / self.plan.steps
        if self.plan.minutes is not None:
            done = max(done, self.minutes / self.plan.minutes)
        return min(done, 1.0)

    def go(self, part: Part, check: Check | None, stop_after: int | None) -> None:
        plan, first = self.plan, self.step
        saved = began = time.monotonic()
        before, checked = self.minutes, self.progress
        shown: dict[str, float] = {}
        bar = tqdm(total=100.0, initial=round(100 * self.progress, 2), bar_format=_BAR)
        with ThreadPoolExecutor(plan.workers, initializer=_one_thread) as pool:
            while self.progress < 1 and (stop_after is None or self.step - first < stop_after):
                for name, value in self._one_step(part, pool).items():
                    shown[name] = 0.98 * shown.get(name, value) + 0.02 * value
                self.step += 1
                now = time.monotonic()
                self.minutes = before + (now - began) / 60
                bar.update(round(100 * self.progress, 2) - bar.n)
                bar.set_postfix_str(
                    f"step {self.step} " + " ".join(f"{k} {v:.3f}" for k, v in shown.items())
                )
                ended = self.progress >= 1
                if now - saved > 60 * plan.save_minutes or ended:
                    self.save()
                    saved = now
                if check is not None and (
                    ended or self.progress - checked >= plan.check_every - 1e-9
                ):
                    checked = self.progress
                    figures = check(self.average.eval(), self.step, self.progress)
                    self._log({**shown, **figures})
        self.save()
        bar.close()

    def _one_step(self, part: Part, pool: ThreadPoolExecutor) -> dict[str, float]:
        progress = self.progress
        for group in self.optimiser.param_groups:
            group["lr"] = rate_at(self.plan, progress)

        mixed = self.plan.bf16 and computes_in_bf16(self.device)

        def work(worker: int) -> dict[str, float]:
            replica = self.replicas[worker]
            replica.zero_grad(set_to_none=True)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=mixed):
                losses = part(replica, self.step, worker, progress)
            total = torch.stack([value.float() for value in losses.values()]).sum()
            torch.autograd.backward(total)
            return {name: float(value.detach()) for name, value in losses.items()}

        results = list(pool.map(work, range(self.plan.workers)))
        shares = [[p.grad for p in replica.parameters()] for replica in self.replicas]
        grads = [grad for grad in shares[0] if grad is not None]
        for share in shares[1:]:
            torch._foreach_add_(grads, [grad for grad in share if grad is not None])
        torch._foreach_div_(grads, float(len(shares)))
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.plan.clip)
        self.optimiser.step()
        self._follow()
        return {name: sum(r[name] for r in results) / len(results) for name in results[0]}

    @torch.no_grad()
    def _follow(self) -> None:
        """The average follows faster in the beginning, when old weights are worth nothing."""
        keep = min(self.plan.average, (1 + self.step) / (10 + self.step))
        ours, theirs = [], []
        new = self.network.state_dict()
        for name, value in self.average.state_dict().items():
            if value.is_floating_point():
                ours.append(value)
                theirs.append(new[name])
            else:
                value.copy_(new[name])
        torch._foreach_lerp_(ours, theirs, 1 - keep)

    def save(self) -> None:
        partial = self.out / f"{CHECKPOINT}.partial"
        torch.save(
            {
                "replicas": [replica.state_dict() for replica in self.replicas],
                "average": self.average.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "random": torch.get_rng_state(),
                "step": self.step,
                "minutes": self.minutes,
            },
            partial,
        )
        partial.replace(self.out / CHECKPOINT)

    def restore(self) -> None:
        state = torch.load(self.out / CHECKPOINT, map_location=self.device, weights_only=True)
        for replica, stored in zip(self.replicas, state["replicas"], strict=True):
            replica.load_state_dict(stored)
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        for group in self.optimiser.param_groups:
            group["fused"], group["foreach"] = True, None
        torch.set_rng_state(state["random"].cpu())
        self.step, self.minutes = state["step"], state["minutes"]

    def _log(self, figures: Mapping[str, float]) -> None:
        entry: dict[str, float] = {"step": self.step, "minutes": round(self.minutes, 1)}
        entry |= {name: round(value, 5) for name, value in figures.items()}
        with (self.out / LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps(entry) + "\n")


_BAR = "{percentage:5.1f}%|{bar:20}| {elapsed}<{remaining} {postfix}"


def computes_in_bf16(device: torch.device) -> bool:
    """Whether bfloat16 is something ``device`` does itself (a CPU with AVX-512 BF16 or AMX)."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    can = torch.cpu.get_capabilities()
    return bool(can.get("avx512_bf16") or can.get("amx_bf16"))


def _one_thread() -> None:
    torch.set_num_threads(1)


def _groups(network: nn.Module, plan: Plan) -> list[dict[str, Any]]:
    """Weights decay; biases and norms do not."""
    decayed = [p for p in network.parameters() if p.dim() > 1]
    free = [p for p in network.parameters() if p.dim() <= 1]
    return [
        {"params": decayed, "weight_decay": plan.weight_decay},
        {"params": free, "weight_decay": 0.0},
    ]
