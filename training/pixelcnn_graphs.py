"""The PixelCNN's weights as two small ONNX graphs, so that a pixel costs one small call.

`row` runs once for each row: it computes the vertical stack from the cached rows that the kernels still see,
and all that the horizontal stack needs from it (links and class biases) as the row's `context`. `pixel` runs
once for each pixel: the horizontal stack at one column. A row is a picture one pixel high, since ONNX Runtime's
direct convolutions are for pictures; the last link is folded into the convolution before it. At batch 1 its time is node overhead, so a block is
five nodes: the two taps are one Gemm over [previous, current], the context is that Gemm's C, each half of the
gate has its own Gemm (ONNX Runtime fuses the activation into it), and the residual is the projection's C.

The whole network in one graph, which a naive sampler would call for each pixel, is for benchmarks only:

    python training/pixelcnn_graphs.py benches/graphs/pixelcnn_full.onnx
"""

import sys
from pathlib import Path

import numpy as np
import torch

import digits
import export
import run
from pixelcnn import Config, PixelCNN, Trainer
from steps import EMPTY, Graph, check, measure, paint

__all__ = ["Config", "Trainer", "measure", "paint", "ship"]


def write_row(network: PixelCNN, path: Path, side: int) -> None:
    config, blocks, graph = network.config, network.blocks, Graph()
    channels = config.channels
    pixel_rows = config.first_rows - 1
    kept = [channels] * sum(config.dilations)  # rows of features, oldest first, layer by layer

    tables = [block.vertical_class.weight for block in blocks] + [block.horizontal_class.weight for block in blocks]
    biases = graph.node("Gather", graph.weight(torch.cat(tables, 1)), "y", axis=0)
    biases = graph.node("Unsqueeze", biases, graph.weight(np.array([2, 3], np.int64)))
    wide = 2 * channels * len(blocks)
    *vertical_class, horizontal_class = graph.split(biases, [2 * channels] * len(blocks) + [wide], axis=1)

    old_pixels, *old_rows = graph.split("state", [pixel_rows, *kept], axis=1)
    new_pixels = graph.node("Unsqueeze", "pixels", graph.weight(np.array([2], np.int64)))
    seen = graph.node("Concat", old_pixels, new_pixels, axis=1)
    new_state = [graph.split(seen, [1, pixel_rows], axis=1)[1]]
    contexts = []
    for index, block in enumerate(blocks):
        kernel = block.vertical.weight  # [2c, inputs, rows, width]: rows become channels, oldest first
        kernel = kernel.permute(0, 2, 1, 3).reshape(2 * channels, -1, 1, kernel.shape[3])
        if not block.first:
            cached, old_rows = old_rows[: block.dilation], old_rows[block.dilation :]
            new_state += [*cached[1:], current]
            seen = graph.node("Concat", cached[0], current, axis=1)
        is_last = index + 1 == len(blocks)
        if is_last:  # its own vertical features reach nobody
            kernel = torch.einsum("oc,cihw->oihw", block.link.weight[:, :, 0, 0], kernel)
        pad = kernel.shape[3] // 2 * block.dilation
        features = graph.node(
            "Conv", seen, graph.weight(kernel), dilations=[1, block.dilation], pads=[0, pad, 0, pad]
        )
        contexts.append(features if is_last else graph.node("Conv", features, graph.weight(block.link.weight)))
        if not is_last:
            a, b = graph.split(graph.node("Add", features, vertical_class[index]), [channels, channels], axis=1)
            current = graph.node("Mul", graph.node("Tanh", a), graph.node("Sigmoid", b))
    context = graph.node("Add", graph.node("Concat", *contexts, axis=1), horizontal_class)
    context = graph.node("Squeeze", context, graph.weight(np.array([2], np.int64)))
    graph.node("Transpose", context, perm=[0, 2, 1], to="context")
    graph.node("Concat", *new_state, axis=1, to="next_state")
    state = [pixel_rows + sum(kept), 1, side]
    inputs = {"pixels": [1, side], "y": [], "state": state}
    graph.save(path, "row", inputs, {"context": [side, wide], "next_state": state})


def write_pixel(network: PixelCNN, path: Path) -> None:
    config, blocks, graph = network.config, network.blocks, Graph()
    channels, layers = config.channels, len(network.blocks)
    context = graph.split("context", [channels] * 2 * layers, axis=1)
    before = graph.split("state", [channels] * (layers - 1), axis=1)
    h, columns = None, []
    for index, block in enumerate(blocks):
        if block.first:
            seen = "pixel"
        else:
            columns.append(h)
            seen = graph.node("Concat", before[index - 1], h, axis=1)
        kernel = block.horizontal.weight[:, :, 0].permute(2, 1, 0).reshape(-1, 2 * channels)  # [taps * inputs, 2c]
        a = graph.node("Gemm", seen, graph.weight(kernel[:, :channels]), context[2 * index])
        b = graph.node("Gemm", seen, graph.weight(kernel[:, channels:]), context[2 * index + 1])
        gated = graph.node("Mul", graph.node("Tanh", a), graph.node("Sigmoid", b))
        residual = [] if block.first else [h]
        h = graph.node("Gemm", gated, graph.weight(block.project.weight[:, :, 0, 0].T), *residual)
    graph.node("Concat", *columns, axis=1, to="next_state")
    h = graph.node("Relu", h)
    for layer, activation in ((network.hidden, "Relu"), (network.logits, None)):
        h = graph.node("Gemm", h, graph.weight(layer.weight[:, :, 0, 0].T), graph.weight(layer.bias))
        h = graph.node(activation, h) if activation else h
    shape = graph.weight(np.array([-1, 1, config.levels], np.int64))
    graph.node("Reshape", h, shape, to="logits")
    state = [channels * (layers - 1)]
    inputs = {"context": [2 * channels * layers], "pixel": [1], "state": state}
    graph.save(path, "pixel", inputs, {"logits": [1, config.levels], "next_state": state})


def ship(trainer: Trainer, folder: Path) -> dict:
    """Write the graphs, check them against PyTorch, and return the manifest."""
    network, config = trainer.finished(), trainer.config
    export.round_to_half(network)
    side = trainer.pictures.shape[-1]
    write_row(network, folder / "row.onnx", side)
    write_pixel(network, folder / "pixel.onnx")
    check(network, folder, trainer.pictures[:4], trainer.labels[:4], 1e-3)
    return {
        "schema": 1,
        "family": "autoregressive",
        "title": "Digits PixelCNN",
        "summary": "Handwritten digits, 28×28, 16 grey levels: a gated, class-conditional PixelCNN, a pixel at a time.",
        "picture": {"layout": "nchw", "range": "0..1", "width": side, "height": side, "channels": 1},
        "graphs": {
            "row": {
                "file": "row.onnx",
                "inputs": {"pixels": "pixels", "y": "class.digit", "state": "state.rows"},
                "outputs": {"context": "context", "next_state": "state.rows"},
                "max_batch": 16,
            },
            "pixel": {
                "file": "pixel.onnx",
                "inputs": {"context": "context", "pixel": "pixel", "state": "state.columns"},
                "outputs": {"logits": "logits", "next_state": "state.columns"},
                "max_batch": 16,
            },
        },
        "defaults": {"temperature": 1.0},
        "autoregressive": {"levels": config.levels},
        "limits": [EMPTY],
    }


def write_full(network: PixelCNN, path: Path, side: int) -> None:
    """Pixels [N, 1, side, side] and classes -> logits of all pixels [N, levels, side, side]."""
    pixels, y = torch.rand(4, 1, side, side), torch.arange(4)
    with torch.no_grad():
        logits = network(pixels, y)
    export.trace(network, path, {"pixels": pixels, "y": y}, ["logits"])
    export.parity(path, {"pixels": pixels.numpy(), "y": y.numpy()}, [logits], 1e-3)


if __name__ == "__main__":
    config = run.load_config(Config, "digits-pixelcnn")
    trainer = Trainer(config, *digits.load()["train"])
    run.train("digits-pixelcnn", trainer, 0, config.seed)  # loads the last checkpoint
    network = trainer.finished()
    export.round_to_half(network)
    path = Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    write_full(network, path, digits.SIDE)
