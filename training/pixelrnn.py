"""digits-pixelrnn: a class-conditional PixelRNN with Row LSTM layers, over 16 grey levels.

van den Oord, Kalchbrenner, Kavukcuoglu 2016, "Pixel Recurrent Neural Networks" (arXiv 1601.06759). Each layer
is an LSTM that walks down the picture: at each row it sees its own input through a causal kernel (the pixel and
the one to its left) and the hidden row above through an open kernel three wide. Layers are joined by residuals,
as in the paper; the class enters as a bias of the gates. Two liberties: a pixel is told its row and its column, and
in the last part of the training the network learns to go on from a slip instead of losing the stroke: some of the
pixels that it sees are its own draws (scheduled sampling, Bengio et al. 2015, 1506.03099), and half of the pictures
are its own, made likelier or rarer by how well classifiers read them (REINFORCE with a baseline, Williams 1992, with the
clipped ratio of Schulman et al. 2017, 1707.06347, since a lot of pictures serves for some steps).

    make train MODEL=digits-pixelrnn
    python training/train.py digits-pixelrnn
"""

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from onnx import TensorProto
from torch import nn

import export
import judge
import run
import steps
from steps import Graph, check, measure, paint

__all__ = ["Config", "Trainer", "measure", "paint", "ship"]

TEMPERATURE = (
    "A temperature below 0.9 favours the commonest value, black, and loses strokes: at 0.7 three pictures in a hundred are blank."
)
LESSONS = (
    "In its last lessons other classifiers of the same kind and the same real digits judged its own pictures; "
    "that may flatter the first two figures."
)


@dataclass(frozen=True)
class Config:
    channels: int = 48
    layers: int = 4
    first_rows: int = 3  # rows above that the first kernel sees, and pixels to the left
    head: int = 128
    levels: int = 16
    classes: int = 10
    batch: int = 32
    side: int = 28
    steps: int = 3000
    plain: int = 0  # steps after which it learns from its own slips and pictures, too; 0 for never
    slips: float = 0.2  # how large a part of a real picture's pixels is its own at most; each picture has another
    own: int = 2000  # pictures of its own that it paints to be judged
    refresh: int = 60  # steps for which it learns from those, until it paints others
    judges: int = 3
    weight: float = 8.0  # of a verdict beside a real picture's likelihood
    clip: float = 0.2  # no pixel's odds move further than this on one lot of pictures
    late_rate: float = 1e-3  # learning rate from `plain` on
    learning_rate: float = 2e-3
    warmup: int = 100
    average: float = 0.998
    seed: int = 1


class RowLSTM(nn.Module):
    def __init__(self, channels: int, classes: int):
        super().__init__()
        self.inward = nn.Conv2d(channels, 4 * channels, (1, 2), bias=False)  # left neighbour, itself
        self.down = nn.Linear(3 * channels, 4 * channels, bias=False)  # hidden row above: left, middle, right
        self.gates_class = nn.Embedding(classes, 4 * channels)
        self.project = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x, y):
        count, channels, height, width = x.shape
        gates = self.inward(F.pad(x, (1, 0))) + self.gates_class(y)[:, :, None, None]
        gates = gates.permute(2, 0, 3, 1)  # rows first, channels last
        hidden = cell = x.new_zeros(count, width, channels)
        rows = []
        for row in range(height):
            beside = F.pad(hidden, (0, 0, 1, 1))
            above = torch.cat([beside[:, :-2], beside[:, 1:-1], beside[:, 2:]], -1)
            doors, new = (gates[row] + self.down(above)).split([3 * channels, channels], -1)
            forget, enter, leave = torch.sigmoid(doors).chunk(3, -1)
            cell = forget * cell + enter * torch.tanh(new)
            hidden = leave * torch.tanh(cell)
            rows.append(hidden)
        return x + self.project(torch.stack(rows, 2).permute(0, 3, 2, 1))


class PixelRNN(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        rows, channels = config.first_rows, config.channels
        self.above = nn.Conv2d(1, channels, (rows, 2 * rows + 1))
        self.left = nn.Conv2d(1, channels, (1, rows), bias=False)
        self.layers = nn.ModuleList(RowLSTM(channels, config.classes) for _ in range(config.layers))
        self.hidden = nn.Conv2d(channels, config.head, 1)
        self.logits = nn.Conv2d(config.head, config.levels, 1)
        self.row, self.column = (nn.Parameter(torch.zeros(config.side, channels)) for _ in range(2))

    def forward(self, pixels, y):
        """Pixels [N, 1, H, W] in 0..1 -> logits [N, levels, H, W]; the logits of a pixel see only what precedes it."""
        rows = self.config.first_rows
        x = self.above(F.pad(pixels, (rows, rows, rows, 0)))[:, :, :-1] + self.left(F.pad(pixels, (rows, 0)))[..., :-1]
        height, width = pixels.shape[2:]
        x = x + self.row[:height].T[:, :, None] + self.column[:width].T[:, None]
        for layer in self.layers:
            x = layer(x, y)
        return self.logits(F.relu(self.hidden(F.relu(x))))


class Own:
    """Pictures by the network itself: what was asked, how likely each pixel was, and how well it was read."""

    def __init__(self, side: int):
        self.tensors = {
            "pictures": torch.zeros(0, side, side, dtype=torch.uint8),
            "labels": torch.zeros(0, dtype=torch.int64),
            "likelihood": torch.zeros(0, side, side),
            "praise": torch.zeros(0),  # the verdict less the mean verdict of its class
        }

    def __len__(self) -> int:
        return len(self.tensors["labels"])

    def state_dict(self) -> dict:
        return self.tensors

    def load_state_dict(self, state: dict) -> None:
        self.tensors = state

    def draw(self, count: int) -> dict[str, torch.Tensor]:
        """Some, the more likely the clearer their praise or blame, which leaves each with the same weight."""
        size = self.tensors["praise"].abs()
        rows = torch.multinomial(size + 1e-6, count, replacement=True)
        drawn = {name: tensor[rows] for name, tensor in self.tensors.items()}
        return drawn | {"praise": drawn["praise"].sign() * size.mean()}


class Trainer(steps.Trainer):
    network_kind = PixelRNN

    def __init__(self, config: Config, pictures: np.ndarray, labels: np.ndarray):
        super().__init__(config, pictures, labels)
        self.parts["own"] = self.own = Own(pictures.shape[-1])

    def step(self, step: int) -> dict[str, float]:
        return super().step(step) if step < self.horizon() else self.late(step)

    def horizon(self) -> int:
        return self.config.plain or self.config.steps

    def late(self, step: int) -> dict[str, float]:
        """Half a batch of real pictures with slips, by likelihood, and half of its own, by their verdicts."""
        config, into = self.config, step - self.config.plain
        if into % config.refresh == 0 or not len(self.own):
            self.collect(step)
        rows, own = self.batches(step)[: config.batch // 2], self.own.draw(config.batch // 2)
        targets, labels = self.pictures[rows], self.labels[rows]
        seen = torch.cat([self.with_slips(targets, labels), own["pictures"].long()])
        losses = self.losses(seen, torch.cat([targets, own["pictures"].long()]), torch.cat([labels, own["labels"]]))
        ratio = (-losses[len(rows) :] - own["likelihood"]).exp()
        praise = own["praise"][:, None, None]
        gained = torch.minimum(ratio * praise, ratio.clamp(1 - config.clip, 1 + config.clip) * praise).mean()
        real = losses[: len(rows)].mean()
        warmth = self.warmth(into, config.steps - config.plain)
        self.descend(real - config.weight * gained, config.late_rate * warmth)
        return {"bits/dim": real.item() / math.log(2), "moved": (ratio - 1).abs().mean().item()}

    @torch.no_grad()
    def with_slips(self, targets: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """The pictures, with a part of their pixels drawn by the network as it stands."""
        odds = self.logits(targets, labels).softmax(1).movedim(1, -1)
        drawn = torch.multinomial(odds.flatten(0, -2), 1).view_as(targets)
        share = self.config.slips * torch.rand(len(targets), 1, 1)
        return torch.where(torch.rand(targets.shape) < share, drawn, targets)

    @torch.no_grad()
    def collect(self, step: int) -> None:
        """Paint, and hear what classifiers of real digits (others than the one that measures) say; the strictest counts."""
        network, config = self.network, self.config
        asked = np.arange(config.own) % config.classes
        with tempfile.TemporaryDirectory() as scratch:
            write_row(network, Path(scratch) / "row.onnx", config.side)
            write_pixel(network, Path(scratch) / "pixel.onnx")
            painted = paint(Path(scratch), asked, seed=step)
        judges = [judge.real_judge(seed) for seed in range(1, 1 + config.judges)]
        verdicts = torch.stack([judge.odds(each, painted, asked) for each in judges]).amin(0)
        pictures, labels = steps.quantise(painted, config.levels), torch.from_numpy(asked)
        usual = torch.stack([verdicts[labels == label].mean() for label in range(config.classes)])
        pairs = zip(pictures.split(config.batch), labels.split(config.batch))
        likelihood = torch.cat([-self.losses(part, part, names) for part, names in pairs])
        pictures = pictures.to(torch.uint8)
        self.own.load_state_dict(
            {"pictures": pictures, "labels": labels, "likelihood": likelihood, "praise": verdicts - usual[labels]}
        )
        run.say(f"step {step}: {(verdicts > 0.5).float().mean():.1%} of its own pictures are read as asked by all judges")


def write_row(network: PixelRNN, path: Path, side: int) -> None:
    """What a row takes from above: the first kernel's rows, and each layer's hidden row through its open kernel.

    The last row of `state` counts the rows. `columns` holds the hidden and then the cell of every layer; the
    context is the first kernel's part with its place, every layer's gates, and every layer's cell as it was.
    """
    config, layers, graph = network.config, network.layers, Graph()
    channels, kept, wide = config.channels, config.first_rows - 1, config.channels * config.layers
    old, count = graph.split("state", [kept, 1], axis=1)
    seen = graph.node("Concat", old, "pixels", axis=1)
    counted = graph.node("Add", count, graph.weight(np.float32(1)))
    graph.node("Concat", graph.split(seen, [1, kept], axis=1)[1], counted, axis=1, to="next_state")
    kernel = graph.weight(network.above.weight[:, 0])  # rows become channels, oldest first
    first = graph.node("Conv", seen, kernel, graph.weight(network.above.bias), pads=[config.first_rows] * 2)
    number = graph.cast(graph.node("ReduceMax", count, axes=[2], keepdims=0), TensorProto.INT64)
    row = graph.node("Transpose", graph.node("Gather", graph.weight(network.row), number, axis=0), perm=[0, 2, 1])
    first = graph.node("Add", first, graph.node("Add", row, graph.weight(network.column[:side].T)))
    hidden, cells = graph.split("columns", [wide, wide], axis=1)
    down = torch.cat([layer.down.weight.view(4 * channels, 3, channels).transpose(1, 2) for layer in layers])
    gates = graph.node("Conv", hidden, graph.weight(down), group=config.layers, pads=[1, 1])
    table = torch.cat([layer.gates_class.weight for layer in layers], 1)
    bias = graph.node("Gather", graph.weight(table), "y", axis=0)
    gates = graph.node("Add", gates, graph.node("Unsqueeze", bias, graph.weight(np.array([2], np.int64))))
    context = graph.node("Concat", first, gates, cells, axis=1)
    graph.node("Transpose", context, perm=[0, 2, 1], to="context")
    inputs = {"pixels": [1, side], "y": [], "state": [kept + 1, side], "columns": [2 * wide, side]}
    graph.save(path, "row", inputs, {"context": [side, channels + 5 * wide], "next_state": [kept + 1, side]})


def write_pixel(network: PixelRNN, path: Path) -> None:
    """One column of every layer; each gate is a Gemm of its own, so that its activation is fused into it."""
    config, graph = network.config, Graph()
    channels, count, kept = config.channels, config.layers, config.first_rows - 1
    wide = channels * count
    first, *context = graph.split("context", [channels] * (1 + 5 * count), axis=1)
    gates, cells = context[: 4 * count], context[4 * count :]
    old_pixels, *before = graph.split("state", [kept] + [channels] * count, axis=1)
    seen = graph.node("Concat", old_pixels, "pixel", axis=1)
    x = graph.node("Gemm", seen, graph.weight(network.left.weight[:, 0, 0].T), first)
    state, hidden, carried = [graph.split(seen, [1, kept], axis=1)[1]], [], []
    for index, layer in enumerate(network.layers):
        state.append(x)
        both = graph.node("Concat", before[index], x, axis=1)
        kernel = layer.inward.weight[:, :, 0].permute(2, 1, 0).reshape(2 * channels, 4, channels)
        doors = [
            graph.node(kind, graph.node("Gemm", both, graph.weight(kernel[:, gate]), gates[4 * index + gate]))
            for gate, kind in enumerate(["Sigmoid", "Sigmoid", "Sigmoid", "Tanh"])
        ]
        forget, enter, leave, new = doors
        cell = graph.node("Add", graph.node("Mul", forget, cells[index]), graph.node("Mul", enter, new))
        hidden.append(graph.node("Mul", leave, graph.node("Tanh", cell)))
        carried.append(cell)
        x = graph.node("Gemm", hidden[-1], graph.weight(layer.project.weight[:, :, 0, 0].T), x)
    graph.node("Concat", *state, axis=1, to="next_state")
    graph.node("Concat", *hidden, *carried, axis=1, to="column")
    x = graph.node("Relu", x)
    x = graph.node("Relu", graph.node("Gemm", x, *(graph.weight(w) for w in dense(network.hidden))))
    x = graph.node("Gemm", x, *(graph.weight(w) for w in dense(network.logits)))
    graph.node("Reshape", x, graph.weight(np.array([-1, 1, config.levels], np.int64)), to="logits")
    inputs = {"context": [channels + 5 * wide], "pixel": [1], "state": [kept + wide]}
    outputs = {"logits": [1, config.levels], "next_state": [kept + wide], "column": [2 * wide]}
    graph.save(path, "pixel", inputs, outputs)


def dense(convolution: nn.Conv2d) -> tuple[torch.Tensor, torch.Tensor]:
    return convolution.weight[:, :, 0, 0].T, convolution.bias


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
        "title": "Digits PixelRNN",
        "summary": "Handwritten digits, 28×28, 16 grey levels: a class-conditional PixelRNN (Row LSTM), a pixel at a time.",
        "picture": {"layout": "nchw", "range": "0..1", "width": side, "height": side, "channels": 1},
        "graphs": {
            "row": {
                "file": "row.onnx",
                "inputs": {"pixels": "pixels", "y": "class.digit", "state": "state.rows", "columns": "columns.hidden"},
                "outputs": {"context": "context", "next_state": "state.rows"},
                "max_batch": 16,
            },
            "pixel": {
                "file": "pixel.onnx",
                "inputs": {"context": "context", "pixel": "pixel", "state": "state.columns"},
                "outputs": {"logits": "logits", "next_state": "state.columns", "column": "column.hidden"},
                "max_batch": 16,
            },
        },
        "defaults": {"temperature": 1.0},
        "autoregressive": {"levels": config.levels},
        "limits": [TEMPERATURE, LESSONS],
    }
