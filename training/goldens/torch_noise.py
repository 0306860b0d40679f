"""Write tests/goldens/torch_noise.json: the random numbers that `families::noise` must repeat.

    pip install torch==2.15.0 numpy
    python training/goldens/torch_noise.py

Each case is one generator and the calls made on it in order, so that what one call leaves behind for
the next (the cached second normal of the short path) is part of the test. Of a long draw only the
first 24 and the last 24 values are kept, with the sum of all.
"""

import json
from pathlib import Path

import torch

OUT = Path(__file__).resolve().parents[2] / "tests" / "goldens" / "torch_noise.json"
KEPT = 24


def digest(values: torch.Tensor) -> dict:
    values = values.flatten()
    n = values.numel()
    short = n <= 2 * KEPT
    head = values if short else values[:KEPT]
    tail = values[n:] if short else values[n - KEPT :]
    return {
        "count": n,
        "sum": float(values.double().sum()),
        "head": [float(f"{v:.9g}") for v in head.tolist()],
        "tail": [float(f"{v:.9g}") for v in tail.tolist()],
    }


def truncated(generator: torch.Generator, n: int, bound: float) -> torch.Tensor:
    values = torch.randn(n, generator=generator)
    while (outside := values.abs() > bound).any():
        values[outside] = torch.randn(int(outside.sum()), generator=generator)
    return values


def draw(generator: torch.Generator, kind: str, n: int) -> torch.Tensor:
    if kind == "normal":
        return torch.randn(n, generator=generator)
    if kind == "uniform":
        return torch.rand(n, generator=generator)
    if kind == "uniform_f64":
        return torch.rand(n, generator=generator, dtype=torch.float64)
    if kind == "truncated":
        return truncated(generator, n, 1.0)
    raise ValueError(kind)


def main() -> None:
    sizes = [1, 5, 15, 16, 17, 31, 64, 100, 784, 1000]
    programs = [(seed, [("normal", n)]) for seed in (0, 42) for n in sizes]
    programs += [(2**32 + 7, [("normal", 20)]), (7, [("normal", 20)]), (2**64 - 1, [("normal", 3)])]
    programs += [
        # An odd short draw leaves a second normal behind, which a long draw must not disturb.
        (1, [("normal", 1), ("normal", 1), ("normal", 5), ("normal", 64), ("normal", 2)]),
        (2, [("normal", 3), ("uniform", 7), ("normal", 1), ("uniform_f64", 3), ("normal", 16)]),
        (3, [("uniform", 1000), ("normal", 17), ("normal", 17), ("uniform", 1)]),
        (4, [("truncated", 5), ("truncated", 100), ("normal", 1)]),
    ]
    cases = []
    for seed, calls in programs:
        generator = torch.Generator("cpu").manual_seed(seed)
        answers = [{"kind": kind, **digest(draw(generator, kind, n))} for kind, n in calls]
        cases.append({"seed": str(seed), "calls": answers})
    body = ",\n".join(json.dumps(case) for case in cases)
    OUT.write_text(f'{{"torch": "{torch.__version__}", "cases": [\n{body}\n]}}\n')
    print(f"{OUT}: {OUT.stat().st_size} bytes, {len(cases)} cases")


if __name__ == "__main__":
    main()
