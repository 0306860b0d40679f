"""Build tiny diffusers pipelines with random weights, export them, and paint reference pictures.

    pip install torch==2.15.0 diffusers==0.36.0 transformers==4.57.6 huggingface_hub==0.36.2 \
        tokenizers==0.22.2 optimum==2.1.0 optimum-onnx==0.1.0 onnx==1.23.2 onnxruntime==1.31.1 scipy
    python training/goldens/tiny_pipelines.py [--pictures]

Writes one folder for each kind of pipeline to tests/pipelines/, as `optimum-cli export onnx` would, two
that other tools might have written to tests/other-exports/, and to tests/goldens/diffusion/ a picture for each case of cases.json, painted by PyTorch from the same
weights with one CPU generator for each image. The weights mean nothing; they are stirred until words,
noise and time all show in the picture, since a grey square would agree with anything.
"""

import json
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

import diffusers
import numpy as np
import torch
from PIL import Image
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
)

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ROOT / "tests" / "pipelines"
OTHERS = ROOT / "tests" / "other-exports"
PICTURES = ROOT / "tests" / "goldens" / "diffusion"
WORDS = "a an the of cat dog red blue house tree painting photo in on with and small big green".split()
PROMPT = "A small Red cat, on the blue house!"
NEGATIVE = "a big dog"
SIZE = 32


def tokenizer(folder: Path, pad: str) -> CLIPTokenizer:
    """Byte-level BPE with CLIP's end-of-word mark, and the merges that a few words need."""
    from transformers.models.clip.tokenization_clip import bytes_to_unicode

    alphabet = list(bytes_to_unicode().values())
    vocabulary = alphabet + [letter + "</w>" for letter in alphabet]
    merges: list[tuple[str, str]] = []
    for word in WORDS:
        parts = list(word[:-1]) + [word[-1] + "</w>"]
        while len(parts) > 1:
            # Merge from the left, with every rule learnt so far applied first.
            pair = (parts[0], parts[1])
            if pair not in merges:
                merges.append(pair)
                vocabulary.append("".join(pair))
            parts = ["".join(pair), *parts[2:]]
    vocabulary += ["<|startoftext|>", "<|endoftext|>"]
    folder.mkdir(parents=True, exist_ok=True)
    ids = {token: i for i, token in enumerate(dict.fromkeys(vocabulary))}
    (folder / "vocab.json").write_text(json.dumps(ids))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(m) for m in merges) + "\n")
    return CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77, pad_token=pad)


def text_encoder(tokens: CLIPTokenizer, width: int, projection: bool):
    torch.manual_seed(width)
    config = CLIPTextConfig(
        vocab_size=len(tokens), hidden_size=width, intermediate_size=2 * width, num_hidden_layers=3,
        num_attention_heads=4, max_position_embeddings=77, projection_dim=width, hidden_act="quick_gelu",
        bos_token_id=tokens.bos_token_id, eos_token_id=tokens.eos_token_id, pad_token_id=tokens.pad_token_id,
    )
    model = (CLIPTextModelWithProjection if projection else CLIPTextModel)(config)
    stir(model, 4.0, ("token_embedding", "position_embedding"))
    return model.eval()


def stir(model: torch.nn.Module, factor: float, names: tuple[str, ...]) -> None:
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if any(part in name for part in names):
                parameter *= factor


def unet(seed: int, **changes):
    torch.manual_seed(seed)
    config = dict(
        sample_size=SIZE // 2, in_channels=4, out_channels=4, block_out_channels=(8, 16), layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=32, attention_head_dim=4, norm_num_groups=4,
    )
    model = diffusers.UNet2DConditionModel(**(config | changes))
    stir(model, 4.0, ("attn2.to_out", "attn2.to_v"))
    stir(model, 3.0, ("conv_out", "time_emb_proj"))
    return model.eval()


def autoencoder():
    torch.manual_seed(5)
    model = diffusers.AutoencoderKL(
        block_out_channels=(8, 16), down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2, layers_per_block=1, latent_channels=4, norm_num_groups=4,
        sample_size=SIZE, scaling_factor=0.18215,
    )
    stir(model, 2.0, ("decoder.conv_out", "decoder.conv_in", "encoder.conv_out"))
    return model.eval()


STABLE = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")


def build(kind: str, folder: Path):
    tokens = tokenizer(folder / "raw_tokenizer", "<|endoftext|>")
    plain = dict(
        vae=autoencoder(), text_encoder=text_encoder(tokens, 32, False), tokenizer=tokens,
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )
    pndm = diffusers.PNDMScheduler(**STABLE, skip_prk_steps=True, steps_offset=1, set_alpha_to_one=False)
    if kind == "stable-diffusion":
        return diffusers.StableDiffusionPipeline(**plain, unet=unet(11), scheduler=pndm)
    if kind == "inpaint":
        return diffusers.StableDiffusionInpaintPipeline(**plain, unet=unet(13, in_channels=9), scheduler=pndm)
    if kind == "latent-consistency":
        return diffusers.LatentConsistencyModelPipeline(
            **plain, unet=unet(17, time_cond_proj_dim=16), scheduler=diffusers.LCMScheduler()
        )
    if kind == "stable-diffusion-xl":
        second = tokenizer(folder / "raw_tokenizer_2", "!")
        network = unet(
            19, cross_attention_dim=32 + 48, addition_embed_type="text_time", addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=48 + 6 * 8, transformer_layers_per_block=1,
        )
        euler = diffusers.EulerDiscreteScheduler(**STABLE, timestep_spacing="leading", steps_offset=1)
        return diffusers.StableDiffusionXLPipeline(
            vae=plain["vae"], text_encoder=plain["text_encoder"], tokenizer=tokens,
            text_encoder_2=text_encoder(second, 48, True), tokenizer_2=second, unet=network, scheduler=euler, force_zeros_for_empty_prompt=True,
            add_watermarker=False,
        )
    raise ValueError(kind)


KINDS = {
    "stable-diffusion": "text-to-image", "inpaint": "inpainting", "latent-consistency": "text-to-image", "stable-diffusion-xl": "text-to-image",
}


def export(kind: str, source: Path, target: Path) -> None:
    from optimum.exporters.onnx import main_export

    main_export(str(source), output=str(target), task=KINDS[kind], library_name="diffusers", do_validation=False)
    for file in target.rglob("*.json"):
        # Where the weights lay while this script ran is nobody's business.
        values = json.loads(file.read_text())
        if isinstance(values, dict) and values.pop("_name_or_path", None) is not None:
            file.write_text(json.dumps(values, indent=2) + "\n")


def other_exports() -> None:
    """Two more folders of the first kind: all in float16, and with the whole timesteps of older exports."""
    import onnx
    from onnx import TensorProto
    from onnxruntime.transformers.float16 import convert_float_to_float16

    for name in ("half", "whole-timesteps"):
        shutil.rmtree(OTHERS / name, ignore_errors=True)
        shutil.copytree(FOLDERS / "stable-diffusion", OTHERS / name)
    for part in ("unet", "vae_decoder", "vae_encoder", "text_encoder"):
        path = OTHERS / "half" / part / "model.onnx"
        onnx.save(convert_float_to_float16(onnx.load(path), keep_io_types=False), path)
    path = OTHERS / "whole-timesteps" / "unet" / "model.onnx"
    model = onnx.load(path)
    for port in model.graph.input:
        if port.name == "timestep":
            port.type.tensor_type.elem_type = TensorProto.INT64
            port.type.tensor_type.shape.dim.add().dim_value = 1
    for node in model.graph.node:
        if "timestep" in node.input:
            node.op_type = "Cast"
            del node.input[1:]
            node.attribute.append(onnx.helper.make_attribute("to", TensorProto.FLOAT))
    onnx.save(model, path)
    legacy_parts()


def legacy_parts() -> None:
    """The parts that the conversion script of diffusers wrote in another way: token ids of 32 bits, a timestep for
    each row, and an encoder that answers with a sample (here the mean, which needs no random numbers)."""
    import onnx
    from onnx import TensorProto, helper

    def changed(part: str, change) -> None:
        path = OTHERS / "legacy" / part / "model.onnx"
        path.parent.mkdir(parents=True, exist_ok=True)
        model = onnx.load(FOLDERS / "stable-diffusion" / part / "model.onnx")
        change(model.graph)
        onnx.checker.check_model(model)
        onnx.save(model, path)

    def narrow_ids(graph) -> None:
        ids = next(port for port in graph.input if port.name == "input_ids")
        ids.type.tensor_type.elem_type = TensorProto.INT32
        for node in graph.node:
            node.input[:] = ["wide_ids" if name == "input_ids" else name for name in node.input]
        graph.node.insert(0, helper.make_node("Cast", ["input_ids"], ["wide_ids"], to=TensorProto.INT64))

    def timestep_by_row(graph) -> None:
        port = next(port for port in graph.input if port.name == "timestep")
        port.type.tensor_type.shape.dim.add().dim_param = "batch"
        for node in graph.node:
            if "timestep" in node.input:
                node.op_type = "Identity"
                del node.input[1:]
                del node.attribute[:]

    def sampled(graph) -> None:
        output = graph.output[0]
        for node in graph.node:
            node.output[:] = ["parameters" if name == output.name else name for name in node.output]
        halves = ["latent_sample", "unused_half"]
        graph.node.append(helper.make_node("Split", ["parameters"], halves, axis=1, num_outputs=2))
        dims = ["batch", 4, "height", "width"]
        graph.output[0].CopyFrom(helper.make_tensor_value_info("latent_sample", TensorProto.FLOAT, dims))

    from transformers import CLIPTokenizerFast

    shutil.rmtree(OTHERS / "legacy", ignore_errors=True)
    changed("text_encoder", narrow_ids)
    changed("unet", timestep_by_row)
    changed("vae_encoder", sampled)
    index = json.loads((FOLDERS / "stable-diffusion" / "model_index.json").read_text())
    index["_class_name"] = "OnnxStableDiffusionPipeline"
    # The fast tokenizer's file, as it is saved after it has been used: with its padding and truncation set.
    tokens = CLIPTokenizerFast.from_pretrained(FOLDERS / "stable-diffusion" / "tokenizer").backend_tokenizer
    tokens.enable_truncation(20)
    tokens.enable_padding(length=30)
    (OTHERS / "legacy" / "tokenizer").mkdir()
    tokens.save(str(OTHERS / "legacy" / "tokenizer" / "tokenizer.json"), pretty=False)
    (OTHERS / "legacy" / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")


PROMPTS = [
    "", PROMPT, NEGATIVE, "  the   tree\n of\tred ", "it's the dog's 42 houses, isn't it?", "CAFÉ café", "cafe\u0301",
    "con mèo nhỏ trên ngôi nhà", "un chien à côté de l'arbre", "emoji 🐱 here", "<|endoftext|> the end",
    "dog " * 100, "a photo of " + "red " * 80 + "tree", "under_score & <tags>",
]


def tokens_table(tokens: CLIPTokenizer) -> list[dict]:
    return [{"prompt": prompt, "ids": tokens(prompt, padding="max_length", truncation=True).input_ids}
            for prompt in PROMPTS]


# Folders that differ from "stable-diffusion" in their scheduler_config.json alone.
VELOCITY = STABLE | {"_class_name": "DDIMScheduler", "clip_sample": False, "set_alpha_to_one": False,
                     "steps_offset": 1, "prediction_type": "v_prediction"}
TURBO = STABLE | {"_class_name": "EulerDiscreteScheduler", "timestep_spacing": "trailing"}

SCHEDULERS = {
    "ddim": ("DDIMScheduler", {}), "ddpm": ("DDPMScheduler", {}), "pndm": ("PNDMScheduler", {}),
    "euler": ("EulerDiscreteScheduler", {}), "euler_karras": ("EulerDiscreteScheduler", {"use_karras_sigmas": True}),
    "euler_ancestral": ("EulerAncestralDiscreteScheduler", {}), "heun": ("HeunDiscreteScheduler", {}),
    "dpmpp_2m": ("DPMSolverMultistepScheduler", {}),
    "dpmpp_2m_karras": ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
    "dpmpp_2m_sde": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
    "dpmpp_2m_sde_karras": (
        "DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++", "use_karras_sigmas": True}),
    "unipc": ("UniPCMultistepScheduler", {}), "lcm": ("LCMScheduler", {}),
}


def cases() -> list[dict]:
    found = []

    def add(name: str, model: str, **fields) -> None:
        found.append({"name": name, "model": model, "seed": 42, **fields})

    for scheduler in SCHEDULERS:
        shared = dict(scheduler=scheduler, prompt=PROMPT, negative_prompt=NEGATIVE, steps=6, guidance=4.0)
        add(f"text-{scheduler}", "stable-diffusion", **shared)
        add(f"image-{scheduler}", "stable-diffusion", **shared, image=True, strength=0.6)
    plain = dict(prompt=PROMPT, steps=5, guidance=4.0)
    add("text-own", "stable-diffusion", **plain)
    add("text-rescaled", "stable-diffusion", **plain, guidance_rescale=0.7, scheduler="euler")
    add("text-unguided", "stable-diffusion", prompt=PROMPT, steps=5, guidance=1.0, scheduler="ddim")
    add("text-eta", "stable-diffusion", **plain, eta=0.8, scheduler="ddim")
    add("text-wide", "stable-diffusion", **plain, width=48, height=24, scheduler="euler")
    add("text-empty", "stable-diffusion", prompt="", steps=4, guidance=3.0, scheduler="ddim")
    add("text-velocity", "stable-diffusion", **plain, scheduler_config=VELOCITY)
    add("text-turbo", "stable-diffusion", prompt=PROMPT, steps=1, guidance=0.0, scheduler_config=TURBO)
    add("text-turbo-4", "stable-diffusion", prompt=PROMPT, steps=4, guidance=0.0, scheduler="euler_ancestral",
        scheduler_config=TURBO)
    add("paint-4", "stable-diffusion", **plain, image=True, mask=True, strength=0.8, scheduler="euler")
    add("paint-4-whole", "stable-diffusion", **plain, image=True, mask=True, strength=1.0, scheduler="ddim")
    add("paint-9", "inpaint", **plain, image=True, mask=True, strength=1.0)
    add("paint-9-partly", "inpaint", **plain, image=True, mask=True, strength=0.7, scheduler="dpmpp_2m")
    add("consistent", "latent-consistency", prompt=PROMPT, steps=4, guidance=8.5)
    add("consistent-image", "latent-consistency", prompt=PROMPT, steps=4, guidance=8.5, image=True, strength=0.6)
    add("large", "stable-diffusion-xl", **plain)
    add("large-negative", "stable-diffusion-xl", **plain, negative_prompt=NEGATIVE, scheduler="dpmpp_2m")
    add("large-image", "stable-diffusion-xl", **plain, image=True, strength=0.6)
    add("large-unguided", "stable-diffusion-xl", prompt=PROMPT, steps=2, guidance=0.0)
    return found


def picture() -> Image.Image:
    """A gradient with a disc; its bytes are part of cases.json's folder."""
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    rgb = np.stack([x * 8, y * 8, 255 - (x + y) * 4], axis=-1)
    rgb[(x - 20) ** 2 + (y - 12) ** 2 < 60] = (240, 200, 30)
    return Image.fromarray(rgb.clip(0, 255).astype(np.uint8))


def mask() -> Image.Image:
    area = np.zeros((SIZE, SIZE), dtype=np.uint8)
    area[6:22, 10:28] = 255
    return Image.fromarray(area)


PIPELINES = {
    ("stable-diffusion", "image"): diffusers.StableDiffusionImg2ImgPipeline,
    ("stable-diffusion", "mask"): diffusers.StableDiffusionInpaintPipeline,
    ("inpaint", "mask"): diffusers.StableDiffusionInpaintPipeline,
    ("latent-consistency", "image"): diffusers.LatentConsistencyModelImg2ImgPipeline,
    ("stable-diffusion-xl", "image"): diffusers.StableDiffusionXLImg2ImgPipeline,
}


def paint(case: dict, pipeline) -> Image.Image:
    way = "mask" if case.get("mask") else "image" if case.get("image") else "text"
    used = pipeline
    if way != "text":
        used = PIPELINES[(case["model"], way)](**pipeline.components, **extra(case["model"], way))
    config = case.get("scheduler_config") or ORIGINAL[case["model"]]
    name, changes = SCHEDULERS.get(case.get("scheduler"), (config["_class_name"], {}))
    used.scheduler = getattr(diffusers, name).from_config(config, **changes)
    used.set_progress_bar_config(disable=True)
    arguments = dict(
        prompt=case["prompt"], num_inference_steps=case["steps"], guidance_scale=case["guidance"],
        generator=[torch.Generator("cpu").manual_seed(case["seed"])], output_type="pil",
    )
    for ours, theirs in [("negative_prompt", "negative_prompt"), ("guidance_rescale", "guidance_rescale"),
                         ("eta", "eta"), ("width", "width"), ("height", "height"), ("strength", "strength")]:
        if ours in case:
            arguments[theirs] = case[ours]
    if way != "text":
        arguments["image"] = picture()
    if way == "mask":
        arguments |= {"mask_image": mask(), "width": SIZE, "height": SIZE}
    return used(**arguments).images[0]


def extra(model: str, way: str) -> dict:
    return {} if model == "stable-diffusion-xl" else {"requires_safety_checker": False}


ORIGINAL: dict[str, dict] = {}


def main() -> None:
    warnings.simplefilter("ignore")
    diffusers.logging.set_verbosity_error()
    exports = "--pictures" not in sys.argv
    PICTURES.mkdir(parents=True, exist_ok=True)
    picture().save(PICTURES / "given.png", optimize=True)
    mask().save(PICTURES / "mask.png", optimize=True)
    pipelines = {}
    with tempfile.TemporaryDirectory() as scratch:
        for kind in KINDS:
            source = Path(scratch) / kind
            pipeline = build(kind, source)
            pipeline.save_pretrained(source / "saved", safe_serialization=True)
            pipelines[kind] = pipeline
            # As the folder says it: a live configuration also knows which keys were only defaults.
            ORIGINAL[kind] = json.loads((source / "saved" / "scheduler" / "scheduler_config.json").read_text())
            if exports:
                target = FOLDERS / kind
                shutil.rmtree(target, ignore_errors=True)
                export(kind, source / "saved", target)
        if exports:
            other_exports()
        results = []
        for case in cases():
            image = paint(case, pipelines[case["model"]])
            values = np.asarray(image).astype(float)
            print(f"{case['name']:28} mean {values.mean():6.1f} deviation {values.std():6.1f}")
            image.save(PICTURES / f"{case['name']}.png", optimize=True)
            results.append(case)
    body = ",\n".join(json.dumps(row) for row in tokens_table(pipelines["stable-diffusion"].tokenizer))
    (PICTURES / "tokens.json").write_text(f"[\n{body}\n]\n")
    body = ",\n".join(json.dumps(case) for case in results)
    (PICTURES / "cases.json").write_text(f"[\n{body}\n]\n")


if __name__ == "__main__":
    main()
