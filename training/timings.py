"""Milliseconds a call of each shipped graph costs on one thread, alone and in batches.

    python training/timings.py                  # every graph in onnx/
    python training/timings.py onnx/digits-gan  # one model
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np

import export
from run import say

BATCHES = (1, 8, 16)
REPEATS = 300


def milliseconds(path: Path, batch: int) -> float:
    """Median of calls with random inputs; zeros would flatter a graph whose values then vanish."""
    run, random = export.session(path), np.random.default_rng(0)
    feed = {}
    for tensor in run.get_inputs():
        shape = (batch, *tensor.shape[1:])
        whole = tensor.type == "tensor(int64)"
        feed[tensor.name] = np.zeros(shape, np.int64) if whole else random.standard_normal(shape, np.float32)
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        run.run(None, feed)
        times.append(time.perf_counter() - began)
    return 1e3 * statistics.median(times)


if __name__ == "__main__":
    folders = [Path(name) for name in sys.argv[1:]] or sorted((Path(__file__).parent.parent / "onnx").iterdir())
    for path in sorted(path for folder in folders for path in folder.glob("*.onnx")):
        costs = "  ".join(f"batch {batch}: {milliseconds(path, batch):.3f} ms" for batch in BATCHES)
        say(f"{path.parent.name}/{path.name}  {costs}")
