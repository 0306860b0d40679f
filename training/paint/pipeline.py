"""Paints from a shipped folder as the service does: its graphs, its tokenizer, its scheduler."""

import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from tokenizers import Tokenizer

import export
from paint import words


class Pipeline:
    def __init__(self, folder: Path, threads: int = 1, forget: int = 0):
        """`forget`: how many of the last concepts in the painter's memory it is to do without."""
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer/tokenizer.json"))
        with tempfile.TemporaryDirectory() as scratch:
            unet = folder / "unet/model.onnx"
            if forget:
                unet = forgetful(unet, Path(scratch) / "model.onnx", forget)
            graphs = {part: folder / part / "model.onnx" for part in ("text_encoder", "vae_decoder")} | {"unet": unet}
            self.graphs = {part: export.session(path, threads) for part, path in graphs.items()}
        vae = json.loads((folder / "vae_decoder/config.json").read_text())
        self.means, self.deviations = (np.array(vae[name], np.float32)[:, None, None] for name in ("latents_mean", "latents_std"))
        self.scheduler = json.loads((folder / "scheduler/scheduler_config.json").read_text())

    def call(self, part: str, **feed) -> np.ndarray:
        return self.graphs[part].run(None, feed)[0]

    def states(self, prompts: list[str]) -> np.ndarray:
        numbers = words.numbered(self.tokenizer, prompts).numpy()
        padded = np.full((len(prompts), words.LENGTH), words.PAD, np.int64)
        padded[:, : numbers.shape[1]] = numbers
        return self.call("text_encoder", input_ids=padded)

    def levels(self, steps: int) -> np.ndarray:
        """Noise levels of diffusers' FlowMatchEulerDiscreteScheduler, which shifts its least level twice."""
        shift = self.scheduler["shift"]
        shifted = lambda level: shift * level / (1 + (shift - 1) * level)  # noqa: E731
        levels = shifted(np.linspace(1.0, shifted(0.001), steps))
        if terminal := self.scheduler.get("shift_terminal"):
            levels = 1 - (1 - levels) * (1 - terminal) / (1 - levels[-1])
        return np.append(levels, 0).astype(np.float32)

    def paint(self, prompts: list[str], seeds: list[int], steps: int, guidance: float, batch: int = 16) -> np.ndarray:
        """uint8 [N, 64, 64, 4] with straight alpha."""
        parts = range(0, len(prompts), batch)
        return np.concatenate([self._paint(prompts[at : at + batch], seeds[at : at + batch], steps, guidance) for at in parts])

    def _paint(self, prompts: list[str], seeds: list[int], steps: int, guidance: float) -> np.ndarray:
        told, free = self.states(prompts), self.states([""] * len(prompts))
        shape = (len(self.means), 8, 8)
        x = torch.stack([torch.randn(shape, generator=torch.Generator().manual_seed(seed)) for seed in seeds]).numpy()
        levels = self.levels(steps)
        for now, then in zip(levels[:-1], levels[1:], strict=True):
            time = np.full(len(x), now * 1000, np.float32)
            velocity = self.call("unet", sample=x, timestep=time, encoder_hidden_states=told)
            if guidance > 1:
                without = self.call("unet", sample=x, timestep=time, encoder_hidden_states=free)
                velocity = without + guidance * (velocity - without)
            x = x + (then - now) * velocity
        painted = self.call("vae_decoder", latent_sample=x * self.deviations + self.means)
        return np.rint((painted.clip(-1, 1) + 1) * 127.5).astype(np.uint8).transpose(0, 2, 3, 1)


def forgetful(source: Path, target: Path, count: int) -> Path:
    """The painter's graph with the keys of its last concepts set to zero, which nothing is near to."""
    model = onnx.load(source)
    (keys,) = (tensor for tensor in model.graph.initializer if tensor.name.startswith("painter.memory.keys") and len(tensor.dims) == 3 and tensor.dims[0] > 1 and tensor.dims[2] > 1)
    values = numpy_helper.to_array(keys).copy()
    values[-count:] = 0
    keys.CopyFrom(numpy_helper.from_array(values, keys.name))
    onnx.save(model, target)
    return target
