"""What the sections of `benches/run` have in common: servers under measurement, and figures of what they did."""

import base64
import contextlib
import json
import os
import signal
import socket
import statistics
import struct
import subprocess
import sys
import time
import urllib.request
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
ATELIER = TARGET / "release" / "atelier"
SIDE = 28

cores = sorted(os.sched_getaffinity(0))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def call(*command: object) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)} failed")
    return done.stdout


def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server under measurement: its process, address and the time that it took to be ready."""

    def __init__(self, process: subprocess.Popen, number: int, started: float):
        self.process, self.address, self.url = process, f"127.0.0.1:{number}", f"http://127.0.0.1:{number}"
        while not self.ready():
            if process.poll() is not None or time.monotonic() - started > 60:
                raise SystemExit("a server did not start")
            time.sleep(0.001)
        self.start_s = time.monotonic() - started

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def ask(self, body: dict) -> list[bytes]:
        """The pictures of an answer, each found to be a PNG of digits' size."""
        request = urllib.request.Request(
            f"{self.url}/generate", json.dumps(body).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            images = json.load(answer)["images"]
        pictures = [base64.b64decode(image["b64"]) for image in images]
        for picture in pictures:
            decode(picture)
        return pictures

    def memory(self) -> dict:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        sizes = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith(("VmRSS", "VmHWM"))}
        return {name: int(size) / 1024 for name, size in sizes.items()}


@contextlib.contextmanager
def running(command: list, number: int, environment: dict, on: list[int] | None):
    pin = ["taskset", "-c", ",".join(map(str, on))] if on else []
    started = time.monotonic()
    process = subprocess.Popen(
        [str(word) for word in [*pin, *command]],
        cwd=ROOT, env=os.environ | environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield Server(process, number, started)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def atelier(*options: object, on: list[int] | None = None, models: Path | str = "onnx"):
    number = port()
    command = [ATELIER, "serve", "--models", models, "--listen", f"127.0.0.1:{number}", *options]
    # The peer writes no line for a request either.
    return running(command, number, {"RUST_LOG": "warn"}, on)


def decode(png: bytes) -> bytes:
    """The pixels of a grey 28×28 PNG, filters and all; anything else stops the run."""
    if png[:8] != b"\x89PNG\r\n\x1a\n":
        raise SystemExit("an answer is no PNG")
    at, data, shape = 8, b"", None
    while at < len(png):
        (length,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        body = png[at + 8 : at + 8 + length]
        if zlib.crc32(kind + body) != struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0]:
            raise SystemExit("a PNG is damaged")
        if kind == b"IHDR":
            shape = struct.unpack(">IIBB", body[:10])
        if kind == b"IDAT":
            data += body
        at += 12 + length
    lines = zlib.decompress(data)
    if shape != (SIDE, SIDE, 8, 0) or len(lines) != SIDE * (SIDE + 1):
        raise SystemExit(f"a PNG is not {SIDE}×{SIDE} grey: {shape}")
    return lines


def median(values: list[float]) -> float:
    return statistics.median(values)


def spread(values: list[float], digits: int = 0, unit: str = "") -> str:
    """A median, with the least and the greatest."""
    number = lambda value: f"{value:,.{digits}f}"  # noqa: E731
    return f"{number(median(values))}{unit} ({number(min(values))}–{number(max(values))})"
