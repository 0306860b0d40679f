#!/usr/bin/env python3
"""Ask for all sorts of things for a long time, do it badly now and then, and see that nothing is kept.

    benches/soak.py target/release/atelier [MINUTES]

Nine requests of ten are good or plainly wrong; in the tenth the caller hangs up, falls silent, never reads or
sends what is none (FAULTS). Models and settings are read again meanwhile. At the end every permit and all memory
that was reserved are home, descriptors and threads are those of the beginning, and a straight line through the
memory of the second half climbs by less than a twentieth in an hour's time or by less than 8 MiB over the run.
"""

import asyncio
import base64
import contextlib
import json
import os
import random
import signal
import sys
import time
import urllib.request
from collections import Counter
from pathlib import Path

from holds import CHECKOUT, DIFFUSION, GAN, Service, ask, png, serving

CALLERS = 12
# Longer than any request may take.
NO_ANSWER_SECONDS = 90
# Tokio's threads for blocking work end after ten idle seconds; sessions and files right after their use.
HOME_SECONDS = 60
# What the store of jobs may keep, small enough to be full long before the second half.
OPTIONS = ["--jobs-keep-mib", "8"]

IMAGE = base64.b64encode((CHECKOUT / "docs" / "cat.jpg").read_bytes()).decode()
BLACK = base64.b64encode(png(28, 28)).decode()
GOOD = [
    ("/generate", GAN),
    ("/generate", GAN | {"n": 16}),
    ("/generate", GAN | {"prompt": "seven"}),
    ("/generate", GAN | {"n": 64, "format": "webp"}),
    ("/generate", DIFFUSION | {"steps": 3}),
    ("/generate", DIFFUSION | {"steps": 3, "image": IMAGE, "strength": 0.7}),
    ("/generate", {"model": "digits-pixelcnn"}),
    ("/generate", {"model": "upscaler", "image": BLACK}),
    ("/encode", {"model": "digits-vae", "image": BLACK, "class": "7"}),
    ("/v1/images/generations", {"model": "digits-gan", "prompt": "seven"}),
    ("/sdapi/v1/txt2img", {"prompt": "cat", "steps": 3}),
    ("/jobs", GAN | {"n": 4}),
    ("/models", None),
    ("/metrics", None),
    ("/readyz", None),
]
WRONG = [
    ("/generate", GAN | {"n": 0}),
    ("/generate", {"model": "nobody"}),
    ("/generate", DIFFUSION | {"image": IMAGE[:2000]}),
    ("/generate", DIFFUSION | {"image": "no image"}),
    ("/nowhere", None),
]


def post(path: str, body: dict, accept: str = "application/json", length: int | None = None) -> bytes:
    data = json.dumps(body).encode()
    return (
        f"POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\naccept: {accept}\r\n"
        f"content-type: application/json\r\ncontent-length: {length or len(data)}\r\n\r\n"
    ).encode() + data


@contextlib.asynccontextmanager
async def talk(service: Service, address: str, data: bytes):
    """A connection on which so much was sent, and that is reset at the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port, local_addr=(address, 0))
    try:
        writer.write(data)
        yield reader
    finally:
        writer.transport.abort()


async def hangs_up(service: Service, address: str, dice: random.Random) -> None:
    path, body = dice.choice([good for good in GOOD if good[1]])
    async with talk(service, address, post(path, body)):
        await asyncio.sleep(dice.random() * 0.1)


async def sends_half_a_body(service: Service, address: str, dice: random.Random) -> None:
    async with talk(service, address, post("/generate", GAN, length=dice.choice([200, 100_000, 16_000_000]))):
        await asyncio.sleep(dice.random() * 2)


async def falls_silent(service: Service, address: str, dice: random.Random) -> None:
    request = post("/generate", GAN)
    async with talk(service, address, request[: dice.randrange(len(request))]):
        await asyncio.sleep(dice.random() * 2)


async def never_reads(service: Service, address: str, dice: random.Random) -> None:
    async with talk(service, address, post("/generate", GAN | {"n": 64})):
        await asyncio.sleep(2)


async def sends_noise(service: Service, address: str, dice: random.Random) -> None:
    async with talk(service, address, dice.randbytes(dice.randrange(1, 5000)) + b"\r\n\r\n") as reader:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(reader.read(), 2)


async def sends_too_much(service: Service, address: str, dice: random.Random) -> None:
    async with talk(service, address, post("/generate", GAN, length=1 << 30)) as reader:
        await asyncio.wait_for(reader.readline(), NO_ANSWER_SECONDS)


async def leaves_a_stream(service: Service, address: str, dice: random.Random) -> None:
    async with talk(service, address, post("/generate", DIFFUSION | {"steps": 20}, "text/event-stream")) as reader:
        for _ in range(dice.randrange(20)):
            await reader.readline()


async def cancels(service: Service, address: str, dice: random.Random) -> None:
    async with talk(service, address, post("/generate", DIFFUSION | {"steps": 20}, "text/event-stream")) as reader:
        async for line in reader:
            if line.startswith(b"data:") and b'"id"' in line:
                number = json.loads(line[5:])["id"]
                end = f"DELETE /generations/{number} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
                async with talk(service, address, end.encode()) as answer:
                    await answer.read()
                break
        await reader.read()


async def reloads(service: Service, address: str, dice: random.Random) -> None:
    service.process.send_signal(signal.SIGHUP)
    await ask(service.admin, "/admin/models/digits-vae/reload", {})


FAULTS = [
    hangs_up,
    hangs_up,
    sends_half_a_body,
    falls_silent,
    never_reads,
    sends_noise,
    sends_too_much,
    leaves_a_stream,
    cancels,
    reloads,
]


async def caller(service: Service, number: int, end: float, counts: Counter) -> None:
    dice, address = random.Random(number), f"127.6.0.{number + 1}"
    while time.monotonic() < end:
        if dice.random() < 0.1:
            fault = dice.choice(FAULTS)
            # Whatever comes of it; what it leaves behind is looked for at the end.
            with contextlib.suppress(OSError, EOFError, TimeoutError):
                await fault(service, address, dice)
            counts[fault.__name__] += 1
            continue
        path, body = dice.choice(WRONG if dice.random() < 0.1 else GOOD)
        try:
            answer = await asyncio.wait_for(ask(service.port, path, body, address), NO_ANSWER_SECONDS)
            counts[answer.status] += 1
        except (OSError, TimeoutError):
            counts["no answer"] += 1


def slope(points: list[tuple[float, float]]) -> float:
    """Mebibytes a second, by least squares."""
    n = len(points)
    x, y = sum(p[0] for p in points) / n, sum(p[1] for p in points) / n
    return sum((a - x) * (b - y) for a, b in points) / max(sum((a - x) ** 2 for a, _ in points), 1e-9)


def open_files(service: Service) -> int:
    return len(os.listdir(f"/proc/{service.process.pid}/fd"))


def threads(service: Service) -> int:
    return len(os.listdir(f"/proc/{service.process.pid}/task"))


# Each is 0 on a server that nobody asks for anything.
HOME = ["atelier_requests_in_flight", "atelier_rows_waiting", "atelier_memory_reserved_bytes", "atelier_connections"]
# Each stays 0 whatever callers do.
NEVER = ["atelier_log_lines_lost_total", "atelier_accept_failures_total"]


def numbers(service: Service) -> Counter:
    """What the server counts, each name's series added up; by the port that isn't among its connections."""
    found: Counter = Counter()
    with urllib.request.urlopen(f"http://127.0.0.1:{service.admin}/metrics", timeout=10) as answer:
        for line in answer.read().decode().splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                found[name.partition("{")[0]] += float(value)
    return found


async def until_home(service: Service, before: tuple[int, int]) -> list[str]:
    """What is not home when there was time enough."""
    away: list[str] = []
    for _ in range(HOME_SECONDS):
        await asyncio.sleep(1)
        counted = numbers(service)
        away = [f"{name} is {counted[name]:.0f}" for name in HOME if counted[name]]
        if open_files(service) > before[0] + 2:
            away.append(f"{open_files(service)} descriptors are open, {before[0]} were")
        if threads(service) > before[1] + 2:
            away.append(f"{threads(service)} threads are there, {before[1]} were")
        if not away:
            break
    return away


async def soak(service: Service, minutes: float) -> list[str]:
    # What is opened once, such as further sessions and the blocking threads, is there after this.
    warm = time.monotonic() + min(20, 30 * minutes)
    await asyncio.gather(*(caller(service, number, warm, Counter()) for number in range(CALLERS)))
    await asyncio.sleep(5)
    before = (open_files(service), threads(service))
    started = time.monotonic()
    end = started + 60 * minutes
    counts: Counter = Counter()
    callers = [asyncio.create_task(caller(service, number, end, counts)) for number in range(CALLERS)]
    points = []
    while time.monotonic() < end:
        await asyncio.sleep(1)
        points.append((time.monotonic() - started, service.memory()))
    await asyncio.gather(*callers)
    away = await until_home(service, before)
    later = points[len(points) // 2 :]
    climbs = slope(later)
    print(f"{sum(counts.values())} requests: {dict(counts.most_common())}")
    print(
        f"memory {points[0][1]:.0f} → {points[-1][1]:.0f} → {service.memory():.0f} MiB, most {service.memory('VmHWM'):.0f} MiB; "
        f"{climbs * 3600:+.1f} MiB an hour by a straight line through the second half"
    )
    print(f"descriptors {before[0]} → {open_files(service)}, threads {before[1]} → {threads(service)}")
    faults = [f"not home: {thing}" for thing in away]
    counted = numbers(service)
    faults += [f"{name} is {counted[name]:.0f}" for name in NEVER if counted[name]]
    faults += [f"{counts[what]} × {what}" for what in (500, "no answer") if counts[what]]
    over = climbs * (later[-1][0] - later[0][0])
    if over > 8 and climbs * 3600 > 0.05 * later[0][1]:
        faults.append("memory climbs")
    return faults


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    minutes = float(sys.argv[2]) if len(sys.argv) == 3 else 60
    with serving(Path(sys.argv[1]).resolve(), *OPTIONS) as service:
        faults = asyncio.run(soak(service, minutes))
    if faults:
        sys.exit(f"soak: {'; '.join(faults)}")
    print("nothing is kept")


if __name__ == "__main__":
    main()
