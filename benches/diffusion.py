"""`benches/run diffusion`: eight requests of twenty steps that start at random times, and a GAN's in between."""

import json
import os
import random
import shutil
import threading
import time
import urllib.request
from pathlib import Path

from serving import ROOT, Server, atelier, call, median, port, running, say, spread

# Larger than the rest of the benchmarks' environment by far, so that one that is there may be named.
VENV = Path(os.environ.get("BENCH_DIFFUSERS_VENV", ROOT / ".venv-bench-diffusion"))
MODELS = ROOT / "out" / "bench-models"
PIPELINE = MODELS / "bench-diffusion"
REQUESTS, STEPS = 8, 20
BETWEEN_GANS = 0.05
# Workers, threads of each, and how a request has the pipeline to itself.
PEERS = [(1, 2, "locked"), (1, 2, "copied"), (2, 1, "locked"), (2, 1, "copied")]


def ask(server: Server, body: dict) -> float:
    """Posts, and answers with the seconds that it took."""
    started = time.monotonic()
    head = {"content-type": "application/json"}
    request = urllib.request.Request(f"{server.url}/generate", json.dumps(body).encode(), head)
    with urllib.request.urlopen(request, timeout=300) as answer:
        (image,) = json.load(answer)["images"]
    if not image["b64"].startswith("iVBORw0KGgo"):
        raise SystemExit("an answer is no PNG")
    return time.monotonic() - started


def picture(number: int) -> dict:
    prompt = f"a {'small' if number % 2 else 'big'} red house, number {number}"
    return {"model": "bench-diffusion", "prompt": prompt, "seed": number, "steps": STEPS, "guidance": 7.5}


def meanwhile(server: Server, over: threading.Event, times: list[float]) -> None:
    while not over.wait(BETWEEN_GANS):
        times.append(ask(server, {"model": "digits-gan", "seed": len(times)}) * 1e3)


def series(server: Server, starts: list[float] | None) -> tuple[float, float]:
    """Pictures a second and the median milliseconds of a GAN's request, with these starts or one after the other."""
    over, times = threading.Event(), []
    between = threading.Thread(target=meanwhile, args=(server, over, times))
    between.start()
    began = time.monotonic()
    if starts is None:
        for number in range(REQUESTS):
            ask(server, picture(number))
    else:
        def one(number: int, start: float) -> None:
            time.sleep(max(0.0, began + start - time.monotonic()))
            ask(server, picture(number))

        clients = [threading.Thread(target=one, args=pair) for pair in enumerate(starts)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
    # The first starts at 0, so that the time is that of the work in both cases.
    took = time.monotonic() - began
    over.set()
    between.join()
    return REQUESTS / took, median(times)


def peer(workers: int, threads: int, pipeline: str):
    number = port()
    command = [
        VENV / "bin" / "python", "-m", "uvicorn", "--app-dir", "benches/peers", "diffusion_server:app",
        "--workers", workers, "--no-access-log", "--port", number,
    ]  # fmt: skip
    # All that it loads is on disk.
    environment = {
        "PEER_FOLDER": PIPELINE, "PEER_THREADS": threads, "PEER_PIPELINE": pipeline, "HF_HUB_OFFLINE": 1,
    }  # fmt: skip
    return running(command, number, {name: str(value) for name, value in environment.items()}, None)


def set_up() -> None:
    if not (VENV / "bin" / "python").exists():
        say(f"installing PyTorch and optimum into {VENV}")
        call("python3", "-m", "venv", VENV)
        call(VENV / "bin" / "pip", "install", "-q", "-r", "benches/peers/diffusion-requirements.txt")
    if not (PIPELINE / "model_index.json").exists():
        say("building the pipeline")
        call(VENV / "bin" / "python", "benches/pipeline.py", PIPELINE)
    shutil.rmtree(MODELS / "digits-gan", ignore_errors=True)
    shutil.copytree(ROOT / "onnx" / "digits-gan", MODELS / "digits-gan")


def measure(quick: bool) -> dict:
    set_up()
    rounds = 1 if quick else 5
    sides = ("staggered", "in_turn", "peer")
    found = {side: [] for side in sides} | {f"{side}_gan": [] for side in sides}
    with atelier(models=MODELS) as server:
        ask(server, picture(0))
        alone = median([ask(server, picture(0)) for _ in range(3)])
    found["alone_s"] = alone

    def starts(number: int) -> list[float]:
        """Eight starts within the time that two pictures take alone; the first at once."""
        draw = random.Random(number)
        return [0.0, *sorted(draw.uniform(0, 2 * alone) for _ in range(REQUESTS - 1))]

    trials = {}
    for setting in PEERS:
        with peer(*setting) as server:
            series(server, starts(0))
            trials[setting] = series(server, starts(0))[0]
    best = max(trials, key=trials.get)
    found["peer_trials"] = {" ".join(map(str, setting)): speed for setting, speed in trials.items()}
    found["peer_best"] = best
    with atelier(models=MODELS) as ours, peer(*best) as theirs:
        for server in (ours, theirs):
            series(server, starts(0))
        for number in range(rounds):
            say(f"  round {number + 1} of {rounds}")
            for side, server, at in (
                ("staggered", ours, starts(number)), ("in_turn", ours, None), ("peer", theirs, starts(number)),
            ):  # fmt: skip
                speed, gan = series(server, at)
                found[side].append(speed)
                found[f"{side}_gan"].append(gan)
    return found


def rows(found: dict) -> list[list[str]]:
    workers, threads, pipeline = found["peer_best"]
    ratio = lambda a, b: spread([x / y for x, y in zip(found[a], found[b])], 2, " ×")  # noqa: E731
    row = lambda name, measured: [name, "", measured, "diffusion"]  # noqa: E731
    speed = lambda side: spread(found[side], 2)  # noqa: E731
    wait = lambda side: spread(found[f"{side}_gan"], 1, " ms")  # noqa: E731
    setting = f"{workers} × {threads} threads, {pipeline}"
    return [
        row(f"{REQUESTS} pictures of {STEPS} steps that start at random times, images/s", speed("staggered")),
        row("The same one after the other", speed("in_turn")),
        row(f"Optimum's pipeline behind FastAPI, random times ({setting})", speed("peer")),
        row("Random times ÷ one after the other", f"**{ratio('staggered', 'in_turn')}**"),
        row("Atelier ÷ optimum's pipeline, random times", f"**{ratio('staggered', 'peer')}**"),
        row("A GAN's request meanwhile: Atelier, random times", f"**{wait('staggered')}**"),
        row("The same while pictures come one after the other", wait("in_turn")),
        row("The same beside optimum's pipeline", wait("peer")),
    ]
