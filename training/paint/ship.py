"""From checkpoints to a folder in the diffusers layout, with standard names: foreign tools read it too.

Weights are stored as int8 with a scale for each output (float16 where that would show), and ONNX Runtime folds
them back to float32 at load. Pictures go in and out as RGBA in -1..1 with straight alpha.
"""

import json
from pathlib import Path

import numpy as np
import torch
from torch import nn

import export
from paint import autoencoder, icons, words
from paint.autoencoder import CHANNELS, GRID

SHIFT = 2.0
LAST_LEVEL = 0.1  # the scheduler's last step starts here; it would be wasted on less
STEPS = 6
GUIDANCE = 2.0


class TextEncoder(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids):
        return self.encoder(input_ids)


class Unet(nn.Module):
    """The velocity that a flow matching scheduler asks for, at timesteps 0..1000."""

    def __init__(self, painter):
        super().__init__()
        self.painter = painter

    def forward(self, sample, timestep, encoder_hidden_states):
        noise = timestep / 1000
        clean = self.painter(sample, noise, encoder_hidden_states)
        return (sample - clean) / noise.clamp(min=1e-3)[:, None, None, None]


class Decoder(nn.Module):
    def __init__(self, decoder):
        super().__init__()
        self.decoder = decoder

    def forward(self, latent_sample):
        painted = (self.decoder(latent_sample).clamp(-1, 1) + 1) / 2
        colour, alpha = painted[:, :3], painted[:, 3:]
        straight = (colour / alpha.clamp(min=1 / 255)).clamp(0, 1)
        return torch.cat([straight, alpha], 1) * 2 - 1


class PictureEncoder(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder

    def forward(self, sample):
        unit = (sample + 1) / 2
        premultiplied = torch.cat([unit[:, :3] * unit[:, 3:], unit[:, 3:]], 1)
        return self.encoder(premultiplied * 2 - 1)


def ship(trainer, folder: Path) -> None:
    """Writes every part; the painter's averaged weights must be in trainer.network."""
    both = autoencoder.load("emoji-autoencoder").to(memory_format=torch.contiguous_format)
    text = trainer.understand(["a cat", "deux pommes"]).float()
    text = torch.cat([text, torch.zeros(2, words.LENGTH + words.SHAPED - 1 - text.shape[1], text.shape[2])], 1)
    latent = torch.randn(2, CHANNELS, GRID, GRID)
    numbers = torch.tensor([[words.BEGIN, 9, words.END, *[words.PAD] * (words.LENGTH - 3)]] * 2)
    picture = torch.rand(2, 4, icons.SIDE, icons.SIDE) * 2 - 1
    graphs = {
        "text_encoder": (TextEncoder(trainer.encoder), {"input_ids": numbers}, "last_hidden_state"),
        "unet": (
            Unet(trainer.network.eval()),
            {"sample": latent, "timestep": torch.tensor([999.0, 400.0]), "encoder_hidden_states": text},
            "out_sample",
        ),
        "vae_decoder": (Decoder(both.decoder), {"latent_sample": latent}, "sample"),
        "vae_encoder": (PictureEncoder(both.encoder), {"sample": picture}, "latent_parameters"),
    }
    for part, (network, feed, output) in graphs.items():
        path = folder / part / "model.onnx"
        path.parent.mkdir(parents=True, exist_ok=True)
        with torch.no_grad():
            expected = network(*feed.values())
        export.trace(network, path, feed, [output], free={"encoder_hidden_states": {1: "length"}})
        export.store_as_int8(path)
        session = export.session(path)
        found = session.run(None, {name: value.numpy() for name, value in feed.items()})[0]
        alone = session.run(None, {name: value[:1].numpy() for name, value in feed.items()})[0]
        if not np.allclose(alone, found[:1], atol=1e-4):
            raise SystemExit(f"{part}: a row alone differs from the same row in a batch")
        away = float(np.sqrt(((found - expected.numpy()) ** 2).mean()) / expected.std())
        if not away < 0.05:
            raise SystemExit(f"{part}: stored as int8 it strays by {away:.1%} of its spread")
    configure(trainer, folder)


def configure(trainer, folder: Path) -> None:
    """The configurations that the layout asks for."""
    floats = lambda tensor: [round(float(value), 6) for value in tensor]  # noqa: E731
    vae = {
        "_class_name": "AutoencoderKL", "in_channels": 4, "out_channels": 4, "latent_channels": CHANNELS,
        "sample_size": icons.SIDE, "block_out_channels": [1, 1, 1, 1], "scaling_factor": 1.0,
        "latents_mean": floats(trainer.means), "latents_std": floats(trainer.deviations),
    }  # fmt: skip
    write = lambda part, value: (folder / part).write_text(json.dumps(value, indent=2) + "\n")  # noqa: E731
    write(
        "model_index.json",
        {
            "_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.36.0", "requires_safety_checker": False,
            "feature_extractor": [None, None], "safety_checker": [None, None],
            "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
            "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "PreTrainedTokenizerFast"],
            "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"],
        },
    )  # fmt: skip
    write("vae_decoder/config.json", vae)
    write("vae_encoder/config.json", vae)
    write(
        "unet/config.json",
        {
            "_class_name": "UNet2DConditionModel", "in_channels": CHANNELS, "out_channels": CHANNELS,
            "sample_size": GRID, "block_out_channels": [trainer.config.width], "cross_attention_dim": trainer.config.text_width,
        },
    )  # fmt: skip
    write(
        "text_encoder/config.json",
        {"model_type": "clip_text_model", "max_position_embeddings": words.LENGTH, "hidden_size": trainer.config.text_width},
    )
    (folder / "scheduler").mkdir(exist_ok=True)
    write(
        "scheduler/scheduler_config.json",
        {"_class_name": "FlowMatchEulerDiscreteScheduler", "num_train_timesteps": 1000, "shift": SHIFT, "shift_terminal": LAST_LEVEL},
    )
    (folder / "tokenizer").mkdir(exist_ok=True)
    trainer.tokenizer.save(str(folder / "tokenizer" / "tokenizer.json"), pretty=False)
    marks = {"bos_token": words.MARKS[1], "eos_token": words.MARKS[2], "pad_token": words.MARKS[0], "unk_token": words.MARKS[3]}
    write("tokenizer/special_tokens_map.json", marks)
    write("tokenizer/tokenizer_config.json", marks | {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": words.LENGTH})
