"""Three real replicas, and what is done to them."""

import os
import shutil
import signal
import time
import urllib.request
from pathlib import Path
from typing import IO

from server import CHECKOUT, Failed, Server, free_port

# One that takes a millisecond, and one that takes hundreds of graph calls; both are there soon after a start.
MODELS = ["digits-gan", "digits-pixelcnn"]
# As compose.yaml's: the balancer says for whom it asks.
OPTIONS = ["--trusted-proxies", "127.0.0.0/8"]
HOME_SECONDS = 10
# They start while callers take all the processors there are.
START_SECONDS = 180


class Replicas:
    """Each keeps its port, whatever process has it."""

    def __init__(self, binary: Path, folder: Path, output: IO, options: list[str]):
        self.binary, self.output = binary, output
        self.options = [*OPTIONS, *options]
        self.models = folder / "models"
        for model in MODELS:
            shutil.copytree(CHECKOUT / "onnx" / model, self.models / model)
        self.ports = [free_port() for _ in range(3)]
        self.urls = [f"http://127.0.0.1:{port}" for port in self.ports]
        self.servers: list[Server] = []

    def __enter__(self) -> "Replicas":
        self.servers = [self.process(number) for number in range(3)]
        try:
            for server in self.servers:
                server.wait_until_ready(START_SECONDS)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        for server in self.servers:
            server.kill()

    def process(self, number: int, *options: str) -> Server:
        options = (*self.options, *options)
        return Server(self.binary, self.ports[number], *options, output=self.output, models=self.models)

    def start(self, number: int, *options: str) -> None:
        self.servers[number] = self.process(number, *options)
        self.servers[number].wait_until_ready(START_SECONDS)

    def replace(self, number: int, *options: str) -> None:
        """As a rolling restart does it: SIGTERM, drain, start anew, wait for /readyz."""
        self.servers[number].terminate()
        self.start(number, *options)

    def kill(self, number: int) -> float:
        """When it was killed, while it had something in hand."""
        for _ in range(2000):
            if self.counted(number, "atelier_requests_in_flight"):
                break
        else:
            raise Failed("the replica to be killed has nothing in hand")
        at = time.monotonic()
        self.servers[number].kill()
        return at

    def stop(self, number: int) -> None:
        """It hangs: its port takes connections, and no answer comes."""
        os.kill(self.servers[number].process.pid, signal.SIGSTOP)

    def go_on(self, number: int) -> None:
        os.kill(self.servers[number].process.pid, signal.SIGCONT)

    def counted(self, number: int, name: str) -> float:
        with urllib.request.urlopen(f"{self.urls[number]}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))

    def wait_until_home(self) -> None:
        """Until no replica has anything in hand."""
        away: list[str] = []
        end = time.monotonic() + HOME_SECONDS
        while time.monotonic() < end:
            away = [
                f"{name} of replica {number + 1} is {count:.0f}"
                for number in range(3)
                for name in ("atelier_requests_in_flight", "atelier_memory_reserved_bytes")
                if (count := self.counted(number, name))
            ]
            if not away:
                return
            time.sleep(0.1)
        raise Failed(f"{HOME_SECONDS} s after the last request {', '.join(away)}")
