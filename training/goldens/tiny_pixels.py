"""Write tests/goldens/pixels.json: what the pixel pipelines of diffusers make of the tiny UNets of the tests.

    pip install torch==2.15.0 diffusers==0.36.0 transformers==4.57.6 huggingface_hub==0.36.2 onnxruntime==1.31.1
    python training/goldens/tiny_pixels.py

The pipelines are the package's own; their UNet is a graph of tests/fixtures/pixels, run by ONNX Runtime. A
case is a model, what it was asked, and its image as floats from 0 to 1, height by width by channels.
"""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnxruntime
import torch
from diffusers import DDIMPipeline, DDIMScheduler, DDPMPipeline, DDPMScheduler, ModelMixin
from diffusers.configuration_utils import ConfigMixin, register_to_config

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests/fixtures/pixels"
OUT = ROOT / "tests/goldens/pixels.json"
LABELLED = {"num_train_timesteps": 400, "beta_schedule": "squaredcos_cap_v2",
            "prediction_type": "v_prediction", "clip_sample_range": 0.9}


class Unet(ModelMixin, ConfigMixin):
    """A graph in the place of a UNet2DModel."""

    @register_to_config
    def __init__(self, model: str, label: int | None = None, sample_size: int = 8, in_channels: int = 3):
        super().__init__()
        self.session = onnxruntime.InferenceSession(str(FIXTURES / model / "unet.onnx"))
        self.label = label
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def forward(self, sample, timestep):
        feed = {"x": sample.numpy()}
        if self.label is None:
            feed["t"] = np.array(int(timestep), np.int64)
        else:
            feed["t"] = np.full(len(sample), float(timestep), np.float32)
            feed["y"] = np.full(len(sample), self.label, np.int64)
        return SimpleNamespace(sample=torch.from_numpy(self.session.run(None, feed)[0]))


def case(pipeline, model: str, ask: dict, **call) -> dict:
    pipeline.set_progress_bar_config(disable=True)
    generator = torch.Generator("cpu").manual_seed(ask["seed"])
    image = pipeline(generator=generator, num_inference_steps=ask["steps"], output_type="np", **call).images[0]
    return {"model": model, "ask": ask, "image": [float(f"{x:.6g}") for x in image.reshape(-1)]}


def main() -> None:
    plain, labelled = Unet("ddpm"), Unet("labelled", label=2)
    ddpm = DDPMPipeline(plain, DDPMScheduler())
    ddim = DDIMPipeline(plain, DDIMScheduler())
    curved = DDIMPipeline(labelled, DDIMScheduler(**LABELLED))
    ancestral = DDPMPipeline(labelled, DDPMScheduler(**LABELLED))
    cases = [
        case(ddpm, "ddpm", {"seed": 3, "steps": 10}),
        case(ddpm, "ddpm", {"seed": 4, "steps": 25}),
        case(ddim, "ddpm", {"seed": 3, "steps": 10, "scheduler": "ddim"}),
        case(ddim, "ddpm", {"seed": 3, "steps": 10, "scheduler": "ddim", "eta": 0.5}, eta=0.5),
        case(curved, "labelled", {"seed": 5, "steps": 8, "class": "third"}),
        case(ancestral, "labelled", {"seed": 5, "steps": 8, "class": "third", "scheduler": "ddpm"}),
    ]
    OUT.write_text(json.dumps(cases) + "\n")
    print(f"{len(cases)} cases, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
