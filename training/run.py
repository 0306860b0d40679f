"""The one training loop: batches by step number, progress, checkpoints that survive, resume.

Everything that a step draws comes from (seed, step), so a run that was killed and resumed equals one that
was not. Checkpoints lie outside the checkout, in ${ATELIER_RUNS:-~/.cache/atelier/runs}/MODEL, and hold the
config beside the weights.
"""

import dataclasses
import os
import sys
import time
import tomllib
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent


def load_config(kind: type, model: str, **overrides):
    """Read configs/MODEL.toml into its dataclass; a key that the dataclass lacks is refused."""
    values = tomllib.loads((HERE / "configs" / f"{model}.toml").read_text()) | overrides
    known = {field.name for field in dataclasses.fields(kind)}
    if unknown := sorted(values.keys() - known):
        raise SystemExit(f"configs/{model}.toml: unknown key {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    return kind(**values)


def run_dir(model: str) -> Path:
    path = Path(os.environ.get("ATELIER_RUNS", "~/.cache/atelier/runs")).expanduser() / model
    path.mkdir(parents=True, exist_ok=True)
    return path


def began(model: str) -> bool:
    """Whether there is a checkpoint to go on from."""
    return (run_dir(model) / "checkpoint.pt").exists()


def saved(model: str) -> dict:
    """The parts of another model's last checkpoint, to start from."""
    path = run_dir(model) / "checkpoint.pt"
    if not path.exists():
        raise SystemExit(f"{path} is missing: make train MODEL={model} first")
    return torch.load(path, weights_only=True)["parts"]


def threads() -> None:
    """One thread unless told: two trainings, each on a core, get further than one on both."""
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", 1)))
    torch.set_flush_denormal(True)


class Batches:
    """Shuffled epochs, addressed by step."""

    def __init__(self, count: int, size: int, seed: int):
        self.count, self.size, self.seed = count, min(size, count), seed
        self.per_epoch = count // self.size

    def __call__(self, step: int) -> np.ndarray:
        epoch, position = divmod(step, self.per_epoch)
        order = np.random.default_rng((self.seed, epoch)).permutation(self.count)
        return order[position * self.size : (position + 1) * self.size]


class Average:
    """Exponential moving average of a network's weights, with a warm-up so that early steps weigh little."""

    def __init__(self, network: torch.nn.Module, decay: float):
        self.decay, self.step = decay, 0
        self.weights = {name: value.detach().clone() for name, value in network.state_dict().items()}

    @torch.no_grad()
    def update(self, network: torch.nn.Module) -> None:
        self.step += 1
        decay = min(self.decay, (1 + self.step) / (10 + self.step))
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                self.weights[name].lerp_(value, 1 - decay)
            else:
                self.weights[name].copy_(value)

    def state_dict(self) -> dict:
        return {"step": self.step, "weights": self.weights}

    def load_state_dict(self, state: dict) -> None:
        self.step, self.weights = state["step"], state["weights"]


def train(model: str, trainer, steps: int, seed: int, checkpoint_seconds: float = 60) -> None:
    """Call trainer.step(n) until `steps`, resuming from the last checkpoint.

    A trainer has `config`, `parts` (name -> anything with a state_dict) and `step(n) -> {name: number}`.
    """
    path = run_dir(model) / "checkpoint.pt"
    config = dataclasses.asdict(trainer.config)
    start = 0
    if path.exists():
        saved = torch.load(path, weights_only=True)
        if saved["config"] | {"steps": 0} != config | {"steps": 0}:  # more steps are the same run, longer
            raise SystemExit(f"{path} was trained with another config: move it away to begin again")
        for name, part in trainer.parts.items():
            part.load_state_dict(saved["parts"][name])
        start = saved["step"]
        say(f"{model}: checkpoint of step {start}")

    def save(step: int) -> None:
        parts = {name: part.state_dict() for name, part in trainer.parts.items()}
        torch.save({"config": config, "step": step, "parts": parts}, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    began = saved_at = told_at = time.monotonic()
    sums: dict[str, float] = {}
    since = 0
    for step in range(start, steps):
        torch.manual_seed(seed * 1_000_003 + step)
        for name, value in trainer.step(step).items():
            sums[name] = sums.get(name, 0.0) + float(value)
        since += 1
        now = time.monotonic()
        if now - told_at > 10 or step + 1 == steps:
            rate = (step + 1 - start) / (now - began)
            numbers = "  ".join(f"{name} {value / since:.4f}" for name, value in sums.items())
            left = (steps - step - 1) / rate / 60
            say(f"{model}: step {step + 1}/{steps}  {numbers}  {rate:.1f} steps/s  {left:.1f} min left")
            told_at, sums, since = now, {}, 0
        if now - saved_at > checkpoint_seconds:
            save(step + 1)
            saved_at = now
    if start < steps:
        save(steps)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
