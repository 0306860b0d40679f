#!/usr/bin/env python3
"""Ask for all sorts of things for a long time, hang up now and then, and see that nothing is kept.

    benches/soak.py target/release/atelier [MINUTES]

At the end every permit is home, descriptors and threads are those of the beginning, and a straight line
through the memory of the second half climbs by less than a twentieth in an hour's time or by less than 8 MiB
over the run.
"""

import asyncio
import contextlib
import os
import random
import sys
import time
import urllib.request
from pathlib import Path

from holds import DIFFUSION, GAN, ask, serving

CALLERS = 12
REQUESTS = [
    ("/generate", GAN),
    ("/generate", GAN | {"n": 16}),
    ("/generate", GAN | {"prompt": "seven"}),
    ("/generate", DIFFUSION | {"steps": 3}),
    ("/generate", {"model": "digits-pixelcnn"}),
    ("/generate", GAN | {"n": 0}),
    ("/generate", {"model": "nobody"}),
    ("/v1/images/generations", {"model": "digits-gan", "prompt": "seven"}),
    ("/sdapi/v1/txt2img", {"prompt": "cat", "steps": 3}),
    ("/models", None),
    ("/metrics", None),
    ("/nowhere", None),
]


async def caller(service, number: int, end: float, counts: dict) -> None:
    dice = random.Random(number)
    while time.monotonic() < end:
        path, body = dice.choice(REQUESTS)
        with contextlib.suppress(OSError, asyncio.TimeoutError, IndexError):
            asking = ask(service.port, path, body, f"127.6.0.{number + 1}")
            if dice.random() < 0.1:
                # Hangs up in the middle.
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(asking, dice.random() * 0.05)
                counts["hung up"] = counts.get("hung up", 0) + 1
            else:
                status = (await asking).status
                counts[status] = counts.get(status, 0) + 1


def slope(points: list[tuple[float, float]]) -> float:
    """Mebibytes a second, by least squares."""
    n = len(points)
    x, y = sum(p[0] for p in points) / n, sum(p[1] for p in points) / n
    return sum((a - x) * (b - y) for a, b in points) / max(sum((a - x) ** 2 for a, _ in points), 1e-9)


def open_files(service) -> int:
    return len(os.listdir(f"/proc/{service.process.pid}/fd"))


def threads(service) -> int:
    return len(os.listdir(f"/proc/{service.process.pid}/task"))


async def soak(service, minutes: float) -> list[str]:
    # What is opened once, such as further sessions and the blocking threads, is there after this.
    counts: dict = {}
    warm = time.monotonic() + min(20, 30 * minutes)
    await asyncio.gather(*(caller(service, number, warm, {}) for number in range(CALLERS)))
    await asyncio.sleep(5)
    before = (open_files(service), threads(service))
    started = time.monotonic()
    end = started + 60 * minutes
    callers = [asyncio.create_task(caller(service, number, end, counts)) for number in range(CALLERS)]
    points = []
    while time.monotonic() < end:
        await asyncio.sleep(1)
        points.append((time.monotonic() - started, service.memory()))
    await asyncio.gather(*callers)
    await asyncio.sleep(12)
    after = (open_files(service), threads(service))
    later = points[len(points) // 2 :]
    climbs = slope(later)
    with urllib.request.urlopen(f"http://127.0.0.1:{service.port}/metrics", timeout=10) as answer:
        metrics = answer.read().decode()
    print(f"{sum(n for n in counts.values())} requests: {counts}")
    print(f"memory {points[0][1]:.0f} → {points[-1][1]:.0f} → {service.memory():.0f} MiB, {climbs * 3600:.1f} MiB an hour in the second half")
    print(f"descriptors {before[0]} → {after[0]}, threads {before[1]} → {after[1]}")
    faults = []
    if counts.get(500):
        faults.append(f"{counts[500]} faults of its own")
    if "atelier_requests_in_flight 0\n" not in metrics or "atelier_memory_reserved_bytes 0\n" not in metrics:
        faults.append("permits or memory are not home")
    if after[0] > before[0] + 2 or after[1] > before[1] + 2:
        faults.append("descriptors or threads are not back")
    over = climbs * (later[-1][0] - later[0][0])
    if over > 8 and climbs * 3600 > 0.05 * later[0][1]:
        faults.append("memory climbs")
    return faults


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    minutes = float(sys.argv[2]) if len(sys.argv) == 3 else 60
    with serving(Path(sys.argv[1]).resolve()) as service:
        faults = asyncio.run(soak(service, minutes))
    if faults:
        sys.exit(f"soak: {'; '.join(faults)}")
    print("nothing is kept")


if __name__ == "__main__":
    main()
