"""The shipped row and pixel graphs inside two nested ONNX Loops: a picture in one call, for benchmarks.

It shows what calling a small graph for each pixel costs against staying inside ONNX Runtime. The noise comes
in as `uniform` [N, H, W]; pixel (i, j) takes the first level whose cumulated odds reach its number.

    python training/pixelcnn_loop.py onnx/digits-pixelcnn benches/graphs/pixelcnn_loop.onnx
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, compose, helper, numpy_helper

import export
from steps import Stepper

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


def info(name: str, kind: int, shape: list | None) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def parted(graph: onnx.GraphProto) -> tuple[list, list]:
    casts = [node for node in graph.node if node.op_type == "Cast"]
    return casts, [node for node in graph.node if node.op_type != "Cast"]


def write(folder: Path, path: Path) -> None:
    row = compose.add_prefix_graph(onnx.load(folder / "row.onnx").graph, "row.")
    pixel = compose.add_prefix_graph(onnx.load(folder / "pixel.onnx").graph, "pixel.")
    shapes = {
        tensor.name: [dim.dim_value for dim in tensor.type.tensor_type.shape.dim][1:]
        for graph in (row, pixel)
        for tensor in (*graph.input, *graph.output)
    }
    side, levels = shapes["row.pixels"][-1], shapes["pixel.logits"][-1]
    constants = {
        "side": np.array(side, np.int64), "true": np.array(True), "one": np.array([1], np.int64),
        "last": np.array(-1, np.int64), "top": np.array(levels - 1, np.float32),
        "no_row": np.array(shapes["row.state"], np.int64), "no_above": np.array(shapes["row.pixels"], np.int64),
        "no_column": np.array(shapes["pixel.state"], np.int64),
    }  # fmt: skip
    node = helper.make_node
    # Weights are cast from float16 outside the loops, so that it is done once.
    casts, row_nodes = parted(row)
    pixel_casts, pixel_nodes = parted(pixel)

    def zeros(like: str, name: str) -> list:
        return [
            node("Concat", ["batch", like], [f"{name}.shape"], axis=0),
            node("ConstantOfShape", [f"{name}.shape"], [name]),
        ]

    column = helper.make_graph(
        [
            node("Gather", ["row.context", "j"], ["pixel.context"], axis=1),
            node("Gather", ["row_uniform", "j"], ["number"], axis=1),
            *pixel_nodes,
            node("Softmax", ["pixel.logits"], ["odds"], axis=-1),
            node("CumSum", ["odds", "last"], ["cumulated"]),
            node("Unsqueeze", ["number", "ends"], ["threshold"]),
            node("Less", ["cumulated", "threshold"], ["below"]),
            node("Cast", ["below"], ["counted"], to=FLOAT),
            node("ReduceSum", ["counted", "end"], ["level"], keepdims=0),
            node("Min", ["level", "top"], ["limited"]),
            node("Div", ["limited", "top"], ["painted"]),
            node("Identity", ["painted"], ["column"]),
            node("Identity", ["more_columns"], ["on_columns"]),
        ],
        "column",
        [info("j", INT64, []), info("more_columns", BOOL, []),
         info("pixel.pixel", FLOAT, None), info("pixel.state", FLOAT, None)],
        [info("on_columns", BOOL, []), info("painted", FLOAT, None),
         info("pixel.next_state", FLOAT, None), info("column", FLOAT, None)],
    )  # fmt: skip
    line = helper.make_graph(
        [
            node("Identity", ["y"], ["row.y"]),
            *row_nodes,
            node("Gather", ["uniform", "i"], ["row_uniform"], axis=1),
            node("Loop", ["side", "true", "nothing", "start"], ["last_pixel", "last_state", "columns"], body=column),
            node("Transpose", ["columns"], ["above"], perm=[1, 2, 0]),
            node("Identity", ["above"], ["line"]),
            node("Identity", ["more_rows"], ["on_rows"]),
        ],
        "row",
        [info("i", INT64, []), info("more_rows", BOOL, []),
         info("row.pixels", FLOAT, None), info("row.state", FLOAT, None)],
        [info("on_rows", BOOL, []), info("above", FLOAT, None),
         info("row.next_state", FLOAT, None), info("line", FLOAT, None)],
    )  # fmt: skip
    constants |= {"ends": np.array([1, 2], np.int64), "end": np.array([2], np.int64)}
    nodes = [
        node("Shape", ["y"], ["batch"]),
        *zeros("no_row", "row_start"), *zeros("no_above", "above_start"), *zeros("no_column", "start"),
        *zeros("one", "nothing"),
        node("Loop", ["side", "true", "above_start", "row_start"], ["last_line", "last_rows", "lines"], body=line),
        node("Transpose", ["lines"], ["image"], perm=[1, 2, 0, 3]),
    ]  # fmt: skip
    weights = [*row.initializer, *pixel.initializer]
    weights += [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(
        [*casts, *pixel_casts, *nodes], "loop",
        [info("y", INT64, ["batch"]), info("uniform", FLOAT, ["batch", side, side])],
        [info("image", FLOAT, ["batch", 1, side, side])], weights,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", export.OPSET)], ir_version=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)


def check(folder: Path, path: Path) -> None:
    """The loop must paint what the two graphs paint when they are called from outside."""
    run = export.session(path)
    side, labels = run.get_inputs()[1].shape[-1], np.arange(10)
    uniform = np.random.default_rng(0).random((10, side, side), np.float32)

    def choose(logits, i, j):
        odds = np.exp(logits - logits.max(1, keepdims=True))
        totals = (odds / odds.sum(1, keepdims=True)).cumsum(1)
        return np.minimum((totals < uniform[:, i, j, None]).sum(1), logits.shape[1] - 1)

    stepper = Stepper(folder)
    levels = stepper.pixel.get_outputs()[0].shape[-1]
    outside = stepper.paint(labels, choose, side, levels)
    inside = np.rint(run.run(None, {"y": labels, "uniform": uniform})[0][:, 0] * (levels - 1))
    if not np.array_equal(inside, outside):
        raise SystemExit("the loop paints other pictures than the two graphs")


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
    check(Path(sys.argv[1]), Path(sys.argv[2]))
