"""The server that one writes in an afternoon: FastAPI, uvicorn, onnxruntime, the same request and answer.

It is written to be fast: uvloop and httptools, one ONNX Runtime thread in each worker, the answer written by
orjson past FastAPI's own encoder, no log line for a request. Two choices are left to the benchmark, which
measures all four pairs and keeps the best:

    PEER_HANDLER=async|thread   call the session on the event loop, or in Starlette's thread pool
    PEER_PNG=cv2|pillow         who writes the PNG

    PEER_HANDLER=async PEER_PNG=cv2 uvicorn --app-dir benches/peers fastapi_server:app \\
        --workers 2 --loop uvloop --http httptools --no-access-log --port 8091
"""

import base64
import io
import os
import secrets
import time
import uuid
from typing import Annotated, Literal

import cv2
import numpy as np
import onnxruntime
import orjson
from fastapi import FastAPI, Response
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

GAN = os.environ.get("PEER_GRAPH", "onnx/digits-gan/generator.onnx")
# The whole sampler in one call, which is the quickest way to paint a pixel at a time from Python.
PIXELCNN = os.environ.get("PEER_PIXELCNN", "benches/graphs/pixelcnn_loop.onnx")
HANDLER = os.environ.get("PEER_HANDLER", "async")
PNG = os.environ.get("PEER_PNG", "cv2")


def open_session(graph: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


app = FastAPI()
sessions = {"digits-gan": open_session(GAN), "digits-pixelcnn": open_session(PIXELCNN)}


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid")

    model: Literal["digits-gan", "digits-pixelcnn"] = "digits-gan"
    label: Annotated[int, Field(alias="class", ge=0, le=9)] = 0
    seed: Annotated[int | None, Field(ge=0, lt=1 << 32)] = None


def png_cv2(pixels: np.ndarray) -> bytes:
    return cv2.imencode(".png", pixels)[1].tobytes()


def png_pillow(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()


png = {"cv2": png_cv2, "pillow": png_pillow}[PNG]


def paint(request: Request) -> Response:
    started = time.perf_counter()
    seed = secrets.randbits(32) if request.seed is None else request.seed
    random = np.random.default_rng(seed)
    label = np.array([request.label], np.int64)
    if request.model == "digits-gan":
        noise, scale, black = {"z": random.standard_normal((1, 64), np.float32)}, 127.5, 128.0
    else:
        noise, scale, black = {"uniform": random.random((1, 28, 28), np.float32)}, 255.0, 0.5
    image = sessions[request.model].run(None, noise | {"y": label})[0][0, 0]
    pixels = np.clip(image * scale + black, 0.0, 255.0).astype(np.uint8)
    answer = {
        "id": str(uuid.uuid4()),
        "created": int(time.time()),
        "model": request.model,
        "images": [
            {
                "b64": base64.b64encode(png(pixels)).decode("ascii"),
                "media_type": "image/png",
                "width": pixels.shape[1],
                "height": pixels.shape[0],
                "seed": seed,
                "class": {"digit": str(request.label)},
            }
        ],
        "timings_ms": {"total": (time.perf_counter() - started) * 1e3},
    }
    return Response(orjson.dumps(answer), media_type="application/json")


if HANDLER == "async":

    @app.post("/generate")
    async def generate(request: Request) -> Response:
        return paint(request)

else:

    @app.post("/generate")
    def generate(request: Request) -> Response:
        return paint(request)


@app.get("/readyz")
async def ready() -> Response:
    return Response("ready")
