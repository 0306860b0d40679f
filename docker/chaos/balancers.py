"""nginx and HAProxy with the shipped configurations, moved to this machine's loopback.

Only addresses and paths are replaced; each is installed with apt where it is missing.
"""

import contextlib
import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections import Counter
from pathlib import Path

from server import CHECKOUT, Failed, free_port


class Balancer:
    """A balancer before replicas at some ports."""

    name: str
    package: str
    configuration: str
    # Whether it takes out a replica that takes connections and never answers.
    sees_a_hung_replica: bool
    # Whether it sends a large body again when a replica has refused it.
    resends_large_bodies: bool
    # What its configuration asks of replicas.
    replica_options: list[str] = []

    def __init__(self, folder: Path, ports: list[int]):
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"{self.name}.log"
        self.errors = folder / f"{self.name}-errors.log"
        self.logged = 0
        self.text = (CHECKOUT / "docker" / self.configuration).read_text()
        for number, port in enumerate(ports, start=1):
            self.replace(f"atelier-{number}:8080", f"127.0.0.1:{port}")
        self.move()
        self.path = folder / self.configuration
        self.path.write_text(self.text)

    def replace(self, old: str, new: str) -> None:
        if old not in self.text:
            raise Failed(f"{self.configuration} has no {old!r} any more; this test must follow it")
        self.text = self.text.replace(old, new)

    def move(self) -> None:
        """Replaces what else is of the container in the configuration."""
        raise NotImplementedError

    def command(self) -> list[str]:
        raise NotImplementedError

    def chain(self, line: dict) -> str | None:
        """What a line of the log says of a request that was sent more than once."""
        raise NotImplementedError

    @classmethod
    def program(cls) -> str | None:
        return shutil.which(cls.name, path=f"{os.environ['PATH']}:/usr/sbin")

    @classmethod
    def install(cls) -> None:
        if cls.program():
            return
        # Its package would start a server of its own; RUNLEVEL says not to.
        environment = {**os.environ, "RUNLEVEL": "1", "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-q"], env=environment, check=True)
        install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", cls.package]
        subprocess.run(install, env=environment, check=True)

    def __enter__(self) -> "Balancer":
        with self.log.open("a") as log, self.errors.open("a") as errors:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=errors)
        for _ in range(500):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/readyz", timeout=5).close()
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        self.process.kill()
        raise Failed(f"{self.name} did not start")

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.wait()

    def retries(self) -> Counter:
        """The requests that were sent more than once, by what was logged of them since the last look."""
        lines = self.log.read_text().splitlines()
        fresh, self.logged = lines[self.logged :], len(lines)
        chains = (self.chain(json.loads(line)) for line in fresh if line.startswith("{"))
        return Counter(chain for chain in chains if chain)


class Nginx(Balancer):
    name = "nginx"
    package = "nginx-light"
    configuration = "nginx.conf"
    sees_a_hung_replica = False
    resends_large_bodies = True

    def move(self) -> None:
        self.replace(" /tmp/", f" {self.folder}/")
        self.replace("listen 8080;", f"listen 127.0.0.1:{self.port};")
        self.replace("/dev/stdout", str(self.log))
        self.replace("/dev/stderr", str(self.errors))

    def command(self) -> list[str]:
        # As root, nginx would hand its files to a user who can't reach this folder.
        user = "user root;" if os.geteuid() == 0 else ""
        return [self.program() or "nginx", "-c", str(self.path), "-g", f"daemon off; {user}"]

    def chain(self, line: dict) -> str | None:
        # As "503, 200"; 502 is no answer.
        return line["replica_statuses"] if "," in line["replica_statuses"] else None


class HAProxy(Balancer):
    name = "haproxy"
    package = "haproxy"
    configuration = "haproxy.cfg"
    sees_a_hung_replica = True
    resends_large_bodies = False
    replica_options = ["--grace-seconds", "3"]

    def move(self) -> None:
        self.replace("bind :8080", f"bind 127.0.0.1:{self.port}")

    def command(self) -> list[str]:
        return [self.program() or "haproxy", "-db", "-f", str(self.path)]

    def chain(self, line: dict) -> str | None:
        return f"again, {line['status']}" if line["retries"] not in ("0", "+0") else None


BALANCERS = {balancer.name: balancer for balancer in (Nginx, HAProxy)}
