"""The training loop of every network: seeded by step, budgeted in time or steps, resumable, averaged."""

from __future__ import annotations

import copy
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from training.optimizer import make_optimizers


@dataclass(frozen=True)
class Plan:
    """How one network is trained. The budget is `steps`, or `minutes` where steps is None."""

    lr: float
    minutes: float = 0.0
    steps: int | None = None
    warmup_steps: int = 50
    flat_share: float = 0.3
    ema_decay: float = 0.998
    muon: bool = True
    clip_norm: float = 1.0
    seed: int = 1
    save_seconds: float = 120.0
    bf16: bool = False


class Chance:
    """All randomness of one step: numpy and torch generators that depend on seed and step alone."""

    def __init__(self, seed: int, step: int, device: torch.device | str = "cpu") -> None:
        self.numpy = np.random.default_rng((seed, step))
        self.torch = torch.Generator(device).manual_seed(int(self.numpy.integers(2**62)))

    def normal_like(self, x: Tensor) -> Tensor:
        """Unit Gaussian noise of the shape of x."""
        return torch.randn(x.shape, generator=self.torch, device=x.device)


class Average:
    """Exponential moving average of a module's parameters, quicker while young."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.module = copy.deepcopy(module).requires_grad_(False).eval()
        self.decay = decay

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        """Move towards the module; decay grows with the step as (1 + n) / (10 + n)."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for mine, its in zip(self.module.parameters(), module.parameters(), strict=True):
            mine.lerp_(its.detach(), 1 - decay)


def learning_rate(plan: Plan, step: int, progress: float) -> float:
    """Linear warm-up, flat for a share of the budget, then a cosine fall to 1 % of the peak."""
    warm = min(1.0, (step + 1) / plan.warmup_steps)
    fall = min(1.0, max(0.0, (progress - plan.flat_share) / (1 - plan.flat_share)))
    return plan.lr * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * fall)))


def save_state(path: Path, state: dict[str, object]) -> None:
    """Write a training state so that an interruption leaves the previous one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".tmp")
    torch.save(state, fresh)
    os.replace(fresh, path)


class Training:
    """One network in training: what the loop keeps between two calls."""

    def __init__(self, module: nn.Module, plan: Plan, path: Path) -> None:
        self.module, self.plan, self.path = module, plan, path
        self.average = Average(module, plan.ema_decay)
        self.optimizers = make_optimizers(module, plan.lr, muon=plan.muon)
        self.step, self.seconds = 0, 0.0

    def resume(self) -> bool:
        """Load the state file if there is one."""
        if not self.path.exists():
            return False
        state = torch.load(self.path, weights_only=True, map_location="cpu")
        self.module.load_state_dict(state["module"])
        self.average.module.load_state_dict(state["average"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.step, self.seconds = state["step"], state["seconds"]
        return True

    def save(self) -> None:
        """Write everything that `resume` needs."""
        state = {
            "module": self.module.state_dict(),
            "average": self.average.module.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "step": self.step,
            "seconds": self.seconds,
        }
        save_state(self.path, state)

    @property
    def progress(self) -> float:
        """Share of the budget that is spent."""
        if self.plan.steps is not None:
            return self.step / self.plan.steps
        return self.seconds / (60 * self.plan.minutes)

    def take_step(self, loss_of: Callable[[Chance], Tensor]) -> float:
        """Do one optimizer step; returns the loss."""
        rate = learning_rate(self.plan, self.step, self.progress)
        device = next(self.module.parameters()).device
        with torch.autocast(device.type, torch.bfloat16, enabled=self.plan.bf16):
            loss = loss_of(Chance(self.plan.seed, self.step, device))
        loss.backward()
        nn.utils.clip_grad_norm_(self.module.parameters(), self.plan.clip_norm)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self.average.update(self.module, self.step)
        return loss.item()

    def run(self, loss_of: Callable[[Chance], Tensor], until_step: int | None = None) -> None:
        """Train until the budget (or a step) is reached, saving and printing now and then."""
        self.module.train()
        losses: list[float] = []
        printed = saved = time.monotonic()
        while self.progress < 1 and (until_step is None or self.step < until_step):
            begun = time.monotonic()
            losses.append(self.take_step(loss_of))
            now = time.monotonic()
            self.seconds += now - begun
            if now - printed > 20:
                mean = float(np.mean(losses))
                print(f"step {self.step}  {self.seconds / 60:.1f} min  loss {mean:.4f}", flush=True)
                losses, printed = [], now
            if now - saved > self.plan.save_seconds:
                self.save()
                saved = now
        self.save()
