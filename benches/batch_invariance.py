"""Ask ONNX Runtime's CPU kernels whether a row's bits depend on the rows beside it.

    pip install onnx==1.23.2 onnxruntime==1.31.1 numpy
    python benches/batch_invariance.py            # a table in Markdown
    python benches/batch_invariance.py --quick    # fewer batch sizes

Each case is a graph of one operator (or a few that belong together) with seeded weights. Rows
drawn once are run alone, then in every batch size, each at places of its own and with other
neighbours; a row passes if all bits of its output are those that it has alone. Every size is run
three times, so that a result that depended on which thread was quicker would show as well. All
inputs begin at multiples of 64 bytes, as Atelier's do. The last columns say what becomes of a
single row whose input begins 4, 8, 12, 16, 32 or 48 bytes further on, and of three rows that run
with 1, 2, 3 and 4 threads.
"""

import argparse
import platform

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

RANDOM = np.random.RandomState(0)


def weight(*shape):
    return (RANDOM.randn(*shape) / np.sqrt(np.prod(shape[1:]) or 1)).astype(np.float32)


def case(nodes, inputs, weights=(), opset=21):
    """A graph from (operator, inputs, output, attributes); `inputs` are shapes of one row."""
    made = [helper.make_node(op, ins, [out], **attributes) for op, ins, out, attributes in nodes]
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *shape]) for name, shape in inputs]
    last = helper.make_tensor_value_info(nodes[-1][2], TensorProto.FLOAT, None)
    stored = [numpy_helper.from_array(array, name) for name, array in dict(weights).items()]
    graph = helper.make_graph(made, "case", ports, [last], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    return model.SerializeToString(), inputs


def conv(channels, filters, side, kernel, **attributes):
    pads = {"pads": [kernel // 2] * 4} | attributes
    weights = {"w": weight(filters, channels // attributes.get("group", 1), kernel, kernel), "b": weight(filters)}
    return case([("Conv", ["x", "w", "b"], "y", pads)], [("x", [channels, side, side])], weights)


def conv_transpose(channels, filters, side):
    attributes = {"strides": [2, 2], "pads": [1, 1, 1, 1]}
    weights = {"w": weight(channels, filters, 4, 4), "b": weight(filters)}
    return case([("ConvTranspose", ["x", "w", "b"], "y", attributes)], [("x", [channels, side, side])], weights)


def gemm(depth, width, **attributes):
    shape = (width, depth) if attributes.get("transB") else (depth, width)
    return case([("Gemm", ["x", "w", "b"], "y", attributes)], [("x", [depth])], {"w": weight(*shape), "b": weight(width)})


def matmul(depth, width):
    return case([("MatMul", ["x", "w"], "y", {})], [("x", [depth])], {"w": weight(depth, width)})


def matmul_tokens(tokens, depth, width):
    return case([("MatMul", ["x", "w"], "y", {})], [("x", [tokens, depth])], {"w": weight(depth, width)})


def shared_matrix(depth, width):
    """x · B with a B that is computed, so that it cannot be packed when the graph loads."""
    nodes = [("ReduceMean", ["s"], "m", {"keepdims": 0}), ("Mul", ["m", "zero"], "z", {}), ("Add", ["w", "z"], "B", {})]
    nodes += [("MatMul", ["x", "B"], "y", {})]
    weights = {"w": weight(depth, width), "zero": np.zeros(1, np.float32)}
    return case(nodes, [("x", [depth]), ("s", [1])], weights)


def attention(tokens, depth):
    nodes = [
        ("Transpose", ["k"], "kt", {"perm": [0, 2, 1]}),
        ("MatMul", ["q", "kt"], "scores", {}),
        ("Softmax", ["scores"], "p", {"axis": -1}),
        ("MatMul", ["p", "v"], "y", {}),
    ]
    return case(nodes, [(name, [tokens, depth]) for name in "qkv"])


def norm(operator, channels, side):
    weights = {"s": weight(channels), "b": weight(channels)}
    if operator == "GroupNormalization":
        return case([(operator, ["x", "s", "b"], "y", {"num_groups": 4})], [("x", [channels, side, side])], weights)
    if operator == "BatchNormalization":
        weights |= {"m": weight(channels), "v": np.abs(weight(channels)) + 1}
        return case([(operator, ["x", "s", "b", "m", "v"], "y", {})], [("x", [channels, side, side])], weights)
    return case([(operator, ["x", "s", "b"], "y", {})], [("x", [channels, side, side])], weights)


def layer_norm(tokens, depth):
    weights = {"s": weight(depth), "b": weight(depth)}
    return case([("LayerNormalization", ["x", "s", "b"], "y", {"axis": -1})], [("x", [tokens, depth])], weights)


def pointwise(operator, length):
    return case([(operator, ["x"], "y", {})], [("x", [length])])


def reduce(shape, *axes):
    return case([("ReduceMean", ["x", "a"], "y", {})], [("x", shape)], {"a": np.array(axes)})


def gru(steps, depth):
    nodes = [("Transpose", ["x"], "t", {"perm": [1, 0, 2]}), ("GRU", ["t", "w", "r"], "o", {"hidden_size": depth})]
    nodes += [("Transpose", ["o"], "y", {"perm": [2, 0, 1, 3]})]
    return case(nodes, [("x", [steps, depth])], {"w": weight(1, 3 * depth, depth), "r": weight(1, 3 * depth, depth)})


def quantised(depth, width):
    """A MatMul whose input is quantised with a scale that was settled when the model was made."""
    nodes = [
        ("QuantizeLinear", ["x", "s", "z"], "q", {}),
        ("DequantizeLinear", ["q", "s", "z"], "d", {}),
        ("DequantizeLinear", ["w", "sw", "zw"], "dw", {}),
        ("MatMul", ["d", "dw"], "m", {}),
        ("QuantizeLinear", ["m", "so", "z"], "qo", {}),
        ("DequantizeLinear", ["qo", "so", "z"], "y", {}),
    ]
    weights = {"w": RANDOM.randint(-127, 127, (depth, width)).astype(np.int8), "z": np.uint8(128), "zw": np.int8(0)}
    weights |= {"s": np.float32(0.03), "sw": np.float32(0.01), "so": np.float32(0.3)}
    return case(nodes, [("x", [depth])], {name: np.asarray(array) for name, array in weights.items()})


def dynamic_quantised(depth, width):
    made = [helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "scale", "zero"])]
    made += [helper.make_node("MatMulInteger", ["q", "w", "zero"], ["i"]), helper.make_node("Cast", ["i"], ["f"], to=1)]
    made += [helper.make_node("Mul", ["f", "scale"], ["y"])]
    stored = [numpy_helper.from_array(RANDOM.randint(-127, 127, (depth, width)).astype(np.int8), "w")]
    ports = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", depth])]
    last = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph(made, "case", ports, [last], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    return model.SerializeToString(), [("x", [depth])]


CASES = {
    "Conv 1×1": [conv(32, 64, 14, 1), conv(3, 7, 9, 1)],
    "Conv 3×3": [conv(1, 16, 28, 3), conv(16, 32, 14, 3), conv(5, 11, 13, 3), conv(64, 64, 16, 3)],
    "Conv 3×3, stride 2": [conv(16, 32, 28, 3, strides=[2, 2]), conv(3, 8, 15, 3, strides=[2, 2])],
    "Conv, depthwise": [conv(32, 32, 14, 3, group=32)],
    "ConvTranspose 4×4, stride 2": [conv_transpose(32, 16, 7), conv_transpose(16, 1, 14), conv_transpose(5, 3, 9)],
    "Gemm": [gemm(64, 128), gemm(100, 784), gemm(512, 512), gemm(2048, 256), gemm(17, 13)],
    "Gemm, transposed weights": [gemm(64, 128, transB=1), gemm(512, 784, transB=1), gemm(4096, 64, transB=1)],
    "MatMul with a vector for each row": [matmul(8, 64), matmul(64, 1568), matmul(512, 784), matmul(4096, 128)],
    "MatMul with tokens": [matmul_tokens(77, 64, 64), matmul_tokens(1, 512, 512), matmul_tokens(196, 128, 32)],
    "MatMul with a computed matrix": [shared_matrix(64, 128), shared_matrix(512, 784), shared_matrix(1024, 64)],
    "Attention": [attention(49, 16), attention(196, 32), attention(1, 64), attention(77, 64)],
    "LayerNormalization": [layer_norm(49, 64), layer_norm(1, 513)],
    "InstanceNormalization, planes of 4 k numbers": [norm("InstanceNormalization", 16, 14), norm("InstanceNormalization", 3, 32)],
    "InstanceNormalization, other planes": [norm("InstanceNormalization", 3, 31), norm("InstanceNormalization", 5, 13)],
    "GroupNormalization": [norm("GroupNormalization", 16, 14)],
    "BatchNormalization": [norm("BatchNormalization", 16, 14)],
    "Softmax": [pointwise("Softmax", 10), pointwise("Softmax", 1001)],
    "ReduceMean over 4 k numbers": [reduce([500], 1), reduce([77, 52], -1), reduce([16, 14, 14], 2, 3)],
    "ReduceMean over other counts": [reduce([3001], 1), reduce([77, 50], -1), reduce([16, 15, 15], 2, 3)],
    "GlobalAveragePool": [case([("GlobalAveragePool", ["x"], "y", {})], [("x", [16, 14, 14])])],
    "Tanh, Sigmoid, Exp, Erf, Gelu": [pointwise(op, n) for op in ("Tanh", "Sigmoid", "Exp", "Erf", "Gelu") for n in (7, 784)],
    "GRU": [gru(5, 32)],
    "MatMul, statically quantised": [quantised(64, 64), quantised(512, 100)],
    "MatMul, dynamically quantised": [dynamic_quantised(64, 64)],
}


def placed(array, offset=0):
    """A copy that begins so many bytes behind a multiple of 64."""
    room = np.zeros(array.nbytes + 128, np.uint8)
    start = -room.ctypes.data % 64 + offset
    copy = room[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[:] = array
    return copy


def session_of(model, threads):
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def failing_sizes(model, inputs, threads, sizes):
    """The batch sizes at which some row has other bits than alone, and the largest difference."""
    session = session_of(model, threads)
    most = max(sizes)
    rows = {name: RANDOM.randn(most, *shape).astype(np.float32) for name, shape in inputs}

    def run(chosen):
        return session.run(None, {name: placed(x[chosen]) for name, x in rows.items()})[0]

    alone = [run([at])[0] for at in range(most)]
    assert all(run([at])[0].tobytes() == alone[at].tobytes() for at in range(most)), "one row alone varies"
    failed, worst = set(), 0.0
    for size in sizes:
        for turn in range(3):
            chosen = [(turn * 5 + at) % most for at in range(size)]
            for row, shared in zip(chosen, run(chosen)):
                if shared.tobytes() != alone[row].tobytes():
                    failed.add(size)
                    worst = max(worst, float(np.abs(shared - alone[row]).max() / np.abs(alone[row]).max()))
    return failed, worst


def depends_on_place(model, inputs):
    """Whether a single row's bits depend on where its input begins in memory."""
    session = session_of(model, 1)
    for _ in range(20):
        row = {name: RANDOM.randn(1, *shape).astype(np.float32) for name, shape in inputs}
        outputs = {
            session.run(None, {name: placed(x, offset) for name, x in row.items()})[0].tobytes()
            for offset in (0, 4, 8, 12, 16, 32, 48)
        }
        if len(outputs) > 1:
            return True
    return False


def depends_on_threads(model, inputs):
    """Whether the same call has other bits with another number of threads."""
    sessions = [session_of(model, threads) for threads in (1, 2, 3, 4)]
    for _ in range(20):
        rows = {name: placed(RANDOM.randn(3, *shape).astype(np.float32)) for name, shape in inputs}
        if len({session.run(None, rows)[0].tobytes() for session in sessions}) > 1:
            return True
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="batch sizes 2, 3, 4, 8 and 16 only")
    quick = parser.parse_args().quick
    sizes = [2, 3, 4, 8, 16] if quick else [*range(2, 18), 24, 32, 33, 64]
    print(f"ONNX Runtime {ort.__version__}, {platform.machine()}, batch sizes {sizes}\n")
    print("| operator | graphs | 1 thread | 2 threads | moved in memory | 1 to 4 threads |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, graphs in CASES.items():
        cells = []
        for threads in (1, 2):
            results = [failing_sizes(model, inputs, threads, sizes) for model, inputs in graphs]
            failed = set().union(*(failing for failing, _ in results))
            worst = max(worst for _, worst in results)
            which = "all sizes" if failed == set(sizes) else ", ".join(map(str, sorted(failed)))
            cells.append(f"differs at {which}, by {worst:.0e}" if failed else "identical")
        for depends in (depends_on_place, depends_on_threads):
            cells.append("differs" if any(depends(*graph) for graph in graphs) else "identical")
        print(f"| {name} | {len(graphs)} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
