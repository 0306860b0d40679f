#!/usr/bin/env python3
"""Measure what it takes to enlarge images by four with a net of 600,000 parameters, in tiles.

    benches/tiles.py target/release/atelier            both figures; needs onnx, numpy and Pillow
    benches/tiles.py target/release/atelier memory     images of any size within a small memory budget
    benches/tiles.py target/release/atelier callers    64 callers at once: rows that share a call, and their bits

The net has random weights: sixteen convolutions of 64 channels (one for the callers, who would wait for minutes) and
a shuffle of pixels, sides open.
"""

import base64
import io
import json
import re
import sys
import tempfile
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from holds import Service
from PIL import Image

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(CHECKOUT / "tests/exports"), str(CHECKOUT / "tests/fixtures")]
from graphs import conv, picture  # noqa: E402
from make import Graph  # noqa: E402

BUDGET_MIB = 1024
CALLERS = 64
MANIFEST = """\
schema = 1
family = "upscale"
title = "Four times as large"
picture = { layout = "nchw", range = "0..1", channels = 3 }
graphs = { upscaler = { file = "x4.onnx" } }
"""


def main() -> None:
    binary = Path(sys.argv[1]).resolve()
    wanted = sys.argv[2:] or ["memory", "callers"]
    with tempfile.TemporaryDirectory() as place:
        models = Path(place)
        (models / "x4").mkdir()
        (models / "x4/model.toml").write_text(MANIFEST)
        for name, layers, measure in [("memory", 16, memory), ("callers", 1, callers)]:
            if name in wanted:
                print(f"a net of {net(models / 'x4/x4.onnx', layers):,} parameters")
                measure(binary, models)


def net(path: Path, layers: int) -> int:
    graph = Graph()
    maps = graph.node("Relu", conv(graph, graph.input("image", ["N", 3, "H", "W"]), 3, 64, seed=1, scale=1.0))
    for layer in range(layers):
        more = graph.node("Relu", conv(graph, maps, 64, 64, seed=2 + layer, scale=0.5))
        maps = graph.node("Add", maps, more)
    large = graph.node("DepthToSpace", graph.node("Sigmoid", conv(graph, maps, 64, 48, seed=40, scale=0.2)), blocksize=4)
    graph.output("larger", large, ["N", 3, "H4", "W4"])
    path.write_bytes(graph.model().SerializeToString())
    return sum(int(np.prod(weight.dims)) for weight in graph.weights)


def memory(binary: Path, models: Path) -> None:
    """The most that the process ever held, by the kernel's count, for images of growing size."""
    service = Service(binary, "--memory-mib", str(BUDGET_MIB), "--deadline-seconds", "600", models=models)
    print(f"memory budget {BUDGET_MIB} MiB; resident when idle {service.memory():.0f} MiB")
    for width, height in [(256, 256), (512, 512), (1024, 768), (2048, 2048)]:
        started = time.monotonic()
        status, answer = ask(service, picture(height, width, 3), format="jpeg")
        took = time.monotonic() - started
        said = answer["images"][0]["width"] if status == 200 else answer.get("detail", answer)
        print(f"  {width} x {height}: {status} ({said}) in {took:.1f} s; at most {service.memory('VmHWM'):.0f} MiB")
    service.process.kill()


def callers(binary: Path, models: Path) -> None:
    """Each asks for an image of its own, alone and then with all the others."""
    service = Service(binary, "--deadline-seconds", "600", "--queue", "1024", models=models)
    images = [picture(190 + at, 200 + at % 7, 3) for at in range(CALLERS)]
    alone = [ask(service, image)[1]["images"][0]["b64"] for image in images]
    before = rows(service)
    started = time.monotonic()
    with ThreadPoolExecutor(CALLERS) as pool:
        together = list(pool.map(lambda image: ask(service, image)[1]["images"][0]["b64"], images))
    took = time.monotonic() - started
    after = rows(service)
    calls, done = after[0] - before[0], after[1] - before[1]
    same = sum(pixels(a) == pixels(b) for a, b in zip(alone, together, strict=True))
    print(f"{CALLERS} callers: {done:.0f} tiles in {calls:.0f} calls, {done / max(calls, 1):.2f} rows a call, in {took:.1f} s")
    print(f"  alone: {before[1]:.0f} tiles in {before[0]:.0f} calls, {before[1] / max(before[0], 1):.2f} rows a call")
    print(f"  {same} of {CALLERS} images have the bits that they have alone")
    service.process.kill()


def ask(service: Service, image: np.ndarray, **more) -> tuple[int, dict]:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    body = {"model": "x4", "scale": 4, "image": base64.b64encode(file.getvalue()).decode(), "deadline_ms": 600_000, **more}
    request = urllib.request.Request(
        f"http://127.0.0.1:{service.port}/generate", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=900) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def pixels(file: str) -> bytes:
    return Image.open(io.BytesIO(base64.b64decode(file))).tobytes()


def rows(service: Service) -> tuple[float, float]:
    """Calls of the graph so far, and rows in them."""
    with urllib.request.urlopen(f"http://127.0.0.1:{service.admin}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = [re.search(rf"^atelier_batch_rows_{kind}(?:{{[^}}]*}})? (\S+)", text, re.MULTILINE) for kind in ("count", "sum")]
    return tuple(float(one.group(1)) if one else 0.0 for one in found)


if __name__ == "__main__":
    main()
