"""Build the diffusion pipeline that `benches/run diffusion` serves, as `optimum-cli export onnx` writes one.

    python benches/pipeline.py FOLDER      # with what benches/peers/diffusion-requirements.txt installs

A Stable Diffusion in small: CLIP's tokenizer and text encoder, a UNet of 6 million weights with cross-attention
over 16 × 16 latents, and a decoder that makes 64 × 64 pixels of them. The weights are random, so its pictures
mean nothing; what they cost is what is measured.
"""

import sys
import tempfile
from pathlib import Path

import diffusers
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "training" / "goldens"))
from tiny_pipelines import STABLE, text_encoder, tokenizer  # noqa: E402


def build(scratch: Path) -> diffusers.StableDiffusionPipeline:
    tokens = tokenizer(scratch / "raw_tokenizer", "<|endoftext|>")
    torch.manual_seed(1)
    unet = diffusers.UNet2DConditionModel(
        sample_size=16, in_channels=4, out_channels=4, block_out_channels=(64, 128), layers_per_block=2,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=64, attention_head_dim=4, norm_num_groups=16,
    )  # fmt: skip
    vae = diffusers.AutoencoderKL(
        block_out_channels=(32, 64, 64), down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3, layers_per_block=1, latent_channels=4, norm_num_groups=16,
        sample_size=64, scaling_factor=0.18215,
    )  # fmt: skip
    return diffusers.StableDiffusionPipeline(
        vae=vae.eval(), text_encoder=text_encoder(tokens, 64, False), tokenizer=tokens, unet=unet.eval(),
        scheduler=diffusers.EulerDiscreteScheduler(**STABLE, steps_offset=1),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip


def main(folder: Path) -> None:
    from optimum.exporters.onnx import main_export

    with tempfile.TemporaryDirectory() as scratch:
        pipeline = build(Path(scratch))
        weights = sum(parameter.numel() for parameter in pipeline.unet.parameters())
        pipeline.save_pretrained(Path(scratch) / "pipeline")
        main_export(
            str(Path(scratch) / "pipeline"), output=str(folder), task="text-to-image", library_name="diffusers",
            do_validation=False,
        )  # fmt: skip
    sys.stderr.write(f"{folder}: a UNet of {weights / 1e6:.1f} million weights\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
