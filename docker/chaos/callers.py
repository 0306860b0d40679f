"""Callers that know what each answer must be, and try again as docs/reliability.md says."""

import contextlib
import http.client
import itertools
import json
import random
import threading
import time
import urllib.parse
from collections import Counter
from dataclasses import dataclass, field

from server import Failed

# What docs/reliability.md tells callers to do.
TRIES = 5
FIRST_PAUSE_S = 0.1
TRY_AGAIN = {502, 503}
# Longer than whatever a replica may take here.
NO_ANSWER_S = 90


# More than HAProxy's buffer takes, so that it can't be sent again.
LARGE = 300_000


@dataclass(frozen=True)
class Asking:
    """A request whose answer is the same bytes whenever and wherever it is answered."""

    body: bytes

    @staticmethod
    def of(body: dict, padding: int = 0) -> "Asking":
        """To JSON, spaces are nothing; to a balancer they are a large body, as one with an image is."""
        return Asking(b" " * padding + json.dumps(body).encode())

    @property
    def is_large(self) -> bool:
        return len(self.body) >= LARGE

    def __str__(self) -> str:
        return self.body.strip().decode()


def askings() -> list[Asking]:
    """All that is asked for, each as often as it should come."""
    return [
        *(Asking.of({"model": "digits-gan", "seed": seed}) for seed in range(190)),
        *(Asking.of({"model": "digits-pixelcnn", "seed": seed}) for seed in range(5)),
        *(Asking.of({"model": "digits-gan", "seed": seed}, padding=LARGE) for seed in range(3)),
        *(Asking.of({"model": "digits-pixelcnn", "seed": seed}, padding=LARGE) for seed in range(2)),
    ]


class Caller:
    """One connection that is kept, as clients keep them."""

    def __init__(self, url: str):
        self.address = urllib.parse.urlsplit(url).netloc
        self.connection: http.client.HTTPConnection | None = None

    def ask(self, asking: Asking) -> tuple[int, dict, bytes]:
        """A status, headers and a whole body; OSError or HTTPException where there is none."""
        connection = self.connection or http.client.HTTPConnection(self.address, timeout=NO_ANSWER_S)
        self.connection = None
        headers = {"Content-Type": "application/json", "Accept": "image/png"}
        try:
            connection.request("POST", "/generate", asking.body, headers)
            answer = connection.getresponse()
            body = answer.read()
        except BaseException:
            connection.close()
            raise
        self.connection = connection
        return answer.status, dict(answer.headers), body


def references(urls: list[str]) -> dict[Asking, bytes]:
    """What each must be answered, as all replicas say it before anything happens to them."""
    known: dict[Asking, bytes] = {}
    for url in urls:
        caller = Caller(url)
        for asking in set(askings()):
            status, _, body = caller.ask(asking)
            if status != 200 or not body.startswith(b"\x89PNG\r\n\x1a\n"):
                raise Failed(f"{asking} was answered {status} without a PNG")
            if known.setdefault(asking, body) != body:
                raise Failed(f"two replicas answer {asking} with other bytes")
    return known


@dataclass(frozen=True)
class Try:
    """One try that brought no image."""

    asking: Asking
    began: float
    ended: float
    reason: str


@dataclass
class Tally:
    """What callers have seen."""

    answered: int = 0
    latencies: list[float] = field(default_factory=list)
    failed: list[Try] = field(default_factory=list)
    # Those that all tries failed of, and what must never be.
    lost: Counter = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        ordered = sorted(self.latencies)
        half, most = (ordered[int(share * (len(ordered) - 1))] * 1e3 for share in (0.5, 0.99))
        return (
            f"{self.answered} answered, {sum(self.lost.values())} lost, {len(self.wrong)} wrong; "
            f"tried again by callers: {dict(Counter(failed.reason for failed in self.failed)) or 0}; "
            f"p50 {half:.1f} ms, p99 {most:.0f} ms, longest {ordered[-1]:.2f} s"
        )


class Load:
    """Callers that ask until they are told to stop: so many without a pause, or so many requests a second."""

    def __init__(self, url: str, known: dict[Asking, bytes], callers: int = 0, per_second: int = 0):
        self.url, self.known, self.mix = url, known, askings()
        self.tally = Tally()
        self.changed = threading.Condition()
        self.numbers = itertools.count()
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.without_a_pause) for _ in range(callers)]
        if per_second:
            self.threads.append(threading.Thread(target=self.at_a_pace, args=(per_second,)))

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def without_a_pause(self) -> None:
        caller = Caller(self.url)
        while not self.over.is_set():
            self.one(caller)

    def at_a_pace(self, per_second: int) -> None:
        """Whoever waits for an answer keeps nobody else from asking."""
        started, asking = time.monotonic(), []
        while not self.over.is_set():
            thread = threading.Thread(target=self.one, args=(Caller(self.url),))
            thread.start()
            asking.append(thread)
            self.over.wait(max(0, started + len(asking) / per_second - time.monotonic()))
        for thread in asking:
            thread.join()

    def one(self, caller: Caller) -> None:
        """One request, with as many tries as a caller should make."""
        number = next(self.numbers)
        dice = random.Random(number)
        asking = dice.choice(self.mix)
        started = time.monotonic()
        reason = ""
        for again in range(TRIES):
            began, pause = time.monotonic(), FIRST_PAUSE_S * 2**again * (1 + dice.random())
            try:
                status, headers, body = caller.ask(asking)
            except http.client.IncompleteRead:
                reason = "answer cut off"
            except (OSError, http.client.HTTPException) as error:
                reason = type(error).__name__
            else:
                if status == 200:
                    return self.see(asking, body, time.monotonic() - started)
                reason = f"status {status}"
                if status not in TRY_AGAIN:
                    reason += f": {body[:300].decode(errors='replace')}"
                    break
                pause = max(pause, float(headers.get("Retry-After", 0)))
            with self.changed:
                self.tally.failed.append(Try(asking, began, time.monotonic(), reason))
            if again + 1 < TRIES:
                time.sleep(pause)
        with self.changed:
            self.tally.lost[reason] += 1
            self.changed.notify_all()

    def see(self, asking: Asking, body: bytes, seconds: float) -> None:
        with self.changed:
            self.tally.answered += 1
            self.tally.latencies.append(seconds)
            if body != self.known[asking]:
                self.tally.wrong.append(f"{asking} got other bytes than before")
            self.changed.notify_all()

    def wait_for(self, goal: int, seconds: float = 300) -> None:
        """Until so many are answered, from the beginning."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.tally.wrong or self.tally.answered >= goal, timeout=seconds):
                raise Failed(f"only {self.tally.answered} of {goal} requests were answered in {seconds:.0f} s")

    def wait_for_more(self, more: int) -> None:
        self.wait_for(self.tally.answered + more)


def hang_up(url: str, body: dict) -> None:
    """Asks for something long, and leaves before it comes."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=NO_ANSWER_S)
    with contextlib.closing(connection):
        connection.request("POST", "/generate", json.dumps(body), {"Content-Type": "application/json"})
        time.sleep(0.5)
