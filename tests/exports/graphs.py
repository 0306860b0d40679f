"""Small graphs of the kinds that people export, each with what it paints by ONNX Runtime alone.

A case says what `atelier import` is told beside the files, what is asked of the server then, and which
inputs the graph itself is run on for comparison. Weights are random: only shapes, names, ranges and
layouts are as people have them.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper

sys.path.append(str(Path(__file__).resolve().parents[1] / "fixtures"))
from make import FLOAT, HALF, INT64, UINT8, Graph, seeded  # noqa: E402

INT8 = TensorProto.INT8


@dataclass
class Case:
    """A model, and one picture of it."""

    name: str
    graphs: list[tuple[str, Graph]]
    ask: dict
    """The request; an image is a tensor of bytes, [H, W, C]."""
    feed: dict[str, np.ndarray]
    """What the graph is run on."""
    pixels: Callable[[np.ndarray], np.ndarray]
    """From its output to floats, [H, W, C], where 0 is black and 255 white."""
    flags: list[str] = field(default_factory=list)
    run: Callable | None = None
    """How the files are run where it isn't one on `feed`."""
    output: int = 0


# --- shapes and ranges -----------------------------------------------------------------------------


def planar(values):
    return np.moveaxis(np.asarray(values, np.float32)[0], 0, -1)


def signed(values):
    return planar(values) * 127.5 + 127.5


def unit(values):
    return planar(values) * 255


def grow(graph, latent, channels, *, wide=16, length, name="t"):
    """A generator's body: to 4 × 4, then twice as large twice, and a last convolution."""
    flat = graph.node("Gemm", latent, graph.weight(seeded(length, wide * 16, seed=1, scale=0.4)))
    maps = graph.node("Relu", graph.node("Reshape", flat, graph.ints(-1, wide, 4, 4)))
    for layer in range(2):
        kernel = graph.weight(seeded(wide, wide, 4, 4, seed=2 + layer, scale=0.12))
        maps = graph.node("ConvTranspose", maps, kernel, strides=[2, 2], pads=[1, 1, 1, 1])
        maps = graph.node("LeakyRelu", maps, alpha=0.2)
    kernel = graph.weight(seeded(channels, wide, 3, 3, seed=9, scale=0.12))
    return graph.node("Conv", maps, kernel, pads=[1, 1, 1, 1])


def conv(graph, maps, inside, outside, side=3, *, seed=0, scale=0.3, pad=True, stride=1):
    kernel = graph.weight(seeded(outside, inside, side, side, seed=seed, scale=scale / np.sqrt(inside)))
    edge = [side // 2] * 4 if pad else [0] * 4
    return graph.node("Conv", maps, kernel, pads=edge, strides=[stride, stride])


def draw(*shape, seed=3):
    return np.random.RandomState(seed).randn(*shape).astype(np.float32)


def picture(height, width, channels):
    """Slopes and a disc, as bytes."""
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    disc = np.hypot(down - height * 0.4, across - width * 0.6) < min(height, width) / 4
    planes = [across / width * 200 + 20, down / height * 180 + 40, (down + across) / (height + width) * 220]
    planes = [np.where(disc, 230 - 60 * at, plane) for at, plane in enumerate(planes)]
    return np.stack(planes, -1).astype(np.uint8)[..., :channels]


def to_unit(image):
    return np.moveaxis(image.astype(np.float32) / 255, -1, 0)[None]


def latents(*shape, seed=3):
    z = draw(1, *shape, seed=seed)
    return z, [[float(x) for x in z.reshape(-1)]]


# --- from latents and labels -----------------------------------------------------------------------


def dcgan():
    graph = Graph()
    flat = graph.node("Flatten", graph.input("z", ["batch", 100, 1, 1]))
    graph.output("image", graph.node("Tanh", grow(graph, flat, 3, length=100)), ["batch", 3, 16, 16])
    z, asked = latents(100, 1, 1)
    return Case("dcgan", [("dcgan", graph)], {"latents": asked}, {"z": z}, signed)


def conditional():
    graph = Graph()
    label = graph.node("Gather", graph.weight(seeded(5, 16, seed=4)), graph.input("label", ["batch"], INT64))
    both = graph.node("Concat", graph.input("z", ["batch", 64]), label, axis=1)
    graph.output("image", graph.node("Tanh", grow(graph, both, 1, length=80)), ["batch", 1, 16, 16])
    z, asked = latents(64)
    ask = {"latents": asked, "class": 3}
    return Case("conditional", [("conditional", graph)], ask, {"z": z, "label": np.array([3])}, signed)


def biggan():
    graph = Graph()
    z = graph.node("Mul", graph.input("z", ["batch", 120]), graph.input("truncation", []))
    one_hot = graph.node("MatMul", graph.input("y", ["batch", 10]), graph.weight(seeded(10, 16, seed=4)))
    both = graph.node("Concat", z, one_hot, axis=1)
    graph.output("image", graph.node("Tanh", grow(graph, both, 3, length=136)), ["batch", 3, 16, 16])
    z, asked = latents(120)
    hot = np.eye(10, dtype=np.float32)[7:8]
    feed = {"z": z, "y": hot, "truncation": np.array(1, np.float32)}
    return Case("biggan", [("biggan-deep", graph)], {"latents": asked, "class": 7}, feed, signed)


def stylegan():
    """A mapping network, maps of noise that stay where they are, and a truncation."""
    graph = Graph()
    z = graph.input("z", ["batch", 64])
    w = graph.node("LeakyRelu", graph.node("Gemm", z, graph.weight(seeded(64, 64, scale=0.15))), alpha=0.2)
    mean = graph.weight(seeded(1, 64, seed=8, scale=0.1))
    psi = graph.input("truncation_psi", [1])
    w = graph.node("Add", mean, graph.node("Mul", graph.node("Sub", w, mean), psi))
    body = grow(graph, w, 8, length=64)
    for name, side in (("noise_0", 16), ("noise_1", 1)):
        noise = graph.input(name, [1, 1, side, side])
        body = graph.node("Add", body, graph.node("Mul", noise, graph.floats(0.2)))
    image = graph.node("Tanh", conv(graph, body, 8, 3, seed=7, scale=2.0))
    graph.output("img", image, ["batch", 3, 16, 16])
    z, asked = latents(64)
    feed = {"z": z, "truncation_psi": np.ones(1, np.float32)}
    # Drawn by the seed after the latent, as PyTorch would.
    drawn = torch_normal(7, 64, 256, 1)
    feed["noise_0"] = drawn[1].reshape(1, 1, 16, 16)
    feed["noise_1"] = drawn[2].reshape(1, 1, 1, 1)
    return Case("stylegan", [("stylegan2", graph)], {"latents": asked, "seed": 7}, feed, signed)


def vae_decoder():
    """As autoencoders of pipelines are exported: all sides open."""
    graph = Graph()
    kernel = graph.weight(seeded(4, 3, 4, 4, seed=2, scale=0.3))
    latent = graph.input("latent_sample", ["batch_size", "channels", "height", "width"])
    grown = graph.node("ConvTranspose", latent, kernel, strides=[2, 2], pads=[1, 1, 1, 1])
    graph.output("sample", graph.node("Tanh", grown), ["batch_size", 3, "tall", "wide"])
    z, asked = latents(4, 8, 8)
    flags = ["--latent", "4,8,8"]
    return Case("vae-decoder", [("vae_decoder", graph)], {"latents": asked}, {"latent_sample": z}, signed, flags)


def labels_by_index():
    graph = Graph()
    label = graph.node("Gather", graph.weight(seeded(6, 32, seed=4)), graph.input("class_id", ["N"], INT64))
    graph.output("image", graph.node("Sigmoid", grow(graph, label, 3, length=32)), ["N", 3, 16, 16])
    return Case("labels-by-index", [("from-labels", graph)], {"class": 4}, {"class_id": np.array([4])}, unit)


def labels_by_one_hot():
    graph = Graph()
    body = grow(graph, graph.input("one_hot_label", ["N", 10]), 1, length=10)
    graph.output("image", graph.node("Tanh", body), ["N", 1, 16, 16])
    hot = np.eye(10, dtype=np.float32)[2:3]
    return Case("labels-by-one-hot", [("one-hot", graph)], {"class": 2}, {"one_hot_label": hot}, signed)


def class_of_rank_one():
    """Neither the latent nor the class has a batch axis."""
    graph = Graph()
    row = graph.node("Unsqueeze", graph.input("z", [32]), graph.ints(0))
    label = graph.node("Unsqueeze", graph.input("label", [4]), graph.ints(0))
    both = graph.node("Concat", row, label, axis=1)
    image = graph.node("Squeeze", graph.node("Tanh", grow(graph, both, 3, length=36)), graph.ints(0))
    graph.output("image", image, [3, 16, 16])
    z, asked = latents(32)
    feed = {"z": z[0], "label": np.eye(4, dtype=np.float32)[1]}
    ask = {"latents": asked, "class": 1}
    return Case("class-of-rank-one", [("rank-one", graph)], ask, feed, lambda out: signed(out[None]))


def frozen():
    graph = Graph()
    graph.output("image", graph.node("Tanh", grow(graph, graph.input("z", [4, 48]), 3, length=48)), [4, 3, 16, 16])
    z, asked = latents(48)
    return Case("frozen-batch", [("frozen", graph)], {"latents": asked}, {"z": np.repeat(z, 4, 0)}, signed)


def keras():
    """Interleaved bytes, as an application that saves files has them."""
    graph = Graph()
    body = graph.node("Sigmoid", grow(graph, graph.input("dense_input", ["unk__1", 100]), 3, length=100))
    last = graph.node("Transpose", graph.node("Mul", body, graph.floats(255)), perm=[0, 2, 3, 1])
    bytes_ = graph.node("Cast", graph.node("Round", last), to=UINT8)
    graph.output("conv2d_transpose", bytes_, ["unk__1", 16, 16, 3], UINT8)
    z, asked = latents(100)
    pixels = lambda out: out[0].astype(np.float32)  # noqa: E731
    return Case("nhwc-bytes", [("keras-generator", graph)], {"latents": asked}, {"dense_input": z}, pixels)


def flat(interleaved):
    graph = Graph()
    body = graph.node("Tanh", waves(graph, graph.input("z", ["N", 20]), interleaved))
    graph.output("image", body, ["N", 3 * 256])
    z, asked = latents(20)

    def pixels(out):
        shape = (16, 16, 3) if interleaved else (3, 16, 16)
        image = out.reshape(shape) if interleaved else np.moveaxis(out.reshape(shape), 0, -1)
        return image * 127.5 + 127.5

    name = "flat-interleaved" if interleaved else "flat-planar"
    return Case(name, [(name, graph)], {"latents": asked}, {"z": z}, pixels)


def waves(graph, latent, interleaved):
    """Smooth pictures, as trained generators give: each number of the latent is a wave."""
    down, across = np.mgrid[0:16, 0:16] / 16
    random = np.random.RandomState(3)
    basis = []
    for _ in range(20):
        turns = random.randint(0, 2, 2)
        phase = random.rand() * 6
        planes = [np.sin(2 * np.pi * (across * turns[0] + down * turns[1]) + phase + 2 * c) for c in range(3)]
        basis.append(np.stack(planes, -1 if interleaved else 0).reshape(-1))
    return graph.node("MatMul", latent, graph.weight(np.array(basis, np.float32) * 0.3))


def half():
    graph = Graph()
    z = graph.node("Cast", graph.input("z", ["N", 64], HALF), to=FLOAT)
    image = graph.node("Cast", graph.node("Tanh", grow(graph, z, 3, length=64)), to=HALF)
    graph.output("image", image, ["N", 3, 16, 16], HALF)
    z, asked = latents(64)
    return Case("half", [("generator_fp16", graph)], {"latents": asked}, {"z": z.astype(np.float16)}, signed)


def quantized():
    """Weights of eight bits, as quantisation tools write them."""
    graph = Graph()
    weights = seeded(64, 3 * 256, scale=0.12)
    scale = np.float32(np.abs(weights).max() / 127)
    bytes_ = graph.weight(np.round(weights / scale).astype(np.int8))
    real = graph.node("DequantizeLinear", bytes_, graph.weight(scale), graph.weight(np.int8(0)))
    flat_ = graph.node("MatMul", graph.input("z", ["N", 64]), real)
    image = graph.node("Tanh", graph.node("Reshape", flat_, graph.ints(-1, 3, 16, 16)))
    graph.output("image", image, ["N", 3, 16, 16])
    z, asked = latents(64)
    return Case("int8", [("model_quantized", graph)], {"latents": asked}, {"z": z}, signed)


def all_open():
    graph = Graph()
    body = grow(graph, graph.input("input", ["dim_0", "dim_1"]), 3, length=100)
    graph.output("output", graph.node("Tanh", body), ["dim_2", "dim_3", "dim_4", "dim_5"])
    z, asked = latents(100)
    return Case("all-axes-open", [("dynamic", graph)], {"latents": asked}, {"input": z}, signed)


def random_inside():
    """Noise that the graph draws: the same seed gives the same picture twice, and another without."""
    graph = Graph()
    body = grow(graph, graph.input("z", ["N", 64]), 8, length=64)
    drawn = graph.node("RandomNormalLike", body)
    body = graph.node("Add", body, graph.node("Mul", drawn, graph.floats(0.0)))
    graph.output("image", graph.node("Tanh", conv(graph, body, 8, 3, seed=7, scale=2.0)), ["N", 3, 16, 16])
    z, asked = latents(64)
    return Case("random-inside", [("noisy", graph)], {"latents": asked}, {"z": z}, signed)


def several_outputs():
    graph = Graph()
    body = grow(graph, graph.input("z", ["N", 64]), 8, length=64)
    graph.output("features", body, ["N", 8, 16, 16])
    graph.output("logits", graph.node("ReduceMean", body, axes=[2, 3], keepdims=0), ["N", 8])
    graph.output("image", graph.node("Tanh", conv(graph, body, 8, 3, seed=7, scale=2.0)), ["N", 3, 16, 16])
    z, asked = latents(64)
    return Case("several-outputs", [("multi", graph)], {"latents": asked}, {"z": z}, signed, output=2)


def pixelcnn():
    """The whole image so far in, logits of all of its pixels out: no row and pixel graphs."""
    graph = Graph()
    maps = conv(graph, graph.input("image", ["N", 1, 8, 8]), 1, 16, 3)
    graph.output("logits", conv(graph, maps, 16, 256, 1), ["N", 256, 8, 8])
    return Case("pixelcnn", [("pixelcnn", graph)], {}, {}, unit)


def denoiser():
    """A UNet of pixels: what is noise in an image, at a timestep, for a label."""
    graph = Graph()
    sample = graph.input("sample", ["batch", 3, 16, 16])
    time = graph.node("Cast", graph.input("timestep", ["batch"], INT64), to=FLOAT)
    phase = graph.node("Reshape", graph.node("Mul", time, graph.floats(0.002)), graph.ints(-1, 1, 1, 1))
    label = graph.node("Gather", graph.weight(seeded(4, 3, seed=6, scale=0.2)), graph.input("class_labels", ["batch"], INT64))
    label = graph.node("Unsqueeze", label, graph.ints(2, 3))
    shift = graph.node("Add", graph.node("Sub", label, phase), graph.floats(1))
    made = graph.node("Add", conv(graph, sample, 3, 3, seed=4, scale=0.1), graph.node("Mul", shift, graph.floats(0.2)))
    graph.output("out_sample", graph.node("Add", sample, made), ["batch", 3, 16, 16])

    def run(sessions):
        """DDIM (Song et al. 2021) in ten of a thousand steps."""
        session = next(iter(sessions.values()))
        x = torch_normal(11, 3 * 256)[0].reshape(1, 3, 16, 16)
        alphas = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000, dtype=np.float32))
        for t in range(900, -1, -100):
            feed = {"sample": x, "timestep": np.array([t]), "class_labels": np.array([2])}
            noise = session.run(None, feed)[0]
            now, then = alphas[t], alphas[t - 100] if t else np.float32(1)
            clean = np.clip((x - np.sqrt(1 - now) * noise) / np.sqrt(now), -1, 1)
            # The noise that fits what was clipped.
            x = np.sqrt(then) * clean + np.sqrt(1 - then) * noise
        return x

    ask = {"seed": 11, "steps": 10, "class": 2}
    return Case("pixel-diffusion", [("unet", graph)], ask, {}, signed, run=run)


# --- from images -----------------------------------------------------------------------------------


def of_image(name, graph, image, pixels, feed=to_unit, *, port="input", ask=None, more=None, flags=()):
    ask = {"image": image, **(ask or {})}
    return Case(name, [(name, graph)], ask, {port: feed(image), **(more or {})}, pixels, list(flags))


def translated(graph, image, inside, outside, *, last="Tanh", wide=8):
    down = graph.node("Relu", conv(graph, image, inside, wide, 4 - 1, seed=1, stride=2, scale=1.2))
    kernel = graph.weight(seeded(wide, outside, 4, 4, seed=2, scale=0.3))
    up = graph.node("ConvTranspose", down, kernel, strides=[2, 2], pads=[1, 1, 1, 1])
    return graph.node(last, up) if last else up


def pix2pix():
    graph = Graph()
    image = graph.input("input", ["batch", 3, 64, 64])
    graph.output("output", translated(graph, image, 3, 3), ["batch", 3, 64, 64])
    seen = lambda image: to_unit(image) * 2 - 1  # noqa: E731
    return of_image("pix2pix", graph, picture(64, 64, 3), signed, seen)


def unet():
    """Grey, of one size, values from 0 to 1."""
    graph = Graph()
    image = graph.input("input", [1, 1, 48, 48])
    graph.output("output", translated(graph, image, 1, 1, last="Sigmoid"), [1, 1, 48, 48])
    return of_image("grey-unet", graph, picture(48, 48, 1), unit)


def fast_style():
    """Johnson's: 0 to 255 in and out, which nothing clamps."""
    graph = Graph()
    image = graph.input("input1", ["batch", 3, "h", "w"])
    maps = conv(graph, image, 3, 8, 3, seed=1, scale=0.5)
    ones = graph.floats(*[1.0] * 8), graph.floats(*[0.0] * 8)
    maps = graph.node("Relu", graph.node("InstanceNormalization", maps, *ones))
    last = conv(graph, maps, 8, 3, 3, seed=2, scale=25.0)
    graph.output("output1", graph.node("Add", last, graph.floats(120)), ["batch", 3, "h", "w"])
    seen = lambda image: np.moveaxis(image.astype(np.float32), -1, 0)[None]  # noqa: E731
    return of_image("fast-style", graph, picture(96, 80, 3), planar, seen, port="input1")


def valid_upscaler():
    """Twice as large, after two convolutions that eat the border."""
    graph = Graph()
    image = graph.input("input", [1, 3, 40, 40])
    for layer in range(2):
        maps = conv(graph, image, 3, 3, 3, seed=layer, pad=False, scale=0.05)
        middle = graph.node("Slice", image, graph.ints(1, 1), graph.ints(-1, -1), graph.ints(2, 3))
        image = graph.node("Add", maps, middle)
    # Each pixel becomes four: an enlargement, as nets learn it, and a little of something else.
    kernel = np.ones((1, 1, 2, 2), np.float32) * np.eye(3, dtype=np.float32)[..., None, None]
    kernel = graph.weight((kernel + seeded(3, 3, 2, 2, seed=3, scale=0.02)).astype(np.float32))
    large = graph.node("ConvTranspose", image, kernel, strides=[2, 2])
    graph.output("output", large, [1, 3, 72, 72])
    # What is asked for is the part of the graph's image that it answers for: 36 pixels within 40, mirrored.
    image = picture(36, 36, 3)
    seen = lambda image: np.pad(to_unit(image), ((0, 0), (0, 0), (2, 2), (2, 2)), "reflect")  # noqa: E731
    return of_image("upscaler-valid", graph, image, unit, seen)


def shuffling_upscaler():
    """Four times as large, sides open: depth to space, as ESPCN."""
    graph = Graph()
    image = graph.input("input", ["batch", 3, "h", "w"])
    maps = graph.node("Relu", conv(graph, image, 3, 16, 3, seed=1, scale=1.0))
    maps = conv(graph, maps, 16, 48, 3, seed=2, scale=1.0)
    large = graph.node("DepthToSpace", graph.node("Sigmoid", maps), blocksize=4)
    graph.output("output", large, ["batch", 3, "h4", "w4"])
    return of_image("upscaler-open", graph, picture(40, 56, 3), unit)


def colouriser():
    graph = Graph()
    image = graph.input("input", ["batch", 1, 64, 64])
    graph.output("output", translated(graph, image, 1, 3, last="Sigmoid"), ["batch", 3, 64, 64])
    return of_image("colouriser", graph, picture(64, 64, 1), unit)


def depth():
    graph = Graph()
    image = graph.input("input", ["batch", 3, 64, 64])
    graph.output("depth", translated(graph, image, 3, 1, last="Sigmoid"), ["batch", 1, 64, 64])
    return of_image("depth", graph, picture(64, 64, 3), unit)


def stargan():
    graph = Graph()
    label = graph.node("Unsqueeze", graph.input("label", ["batch", 5]), graph.ints(2, 3))
    maps = graph.node("Expand", label, graph.ints(1, 5, 64, 64))
    both = graph.node("Concat", graph.input("input", ["batch", 3, 64, 64]), maps, axis=1)
    graph.output("output", translated(graph, both, 8, 3), ["batch", 3, 64, 64])
    hot = np.eye(5, dtype=np.float32)[3:4]
    seen = lambda image: to_unit(image) * 2 - 1  # noqa: E731
    return of_image("stargan", graph, picture(64, 64, 3), signed, seen, ask={"class": 3}, more={"label": hot})


def bicyclegan():
    """A latent beside the image chooses among translations; the seed draws it."""
    graph = Graph()
    z = graph.node("Unsqueeze", graph.input("z", ["batch", 8]), graph.ints(2, 3))
    maps = graph.node("Expand", z, graph.ints(1, 8, 64, 64))
    both = graph.node("Concat", graph.input("input", ["batch", 3, 64, 64]), maps, axis=1)
    graph.output("output", translated(graph, both, 11, 3), ["batch", 3, 64, 64])
    seen = lambda image: to_unit(image) * 2 - 1  # noqa: E731
    drawn = torch_normal(5, 8)[0].reshape(1, 8)
    return of_image("bicyclegan", graph, picture(64, 64, 3), signed, seen, ask={"seed": 5}, more={"z": drawn})


def weighted_styles():
    graph = Graph()
    image = graph.input("input", ["batch", 3, 64, 64])
    weights = graph.input("style_weights", ["batch", 4])
    shift = graph.node("MatMul", weights, graph.weight(seeded(4, 3, seed=5, scale=1.0)))
    shift = graph.node("Unsqueeze", shift, graph.ints(2, 3))
    body = graph.node("Add", translated(graph, image, 3, 3, last=None), shift)
    graph.output("output", graph.node("Sigmoid", body), ["batch", 3, 64, 64])
    ask = {"style": {"style-1": 0.75, "style-3": 0.25}}
    mixed = np.array([[0.75, 0, 0.25, 0]], np.float32)
    more, flags = {"style_weights": mixed}, ["--family", "style"]
    return of_image("weighted-styles", graph, picture(64, 64, 3), unit, ask=ask, more=more, flags=flags)


def adain():
    """Content and style images in one graph."""
    graph = Graph()
    content = graph.input("content", ["batch", 3, "h", "w"])
    style = graph.node("ReduceMean", graph.input("style", ["batch", 3, 64, 64]), axes=[2, 3])
    body = graph.node("Add", translated(graph, content, 3, 3, last=None), style)
    graph.output("output", graph.node("Sigmoid", body), ["batch", 3, "h", "w"])
    style = picture(64, 64, 3)[::-1].copy()
    ask, more = {"style_image": style}, {"style": to_unit(style)}
    return of_image("adain", graph, picture(64, 64, 3), unit, port="content", ask=ask, more=more)


def keras_translator():
    graph = Graph()
    image = graph.node("Transpose", graph.input("input_1", ["unk", "h", "w", 3]), perm=[0, 3, 1, 2])
    last = graph.node("Transpose", translated(graph, image, 3, 3), perm=[0, 2, 3, 1])
    graph.output("conv2d", last, ["unk", "h", "w", 3])
    seen = lambda image: image.astype(np.float32)[None] / 127.5 - 1  # noqa: E731
    pixels = lambda out: out[0] * 127.5 + 127.5  # noqa: E731
    return of_image("nhwc-translator", graph, picture(64, 64, 3), pixels, seen, port="input_1")


def bytes_in_and_out():
    """An application's own graph: bytes in, bytes out, no batch axis."""
    graph = Graph()
    image = graph.node("Cast", graph.input("image", ["h", "w", 3], UINT8), to=FLOAT)
    image = graph.node("Div", image, graph.floats(255))
    image = graph.node("Unsqueeze", graph.node("Transpose", image, perm=[2, 0, 1]), graph.ints(0))
    body = graph.node("Mul", translated(graph, image, 3, 3, last="Sigmoid"), graph.floats(255))
    last = graph.node("Transpose", graph.node("Squeeze", body, graph.ints(0)), perm=[1, 2, 0])
    graph.output("result", graph.node("Cast", graph.node("Round", last), to=UINT8), ["h", "w", 3], UINT8)
    pixels = lambda out: out.astype(np.float32)  # noqa: E731
    return of_image("bytes-hwc", graph, picture(64, 64, 3), pixels, lambda image: image, port="image")


def normalised():
    """What goes in is normalised as for ImageNet; what comes out is 0 to 1; all of it in half precision."""
    graph = Graph()
    image = graph.node("Cast", graph.input("pixel_values", ["batch", 3, 64, 64], HALF), to=FLOAT)
    last = translated(graph, image, 3, 3, last="Sigmoid")
    graph.output("reconstruction", graph.node("Cast", last, to=HALF), ["batch", 3, 64, 64], HALF)
    mean = np.array([0.485, 0.456, 0.406], np.float32).reshape(1, 3, 1, 1)
    deviation = np.array([0.229, 0.224, 0.225], np.float32).reshape(1, 3, 1, 1)
    seen = lambda image: ((to_unit(image) - mean) / deviation).astype(np.float16)  # noqa: E731
    flags = ["--input-range", "imagenet"]
    return of_image("normalised", graph, picture(64, 64, 3), unit, seen, port="pixel_values", flags=flags)


def labels_of_places():
    """A segmentation net that ends in the labels themselves."""
    graph = Graph()
    image = graph.input("input", [1, 3, 64, 64])
    labels = graph.node("ArgMax", translated(graph, image, 3, 5, last=None), axis=1, keepdims=0)
    graph.output("labels", labels, [1, 64, 64], INT64)
    pixels = lambda out: out[0][..., None].astype(np.float32) / 4 * 255  # noqa: E731
    return of_image("segmentation-map", graph, picture(64, 64, 3), pixels)


def pair():
    """A stylist and a painter (Ghiasi et al. 2017)."""
    stylist, painter = Graph(), Graph(prefix="p")
    style = stylist.node("Relu", conv(stylist, stylist.input("style_image", ["batch", 3, 64, 64]), 3, 8, seed=4, scale=1.0))
    vector = stylist.node("ReduceMean", style, axes=[2, 3], keepdims=1)
    stylist.output("style_vector", vector, ["batch", 8, 1, 1])
    content = painter.input("content_image", ["batch", 3, "h", "w"])
    vector = painter.input("style_vector", ["batch", 8, 1, 1])
    shift = painter.node("Conv", vector, painter.weight(seeded(3, 8, 1, 1, seed=6, scale=2.0)))
    body = painter.node("Add", translated(painter, content, 3, 3, last=None), shift)
    painter.output("stylized", painter.node("Sigmoid", body), ["batch", 3, "h", "w"])
    content, style = picture(64, 64, 3), picture(64, 64, 3)[:, ::-1].copy()

    def run(sessions):
        vector = sessions["stylist"].run(None, {"style_image": to_unit(style)})[0]
        return sessions["painter"].run(None, {"content_image": to_unit(content), "style_vector": vector})[0]

    ask = {"image": content, "style_image": style}
    return Case("stylist-and-painter", [("stylist", stylist), ("painter", painter)], ask, {}, unit, run=run)


# --- what makes no image ---------------------------------------------------------------------------


def others():
    """Each graph that is no generator, with a word that says what it is."""

    def graph(inputs, outputs):
        """Any computation with these ports: zeros that depend on nothing."""
        made = Graph()
        for name, shape, kind in inputs:
            made.input(name, shape, kind)
        first = inputs[0][0]
        total = made.node("ReduceSum", made.node("Cast", first, to=FLOAT), keepdims=0)
        rows = made.node("Gather", made.node("Shape", first), made.ints(0))
        for name, shape in outputs:
            sides = [side if isinstance(side, int) else 7 for side in shape[1:]]
            whole = made.node("Concat", rows, made.ints(*sides), axis=0) if sides else rows
            zeros = made.node("ConstantOfShape", whole)
            made.output(name, made.node("Add", zeros, made.node("Mul", total, made.floats(0.001))), shape)
        return made

    image = ("images", ["N", 3, 64, 64], FLOAT)
    tokens = [("input_ids", ["N", "L"], INT64), ("attention_mask", ["N", "L"], INT64)]
    return [
        ("classifier", graph([image], [("logits", ["N", 1000])]), "classifier"),
        ("detector", graph([("images", [1, 3, 64, 64], FLOAT)], [("output0", [1, 84, 840])]), "detector"),
        ("segmentation", graph([image], [("masks", ["N", 21, 64, 64])]), "segmentation"),
        ("vae_encoder", graph([image], [("latent_sample", ["N", 4, 8, 8])]), "an encoder"),
        ("discriminator", graph([image], [("score", ["N", 1])]), "a discriminator"),
        ("patches", graph([image], [("validity", ["N", 1, 8, 8])]), "an encoder"),
        ("embedder", graph([image], [("image_embeds", ["N", 512])]), "classifier, or an encoder"),
        ("text", graph(tokens, [("last_hidden_state", ["N", "L", 384])]), "model of text"),
        ("sentences", graph(tokens, [("sentence_embedding", ["N", 384])]), "model of text"),
        ("speech", graph([("input_values", ["N", 16000], FLOAT)], [("logits", ["N", 49, 32])]), "sound"),
        ("whisper", graph([("input_features", [1, 80, 3000], FLOAT)], [("last_hidden_state", [1, 1500, 384])]), "sound"),
        ("vocoder", graph([("mel", ["N", 80, "T"], FLOAT)], [("waveform", ["N", 1, "S"])]), "sound"),
        ("voice", graph([("text", ["N", "L"], INT64), ("speaker", ["N", 256], FLOAT)], [("audio", ["N", "S"])]), "text"),
        ("table", graph([("features", ["N", 30], FLOAT)], [("probabilities", ["N", 2])]), "no generator"),
    ]


def torch_normal(seed, *counts):
    """`torch.randn` for each count in turn, of one generator."""
    engine = np.random.RandomState(seed)._bit_generator
    drawn, spare = [], []

    def uniform(count):
        return ((engine.random_raw(count) & ((1 << 24) - 1)) * np.float64(2.0**-24)).astype(np.float32)

    def double():
        high, low = (int(raw) for raw in engine.random_raw(2))
        return (((high << 32) | low) & ((1 << 53) - 1)) * 2.0**-53

    for count in counts:
        if count < 16:
            values = []
            for _ in range(count):
                if spare:
                    values.append(spare.pop())
                    continue
                u1, u2 = double(), double()
                radius, angle = np.sqrt(-2 * np.log1p(-u2)), 2 * np.pi * u1
                spare.append(radius * np.sin(angle))
                values.append(radius * np.cos(angle))
            drawn.append(np.array(values, np.float32))
            continue
        data = uniform(count)
        starts = list(range(0, count - 15, 16))
        for start in starts:
            box_muller(data[start : start + 16])
        if count % 16:
            data[-16:] = uniform(16)
            box_muller(data[-16:])
        drawn.append(data)
    return drawn


def box_muller(block):
    u1, u2 = 1 - block[:8].astype(np.float64), block[8:].astype(np.float64)
    radius, angle = np.sqrt(-2 * np.log(u1)), 2 * np.pi * u2
    block[:8], block[8:] = radius * np.cos(angle), radius * np.sin(angle)


FROM_LATENTS = [
    dcgan, conditional, biggan, stylegan, vae_decoder, labels_by_index, labels_by_one_hot, class_of_rank_one,
    frozen, keras, lambda: flat(True), lambda: flat(False), half, quantized, all_open, random_inside,
    several_outputs, pixelcnn, denoiser,
]
FROM_IMAGES = [
    pix2pix, unet, fast_style, valid_upscaler, shuffling_upscaler, colouriser, depth, stargan, bicyclegan,
    weighted_styles, adain, keras_translator, bytes_in_and_out, normalised, labels_of_places,
    pair,
]
