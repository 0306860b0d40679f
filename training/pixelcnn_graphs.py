"""The PixelCNN's weights as two small ONNX graphs, so that a pixel costs one small call.

`row` runs once for each row: it computes the vertical stack from the cached rows that the kernels still see,
and all that the horizontal stack needs from it (links and class biases) as the row's `context`. `pixel` runs
once for each pixel: the horizontal stack at one column. At batch 1 its time is node overhead, so a block is
five nodes: the two taps are one Gemm over [previous, current], the context is that Gemm's C, each half of the
gate has its own Gemm (ONNX Runtime fuses the activation into it), and the residual is the projection's C.

The whole network in one graph, which a naive sampler would call for each pixel, is for benchmarks only:

    python training/pixelcnn_graphs.py benches/graphs/pixelcnn_full.onnx
"""

import sys
from pathlib import Path

import numpy as np
import torch
from onnx import TensorProto, helper, numpy_helper

import digits
import export
import run
from pixelcnn import Config, PixelCNN, Trainer, quantise

__all__ = ["Config", "Trainer", "measure", "paint", "ship"]


class Graph:
    """Nodes, weights and fresh names; every method returns the name of the tensor that it makes."""

    def __init__(self):
        self.nodes, self.weights = [], []

    def weight(self, value, name: str | None = None) -> str:
        value = value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
        name = name or f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, *inputs: str, to: str | None = None, **attributes) -> str:
        name = to or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=f"{kind}_{len(self.nodes)}", **attributes))
        return name

    def split(self, tensor: str, sizes: list[int], axis: int) -> list[str]:
        names = [f"t{len(self.nodes)}_{i}" for i in range(len(sizes))]
        inputs = [tensor, self.weight(np.array(sizes, np.int64))]
        self.nodes.append(helper.make_node("Split", inputs, names, name=f"Split_{len(self.nodes)}", axis=axis))
        return names

    def save(self, path: Path, name: str, inputs: dict[str, list], outputs: dict[str, list]) -> None:
        def describe(tensors):
            kinds = {"y": TensorProto.INT64}
            return [
                helper.make_tensor_value_info(key, kinds.get(key, TensorProto.FLOAT), ["batch", *shape])
                for key, shape in tensors.items()
            ]

        graph = helper.make_graph(self.nodes, name, describe(inputs), describe(outputs), self.weights)
        opset = helper.make_opsetid("", export.OPSET)
        export.save(helper.make_model(graph, opset_imports=[opset], ir_version=8, producer_name="atelier"), path)


def write_row(network: PixelCNN, path: Path, side: int) -> None:
    config, blocks, graph = network.config, network.blocks, Graph()
    channels = config.channels
    pixel_rows = config.first_rows - 1
    kept = [channels] * sum(config.dilations)  # rows of features, oldest first, layer by layer

    tables = [block.vertical_class.weight for block in blocks] + [block.horizontal_class.weight for block in blocks]
    biases = graph.node("Gather", graph.weight(torch.cat(tables, 1)), "y", axis=0)
    biases = graph.node("Unsqueeze", biases, graph.weight(np.array([2], np.int64)))
    wide = 2 * channels * len(blocks)
    *vertical_class, horizontal_class = graph.split(biases, [2 * channels] * len(blocks) + [wide], axis=1)

    old_pixels, *old_rows = graph.split("state", [pixel_rows, *kept], axis=1)
    seen = graph.node("Concat", old_pixels, "pixels", axis=1)
    new_state = [graph.split(seen, [1, pixel_rows], axis=1)[1]]
    contexts = []
    for index, block in enumerate(blocks):
        kernel = block.vertical.weight  # [2c, inputs, rows, width]: rows become channels, oldest first
        kernel = kernel.permute(0, 2, 1, 3).reshape(2 * channels, -1, kernel.shape[3])
        if not block.first:
            cached, old_rows = old_rows[: block.dilation], old_rows[block.dilation :]
            new_state += [*cached[1:], current]
            seen = graph.node("Concat", cached[0], current, axis=1)
        side_pad = kernel.shape[2] // 2 * block.dilation
        features = graph.node(
            "Conv", seen, graph.weight(kernel), dilations=[block.dilation], pads=[side_pad, side_pad]
        )
        contexts.append(graph.node("Conv", features, graph.weight(block.link.weight[..., 0])))
        if index + 1 < len(blocks):  # the last layer's own vertical features reach nobody
            a, b = graph.split(graph.node("Add", features, vertical_class[index]), [channels, channels], axis=1)
            current = graph.node("Mul", graph.node("Tanh", a), graph.node("Sigmoid", b))
    context = graph.node("Add", graph.node("Concat", *contexts, axis=1), horizontal_class)
    graph.node("Transpose", context, perm=[0, 2, 1], to="context")
    graph.node("Concat", *new_state, axis=1, to="next_state")
    state = [pixel_rows + sum(kept), side]
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


class Stepper:
    """Runs the two graphs as the service does; `choose(logits [N, levels], row, column)` gives the levels."""

    def __init__(self, folder: Path):
        self.row, self.pixel = export.session(folder / "row.onnx"), export.session(folder / "pixel.onnx")

    def paint(self, y: np.ndarray, choose, side: int, levels: int) -> np.ndarray:
        count = len(y)
        zeros = lambda run, name: np.zeros([count, *shape_of(run, name)], np.float32)  # noqa: E731
        picture = np.zeros((count, side, side), np.int64)
        row_state, above = zeros(self.row, "state"), zeros(self.row, "pixels")
        for i in range(side):
            context, row_state = self.row.run(None, {"pixels": above, "y": y, "state": row_state})
            state, left = zeros(self.pixel, "state"), zeros(self.pixel, "pixel")
            for j in range(side):
                feed = {"context": np.ascontiguousarray(context[:, j]), "pixel": left, "state": state}
                logits, state = self.pixel.run(None, feed)
                picture[:, i, j] = choose(logits[:, 0], i, j)
                left = (picture[:, i, j, None] / (levels - 1)).astype(np.float32)
            above = (picture[:, None, i] / (levels - 1)).astype(np.float32)
        return picture


def shape_of(run, name: str) -> list[int]:
    return next(tensor.shape[1:] for tensor in run.get_inputs() if tensor.name == name)


def check_steps(network: PixelCNN, folder: Path, targets: torch.Tensor, labels: torch.Tensor, tolerance: float) -> float:
    """Feed real pictures a pixel at a time; the logits must be those of the whole network."""
    levels, side = network.config.levels, targets.shape[-1]
    with torch.no_grad():
        whole = network(targets[:, None].float() / (levels - 1), labels).numpy()
    worst = 0.0

    def choose(logits, i, j):
        nonlocal worst
        worst = max(worst, float(np.abs(logits - whole[:, :, i, j]).max()))
        return targets[:, i, j].numpy()

    Stepper(folder).paint(labels.numpy(), choose, side, levels)
    if not worst <= tolerance:
        raise SystemExit(f"pixel steps differ from the whole network by {worst:.2g}, more than {tolerance:.2g}")
    return worst


def sampler(temperature: float, seed: int):
    """A `choose` that draws each pixel from softmax(logits / temperature)."""
    random = np.random.default_rng(seed)

    def choose(logits, _row, _column):
        odds = np.exp((logits - logits.max(1, keepdims=True)) / temperature)
        totals = odds.cumsum(1)
        return (totals < random.random((len(odds), 1)) * totals[:, -1:]).sum(1)

    return choose


def ship(trainer: Trainer, folder: Path) -> dict:
    """Write the graphs, check them against PyTorch, and return the manifest."""
    network, config = trainer.finished(), trainer.config
    export.round_to_half(network)
    side = trainer.pictures.shape[-1]
    write_row(network, folder / "row.onnx", side)
    write_pixel(network, folder / "pixel.onnx")
    check_steps(network, folder, trainer.pictures[:4], trainer.labels[:4], 1e-3)
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
    }


def paint(folder: Path, labels: np.ndarray, seed: int) -> np.ndarray:
    """Pictures uint8 [N, 28, 28] from the shipped graphs, at temperature 1."""
    stepper = Stepper(folder)
    side, levels = shape_of(stepper.row, "pixels")[-1], stepper.pixel.get_outputs()[0].shape[-1]
    choose = sampler(1.0, seed)
    parts = [stepper.paint(part, choose, side, levels) for part in np.array_split(labels, max(1, len(labels) // 128))]
    return np.rint(np.concatenate(parts) * (255 / (levels - 1))).astype(np.uint8)


def measure(folder: Path, pictures: np.ndarray, labels: np.ndarray) -> list[tuple[str, float, str]]:
    """The shipped graphs' negative log-likelihood of held-out digits."""
    stepper = Stepper(folder)
    levels = stepper.pixel.get_outputs()[0].shape[-1]
    targets = quantise(pictures, levels).numpy()
    total = 0.0

    def choose(logits, i, j):
        nonlocal total
        shifted = logits - logits.max(1, keepdims=True)
        given = np.take_along_axis(shifted, targets[:, i, j, None], 1)[:, 0]
        total += float((np.log(np.exp(shifted).sum(1)) - given).sum())
        return targets[:, i, j]

    stepper.paint(labels, choose, pictures.shape[-1], levels)
    nats = total / len(labels)
    return [
        (f"held-out digits at {levels} levels", nats / np.log(2) / targets[0].size, "bits/dim"),
        (f"the same for a whole picture at {levels} levels", nats, "nats"),
    ]


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
