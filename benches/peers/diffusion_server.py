"""A diffusion pipeline served as one writes it in an afternoon: optimum on onnxruntime, behind FastAPI.

The handlers run in Starlette's thread pool, so that a GAN request needn't wait for a pipeline to end. What is
left to choose, the benchmark tries and keeps the best:

    PEER_THREADS=2                 ONNX Runtime's threads in each worker
    PEER_PIPELINE=locked|copied    one request in the pipeline at a time, or a copy for each, with a scheduler of
                                   its own over the same sessions

    PEER_FOLDER=out/bench-models/bench-diffusion uvicorn --app-dir benches/peers diffusion_server:app --workers 1
"""

import base64
import contextlib
import copy
import io
import os
import threading

import numpy as np
import onnxruntime
import torch
from fastapi import FastAPI
from optimum.onnxruntime import ORTStableDiffusionPipeline
from PIL import Image
from pydantic import BaseModel

THREADS = int(os.environ.get("PEER_THREADS", "2"))
COPIED = os.environ.get("PEER_PIPELINE", "locked") == "copied"

torch.set_num_threads(1)  # for the schedulers' arithmetic; the networks are ONNX Runtime's
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = THREADS
options.inter_op_num_threads = 1
options.add_session_config_entry("session.intra_op.allow_spinning", "0")
pipeline = ORTStableDiffusionPipeline.from_pretrained(
    os.environ["PEER_FOLDER"], provider="CPUExecutionProvider", session_options=options
)
pipeline.set_progress_bar_config(disable=True)
gan = onnxruntime.InferenceSession(
    os.environ.get("PEER_GRAPH", "onnx/digits-gan/generator.onnx"), options, providers=["CPUExecutionProvider"]
)
free = threading.Lock()
app = FastAPI()


class Request(BaseModel):
    model: str
    prompt: str = ""
    label: int = 0
    seed: int = 0
    steps: int = 20
    guidance: float = 7.5


def diffuse(request: Request) -> Image.Image:
    ours = pipeline
    if COPIED:
        ours = copy.copy(pipeline)
        ours.scheduler = type(pipeline.scheduler).from_config(pipeline.scheduler.config)
    with contextlib.nullcontext() if COPIED else free:
        return ours(
            request.prompt, num_inference_steps=request.steps, guidance_scale=request.guidance,
            generator=torch.Generator().manual_seed(request.seed),
        ).images[0]  # fmt: skip


def paint(request: Request) -> Image.Image:
    noise = np.random.default_rng(request.seed).standard_normal((1, 64), np.float32)
    image = gan.run(None, {"z": noise, "y": np.array([request.label], np.int64)})[0][0, 0]
    return Image.fromarray(np.clip(image * 127.5 + 128.0, 0.0, 255.0).astype(np.uint8))


@app.post("/generate")
def generate(request: Request) -> dict:
    image = paint(request) if request.model == "digits-gan" else diffuse(request)
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return {"images": [{"b64": base64.b64encode(file.getvalue()).decode("ascii"), "media_type": "image/png"}]}


@app.get("/readyz")
async def ready() -> str:
    return "ready"
