#!/usr/bin/env python3
"""Measure how well the service holds: what one caller can take from another, and what attacks cost.

    benches/holds.py target/release/atelier                     all figures
    benches/holds.py target/release/atelier hopeless crowd      some of them

Callers have addresses of their own in 127.0.0.0/8, as callers on a network have. Each figure is one line:
its name, what was measured, and what it should be. `docs/reliability.md` has the last ones.
"""

import asyncio
import contextlib
import functools
import json
import os
import resource
import statistics
import struct
import subprocess
import sys
import time
import zlib
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT / "scripts"))
from server import free_port, is_ready

GAN = {"model": "digits-gan"}
DIFFUSION = {"model": "emoji-diffusion", "prompt": "cat"}


class Service:
    """A server under measurement, with its memory."""

    def __init__(self, binary: Path, *options: str, models: Path = CHECKOUT / "onnx"):
        self.port, self.admin = free_port(), free_port()
        command = [binary, "serve", "--models", models, "--listen", f"127.0.0.1:{self.port}"]
        command += ["--admin-listen", f"127.0.0.1:{self.admin}", *options]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, cwd=CHECKOUT, env=os.environ | {"RUST_LOG": "error"}, **quiet)
        while not is_ready(f"http://127.0.0.1:{self.port}"):
            if self.process.poll() is not None:
                raise SystemExit("the server did not start")
            time.sleep(0.05)

    def memory(self, line: str = "VmRSS") -> float:
        """Mebibytes that it holds, or (VmHWM) has held at most; nothing once it has died."""
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{self.process.pid}/status").read_text()
            found = [row.split()[1] for row in text.splitlines() if row.startswith(line)]
            if found:
                return int(found[0]) / 1024
        return float("nan")

    def is_alive(self) -> bool:
        return self.process.poll() is None


@contextlib.contextmanager
def serving(binary: Path, *options: str, **more):
    service = Service(binary, *options, **more)
    try:
        yield service
    finally:
        service.process.kill()
        service.process.wait()


class Answer:
    """A status, the headers, and how long they took."""

    def __init__(self, status: int, headers: dict, body: bytes, seconds: float):
        self.status, self.headers, self.body, self.seconds = status, headers, body, seconds


async def ask(port: int, path: str, body: dict | None = None, caller: str = "127.0.0.1") -> Answer:
    """One request on a connection of its own."""
    started = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(caller, 0))
    try:
        data = b"" if body is None else json.dumps(body).encode()
        method = "GET" if body is None else "POST"
        head = f"{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
        if data:
            head += f"content-type: application/json\r\ncontent-length: {len(data)}\r\n"
        writer.write(head.encode() + b"\r\n" + data)
        await writer.drain()
        answer = await reader.read()
    finally:
        writer.close()
    head, _, rest = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    if not lines[0].startswith("HTTP/"):
        raise ConnectionError("no answer")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
    return Answer(int(lines[0].split()[1]), headers, rest, time.monotonic() - started)


async def paint(service: Service, body: dict, caller: str = "127.0.0.1") -> Answer:
    return await ask(service.port, "/generate", body, caller)


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def tell(name: str, found: str, due: str) -> None:
    print(f"{name:<11} {found}  [{due}]", flush=True)


async def one_after_another(service: Service, body: dict, caller: str, seconds: float) -> list[Answer]:
    end, answers = time.monotonic() + seconds, []
    while time.monotonic() < end:
        answers.append(await paint(service, body, caller))
    return answers


def hopelessly(port: int, seconds: float) -> int:
    """One caller who repeats a request that can never be done in time; how often it was asked."""

    async def attack() -> int:
        asked, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            await ask(port, "/generate", DIFFUSION | {"n": 64, "steps": 200}, "127.0.0.66")
            asked += 1
        return asked

    return asyncio.run(attack())


async def hopeless(binary: Path) -> None:
    """Others, while one caller repeats a request that can never be done in time. Each has a process of its own."""
    with serving(binary) as service, ProcessPoolExecutor(1) as pool:
        idle = await one_after_another(service, GAN, "127.0.0.2", 4)
        call = json.loads((await paint(service, GAN)).body)["timings_ms"]["inference"] / 1e3
        attack = asyncio.get_running_loop().run_in_executor(pool, hopelessly, service.port, 10)
        await asyncio.sleep(0.5)
        others = await one_after_another(service, GAN, "127.0.0.2", 9)
        asked = await attack
        served = [answer for answer in others if answer.status == 200]
        before, after = (quantile([a.seconds for a in some], 0.5) * 1e3 for some in (idle, served))
        allowed = 1.5 * before + call * 1e3
        tell(
            "hopeless",
            f"{len(served)} of {len(others)} served beside {asked} that can't be, p50 {after:.1f} ms (idle {before:.1f} ms)",
            f"at least 99 %, p50 at most {allowed:.1f} ms",
        )


async def beside(binary: Path) -> None:
    """A single diffusion beside 200 of another caller's."""
    single = DIFFUSION | {"steps": 10}
    with serving(binary) as service:
        await paint(service, single)
        alone = [(await paint(service, single, "127.0.0.2")).seconds for _ in range(9)]
        crowd = [asyncio.create_task(paint(service, single, "127.0.0.66")) for _ in range(200)]
        await asyncio.sleep(0.5)
        with_others = []
        while not all(task.done() for task in crowd):
            with_others.append((await paint(service, single, "127.0.0.2")).seconds)
        await asyncio.gather(*crowd, return_exceptions=True)
        before, after = statistics.median(alone), statistics.median(with_others)
        tell("beside", f"{after * 1e3:.0f} ms beside 200, {before * 1e3:.0f} ms alone: {after / before:.1f} ×", "at most 2 ×")


async def crowd(binary: Path) -> None:
    """A crowd of 400 that comes back when it is told to."""
    with serving(binary, "--queue", "32") as service:
        refused = tried = admitted = 0

        async def member(number: int) -> None:
            nonlocal refused, tried, admitted
            caller = f"127.1.{number // 250}.{number % 250 + 1}"
            answer = await paint(service, DIFFUSION | {"steps": 10}, caller)
            if answer.status == 200:
                return
            refused += 1
            for again in range(8):
                await asyncio.sleep(int(answer.headers.get("retry-after", 1)))
                answer = await paint(service, DIFFUSION | {"steps": 10}, caller)
                tried += again == 0
                if answer.status == 200:
                    admitted += again == 0
                    return

        await asyncio.gather(*(member(number) for number in range(400)))
        share = 100 * admitted / max(tried, 1)
        tell("crowd", f"{admitted} of {tried} refused callers served at their next try: {share:.0f} %", "at least 90 %")


async def together(binary: Path) -> None:
    """32 equal diffusions at once."""
    with serving(binary) as service:
        await paint(service, DIFFUSION | {"steps": 10})
        answers = await asyncio.gather(*(paint(service, DIFFUSION | {"steps": 10, "seed": seed}) for seed in range(32)))
        seconds = [answer.seconds for answer in answers if answer.status == 200]
        half, last = quantile(seconds, 0.5), quantile(seconds, 0.99)
        tell("together", f"{len(seconds)} of 32, p50 {half:.2f} s, p99 {last:.2f} s: {100 * half / last:.0f} %", "p50 at most 60 % of p99")


async def probes(binary: Path) -> None:
    """Probes under 5,000 idle connections, full load and a full queue."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with serving(binary, "--queue", "32") as service:
        idle = []
        for number in range(min(5000, hard - 500)):
            caller = f"127.2.{number // 250}.{number % 250 + 1}"
            with contextlib.suppress(OSError):
                idle.append(await asyncio.open_connection("127.0.0.1", service.port, local_addr=(caller, 0)))
        end = time.monotonic() + 15

        async def load(number: int) -> None:
            while time.monotonic() < end:
                with contextlib.suppress(OSError):
                    await paint(service, DIFFUSION | {"steps": 20}, f"127.3.0.{number + 1}")

        loads = [asyncio.create_task(load(number)) for number in range(48)]
        for name, port in [("public", service.port), ("admin", service.admin)]:
            seconds, failed = [], 0
            for _ in range(100):
                for path in ("/livez", "/readyz", "/metrics"):
                    try:
                        answer = await asyncio.wait_for(ask(port, path, caller="127.0.0.9"), 10)
                        seconds.append(answer.seconds)
                        failed += answer.status != 200
                    except (OSError, TimeoutError):
                        failed += 1
            tell(
                "probes",
                f"{name} port, {len(idle)} idle: p99 {quantile(seconds, 0.99) * 1e3:.1f} ms, {failed} of 300 failed",
                "p99 at most 50 ms",
            )
        for _, writer in idle:
            writer.close()
        for task in loads:
            task.cancel()
        await asyncio.gather(*loads, return_exceptions=True)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def png(width: int, height: int, text: int = 0) -> bytes:
    """A picture of 16-bit colours, black; with a text that unpacks to so many bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer, rows = zlib.compressobj(9), b""
    for _ in range(height):
        rows += packer.compress(bytes(1 + 6 * width))
    rows += packer.flush()
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0))
    if text:
        packer, packed = zlib.compressobj(9), b"parameters\0\0"
        for _ in range(text >> 20):
            packed += packer.compress(bytes(1 << 20))
        file += chunk(b"zTXt", packed + packer.flush())
    return file + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


async def memory(binary: Path) -> None:
    """What attacks on memory take, under a budget of 1 GiB."""
    import base64
    import shutil
    import tempfile

    budget = 1024
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder)
        shutil.copytree(CHECKOUT / "tests/pipelines/stable-diffusion", models / "sd")
        shutil.copytree(CHECKOUT / "tests/fixtures/models/vae", models / "vae")
        large = base64.b64encode(png(4000, 4000)).decode()
        bomb = base64.b64encode(png(1, 1, text=500 << 20)).decode()
        attacks = {
            "a text that inflates to 500 MB": [("/sdapi/v1/png-info", {"image": bomb})] * 8,
            "120 pictures of 4000 × 4000": [("/encode", {"model": "vae", "image": large})] * 120,
            "1024 × 1024, an open pipeline": [
                ("/generate", {"model": "sd", "prompt": "cat", "width": 1024, "height": 1024, "steps": 1})
            ]
            * 16,
            "192 × 192, 32 at once": [
                ("/generate", {"model": "sd", "prompt": "cat", "width": 192, "height": 192, "steps": 1})
            ]
            * 32,
            "negative_prompt of 15 MB": [("/generate", {"model": "sd", "negative_prompt": "cat " * (15 << 18)})] * 16,
        }
        for name, requests in attacks.items():
            with serving(binary, "--memory-mib", str(budget), models=models) as service:
                before = service.memory()
                answers = await asyncio.gather(
                    *(ask(service.port, path, body) for path, body in requests), return_exceptions=True
                )
                statuses = sorted({answer.status if isinstance(answer, Answer) else type(answer).__name__ for answer in answers}, key=str)
                most = service.memory("VmHWM")
                await asyncio.sleep(6)
                alive = "alive" if service.is_alive() else "DEAD"
                tell(
                    "memory",
                    f"{name}: {statuses}, {before:.0f} → {most:.0f} → {service.memory():.0f} MiB, {alive}",
                    f"at most {1.1 * budget:.0f} MiB, alive",
                )
        with serving(binary, "--memory-mib", str(budget), models=models) as service:
            held = []
            for number in range(200):
                reader, writer = await asyncio.open_connection(
                    "127.0.0.1", service.port, local_addr=(f"127.4.0.{number + 1}", 0)
                )
                writer.write(b"POST /generate HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n")
                writer.write(b"content-length: 16000000\r\n\r\n" + b" " * 15_900_000)
                held.append(writer)
            await asyncio.sleep(10)
            most = service.memory("VmHWM")
            probe = await ask(service.port, "/readyz", caller="127.0.0.9")
            tell(
                "memory",
                f"200 unfinished bodies of 16 MB: {most:.0f} MiB, /readyz {probe.status}",
                f"at most {1.1 * budget:.0f} MiB, alive",
            )
            for writer in held:
                writer.transport.abort()


SHORT = DIFFUSION | {"steps": 4}


async def goodput(port: int, clients: int, seconds: float) -> tuple[int, int]:
    """How many images so many clients get, who come back a tenth of a second after a refusal; and their refusals."""
    end, served, refused = time.monotonic() + seconds, 0, 0

    async def client(number: int) -> None:
        nonlocal served, refused
        caller = f"127.5.{number // 250}.{number % 250 + 1}"
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                answer = await ask(port, "/generate", SHORT, caller)
                if answer.status == 200:
                    served += 1
                else:
                    refused += 1
                    await asyncio.sleep(0.1)

    await asyncio.gather(*(client(number) for number in range(clients)))
    return served, refused


def crowded(port: int, clients: int, seconds: float) -> tuple[int, int]:
    return asyncio.run(goodput(port, clients, seconds))


async def overload(binary: Path) -> None:
    """Ten times the load that saturates it. Who measures refusals is not who makes the load, and waits for nobody."""
    with serving(binary) as service, ProcessPoolExecutor(1) as pool:
        crowd = functools.partial(asyncio.get_running_loop().run_in_executor, pool, crowded, service.port)
        saturated, _ = await crowd(32, 15)
        await asyncio.sleep(8)
        before = service.memory()
        load, refusals = crowd(320, 30), []
        await asyncio.sleep(1)
        while not load.done():
            with contextlib.suppress(OSError):
                answer = await paint(service, SHORT, "127.6.0.1")
                if answer.status == 503:
                    refusals.append(answer.seconds)
            await asyncio.sleep(0.02)
        tenfold, refused = await load
        await asyncio.sleep(8)
        tell(
            "overload",
            f"{tenfold / 30:.1f} of {saturated / 15:.1f} images a second kept ({100 * tenfold / 2 / saturated:.0f} %), {refused} refusals; "
            f"p99 of {len(refusals)} {quantile(refusals, 0.99) * 1e3:.0f} ms; memory at rest {before:.0f} → {service.memory():.0f} MiB",
            "at least 90 %; p99 at most 20 ms; memory back within 20 %",
        )


FIGURES = {figure.__name__: figure for figure in (hopeless, beside, crowd, together, probes, memory, overload)}


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    binary = Path(sys.argv[1]).resolve()
    for name in sys.argv[2:] or FIGURES:
        asyncio.run(FIGURES[name](binary))


if __name__ == "__main__":
    main()
