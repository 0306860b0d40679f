"""From PyTorch to files: ONNX graphs with a dynamic batch axis, float16 or int8 storage, and parity."""

import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper

OPSET = 17
HALF, INT8 = "from the float16 weights beside those from float32", "from the int8 weights beside those from float16"
WORTHWHILE = 4096  # weights in a tensor, from which on it is stored as int8


@torch.no_grad()
def round_to_half(*networks: torch.nn.Module) -> None:
    """Round the weights to float16 in place, so that what is measured is what ships."""
    for network in networks:
        for parameter in network.parameters():
            parameter.copy_(parameter.half().float())


def trace(
    network: torch.nn.Module,
    path: Path,
    inputs: dict[str, torch.Tensor],
    outputs: list[str],
    free: dict[str, dict] | None = None,
    opset: int = OPSET,
) -> None:
    """Export through PyTorch's tracer; every tensor gets a free first axis, and `free` names further ones."""
    names = [*inputs, *outputs]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, tuple(inputs.values()), str(path), input_names=list(inputs), output_names=outputs,
            dynamic_axes={name: {0: "batch"} | (free or {}).get(name, {}) for name in names}, opset_version=opset, dynamo=False,
        )  # fmt: skip
    save(onnx.load(path), path)


def save(model: onnx.ModelProto, path: Path) -> None:
    """Store large weights as float16 behind a Cast, which ONNX Runtime folds back to float32 at load."""
    graph, casts = model.graph, []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < 256:
            continue
        name, stored = tensor.name, f"{tensor.name}.half"
        casts.append(helper.make_node("Cast", [stored], [name], to=onnx.TensorProto.FLOAT))
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), stored))
    for node in reversed(casts):
        graph.node.insert(0, node)
    onnx.checker.check_model(model, full_check=True)
    model.doc_string = ""
    for node in graph.node:
        node.doc_string = ""
    onnx.save(model, path)


def store_as_int8(path: Path) -> None:
    """Store the large weights of a graph that `save` wrote as int8, with a scale for each channel.

    ONNX Runtime folds the Cast and the Mul back to float32 at load, so a call costs what it did. (It would keep a
    DequantizeLinear, and quantise what runs.)
    """
    model = onnx.load(path)
    graph, stored = model.graph, {tensor.name: tensor for tensor in model.graph.initializer}
    for node in [node for node in graph.node if node.op_type == "Cast" and node.input[0] in stored]:
        tensor, name = stored[node.input[0]], node.output[0]
        values = numpy_helper.to_array(tensor).astype(np.float32)
        if values.ndim < 2 or values.size < WORTHWHILE:
            continue
        whole, scale = min((in_bytes(values, axis) for axis in (0, 1)), key=lambda kept: error(values, *kept))
        node.input[0], node.output[0] = f"{name}.int8", f"{name}.whole"
        tensor.CopyFrom(numpy_helper.from_array(whole, node.input[0]))
        graph.initializer.append(numpy_helper.from_array(scale, f"{name}.scale"))
        mul = helper.make_node("Mul", [node.output[0], f"{name}.scale"], [name])
        graph.node.insert(list(graph.node).index(node) + 1, mul)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def shrink(path: Path, feed: dict[str, np.ndarray], span: float, least: float = 40.0) -> float:
    """Store as int8; return the peak signal to noise, in dB, of the first output beside what it was before.

    Its values span `span`; less than `least` dB is refused.
    """
    (before, *_) = session(path).run(None, feed)
    store_as_int8(path)
    (after, *_) = session(path).run(None, feed)
    found = float(-10 * np.log10(np.square((after - before) / span).mean()))
    if not found >= least:
        raise SystemExit(f"{path.name}: int8 weights move the output to {found:.1f} dB of what it was, less than {least}")
    return found


def in_bytes(values: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """(int8, float32 scales): the nearest of 255 evenly spaced values around 0, spaced for each index of `axis`."""
    others = tuple(i for i in range(values.ndim) if i != axis)
    scale = np.maximum(np.abs(values).max(others, keepdims=True), 1e-12).astype(np.float32) / 127
    return np.rint(values / scale).astype(np.int8), scale


def error(values: np.ndarray, whole: np.ndarray, scale: np.ndarray) -> float:
    return float(np.square(values - whole * scale).sum())


def session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def parity(path: Path, feed: dict[str, np.ndarray], expected: list[torch.Tensor], tolerance: float, share: float = 1.0) -> float:
    """Largest difference between ONNX Runtime and PyTorch; and each row alone must equal itself in the batch.

    Where a graph sorts or rounds, the last digit decides on a few values: then `share` of them must be within the tolerance.
    """
    run = session(path)
    found = run.run(None, feed)
    worst = max(float(np.quantile(np.abs(a - b.numpy()), share)) for a, b in zip(found, expected, strict=True))
    if not worst <= tolerance:
        raise SystemExit(f"{path.name}: ONNX Runtime differs from PyTorch by {worst:.2g}, more than {tolerance:.2g}")
    alone = run.run(None, {name: value[:1] for name, value in feed.items()})
    if not all(np.array_equal(one, many[:1]) for one, many in zip(alone, found, strict=True)):
        raise SystemExit(f"{path.name}: a row alone differs from the same row in a batch")
    return worst
