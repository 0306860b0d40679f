"""Autoregressive models: training them, and building, running and checking them as two small ONNX graphs.

`row` runs once for each row, `pixel` once for each pixel; both carry what they have to remember in `state`. A
model that recurs over rows (PixelRNN) also has the pixel graph return a `column`, and hands the last row's
columns, side by side, to the next call of `row`. The service runs the graphs in the same way.
"""

import math
from pathlib import Path

import numpy as np
import torch
from onnx import TensorProto, helper, numpy_helper

import export
from run import Average, Batches

EMPTY = (
    "A temperature below 0.9 favours the commonest value, black: at 0.7 about one picture in twenty is blank."
)


def quantise(pictures: np.ndarray, levels: int) -> torch.Tensor:
    """uint8 [N, 28, 28] -> nearest grey level, int64."""
    return torch.from_numpy(np.rint(pictures / 255 * (levels - 1)).astype(np.int64))


class Trainer:
    """Maximum likelihood for a network that maps pixels and classes to the logits of every pixel's level."""

    network_kind: type[torch.nn.Module]

    def __init__(self, config, pictures: np.ndarray, labels: np.ndarray):
        self.config = config
        torch.manual_seed(config.seed)
        self.network = self.network_kind(config).to(memory_format=torch.channels_last)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=config.learning_rate, betas=(0.9, 0.98))
        self.average = Average(self.network, config.average)
        self.parts = {"network": self.network, "optimiser": self.optimiser, "average": self.average}
        self.pictures, self.labels = quantise(pictures, config.levels), torch.from_numpy(labels)
        self.batches = Batches(len(labels), config.batch, config.seed)

    def step(self, step: int) -> dict[str, float]:
        config = self.config
        rows = self.batches(step)
        targets, labels = self.pictures[rows], self.labels[rows]
        loss = self.losses(targets, targets, labels).mean()
        self.descend(loss, config.learning_rate * self.warmth(step, self.horizon()))
        return {"bits/dim": loss.item() / math.log(2)}

    def losses(self, seen: torch.Tensor, targets: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Nats of every pixel [N, H, W] of `targets`, given those of `seen` before it."""
        return torch.nn.functional.cross_entropy(self.logits(seen, labels), targets, reduction="none")

    def logits(self, seen: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """What the network says of every pixel [N, levels, H, W], from those before it."""
        with torch.autocast("cpu", torch.bfloat16):
            logits = self.network(self.shown(seen), labels)
        return logits.float()

    def horizon(self) -> int:
        """Steps in which the learning rate falls to nothing."""
        return getattr(self.config, "cooling", 0) or self.config.steps

    def warmth(self, step: int, steps: int) -> float:
        """The learning rate's share: up in a line, down along a cosine in so many steps."""
        cooled = 0.01 + 0.5 * (1 + math.cos(math.pi * step / steps))
        return min(1, (step + 1) / self.config.warmup, cooled)

    def descend(self, loss: torch.Tensor, rate: float) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.average.update(self.network)

    def shown(self, levels: torch.Tensor) -> torch.Tensor:
        return (levels[:, None].float() / (self.config.levels - 1)).contiguous(memory_format=torch.channels_last)

    def finished(self) -> torch.nn.Module:
        network = self.network_kind(self.config)
        network.load_state_dict(self.average.weights)
        return network.eval()


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

    def cast(self, tensor: str, kind: int) -> str:
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node("Cast", [tensor], [name], name=f"Cast_{len(self.nodes)}", to=kind))
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


class Stepper:
    """Runs the two graphs as the service does; `choose(logits [N, levels], row, column)` gives the levels."""

    def __init__(self, folder: Path):
        self.row, self.pixel = export.session(folder / "row.onnx"), export.session(folder / "pixel.onnx")

    def paint(self, y: np.ndarray, choose, side: int, levels: int) -> np.ndarray:
        count = len(y)

        def zeros(run, name: str) -> np.ndarray:
            return np.zeros([count, *shape_of(run, name)], np.float32)

        recurs = any(tensor.name == "columns" for tensor in self.row.get_inputs())
        picture = np.zeros((count, side, side), np.int64)
        feed = {"pixels": zeros(self.row, "pixels"), "y": y, "state": zeros(self.row, "state")}
        if recurs:
            feed["columns"] = zeros(self.row, "columns")
        for i in range(side):
            context, feed["state"] = self.row.run(None, feed)
            state, left = zeros(self.pixel, "state"), zeros(self.pixel, "pixel")
            for j in range(side):
                step = {"context": np.ascontiguousarray(context[:, j]), "pixel": left, "state": state}
                logits, state, *column = self.pixel.run(None, step)
                if recurs:
                    feed["columns"][:, :, j] = column[0]
                picture[:, i, j] = choose(logits[:, 0], i, j)
                left = (picture[:, i, j, None] / (levels - 1)).astype(np.float32)
            feed["pixels"] = (picture[:, None, i] / (levels - 1)).astype(np.float32)
        return picture


def shape_of(run, name: str) -> list[int]:
    return next(tensor.shape[1:] for tensor in run.get_inputs() if tensor.name == name)


def check(network: torch.nn.Module, folder: Path, targets: torch.Tensor, labels: torch.Tensor, tolerance: float) -> float:
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
