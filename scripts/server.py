"""A real server for a check: start it, wait until it is ready, ask it to paint, stop it."""

import contextlib
import json
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

CHECKOUT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
STOP_SECONDS = 60


class Failed(Exception):
    """What the check found, in a sentence."""


class Server:
    """One atelier process on a port of its own."""

    def __init__(
        self, binary: Path, port: int, *options: str, output: IO | int | None = None, models: Path = CHECKOUT / "onnx"
    ):
        self.url = f"http://127.0.0.1:{port}"
        command = [binary, "serve", "--listen", f"127.0.0.1:{port}", "--models", models, *options]
        self.process = subprocess.Popen(command, cwd=CHECKOUT, stdout=output, stderr=output)

    def wait_until_ready(self, seconds: float = START_SECONDS) -> float:
        started = time.monotonic()
        while not is_ready(self.url):
            if self.process.poll() is not None:
                raise Failed(f"the server left with exit code {self.process.returncode} before it was ready")
            if time.monotonic() - started > seconds:
                raise Failed(f"the server was not ready after {seconds} s")
            time.sleep(0.02)
        return time.monotonic() - started

    def terminate(self) -> None:
        """Send SIGTERM, on which it must leave with exit code 0."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise Failed(f"the server did not leave within {STOP_SECONDS} s of SIGTERM") from None
        if code != 0:
            raise Failed(f"after SIGTERM the server left with exit code {code} where 0 was due")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def serving(binary: Path, *options: str, models: Path = CHECKOUT / "onnx", quiet: bool = False):
    """A server that is gone afterwards, whatever happens meanwhile."""
    output = subprocess.DEVNULL if quiet else None
    server = Server(binary.resolve(), free_port(), *options, output=output, models=models)
    try:
        yield server
    finally:
        server.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def models(url: str) -> list[dict]:
    with urllib.request.urlopen(f"{url}/models", timeout=10) as answer:
        return json.load(answer)["models"]


def generate(url: str, body: dict, headers: dict | None = None) -> tuple[dict, dict]:
    """The answer to one POST /generate, and its headers."""
    request = urllib.request.Request(
        f"{url}/generate", json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer), dict(answer.headers)
    except urllib.error.HTTPError as error:
        raise Failed(f"POST /generate {body} answered {error.code}: {error.read().decode()}") from None
