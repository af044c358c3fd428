"""Exports models as people have them, with what their sources say of 200 rows; and compares two files under onnxruntime.

Usage: export.py make FOLDER              writes models, FOLDER/rows.json and FOLDER/expected.json
       export.py compare BEFORE AFTER     prints the largest difference of the outputs on random inputs
"""

import json
import pathlib
import sys

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

random = numpy.random.default_rng(20261121)


def model(path, nodes, inputs, outputs, weights, external=False):
    """Writes a model; inputs and outputs are names with shapes, weights arrays by name."""
    value = lambda port: helper.make_tensor_value_info(port[0], port[2] if len(port) > 2 else TensorProto.FLOAT, port[1])
    tensors = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    graph = helper.make_graph(nodes, "graph", [value(i) for i in inputs], [value(o) for o in outputs], tensors)
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9, producer_name="pytorch")
    if external:
        onnx.save(proto, path, save_as_external_data=True, location=f"{path.name}.data", size_threshold=0)
    else:
        onnx.save(proto, path)


def array(*shape):
    return random.standard_normal(shape).astype(numpy.float32)


def sources(folder):
    """Models of scikit-learn as skl2onnx writes them, and a net with its weights in another file."""
    from skl2onnx import to_onnx
    from sklearn.datasets import load_iris
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = load_iris(return_X_y=True)
    x = x.astype(numpy.float32)
    names = numpy.array(["setosa", "versicolor", "virginica"])
    rows = numpy.vstack([x, x[:50] + array(50, 4) * numpy.float32(0.2)])
    expected = {}
    classifiers = {
        "logreg": make_pipeline(StandardScaler(), LogisticRegression()),
        "forest": RandomForestClassifier(20, random_state=0),
    }
    for name, classifier in classifiers.items():
        classifier.fit(x, names[y])
        onnx.save(to_onnx(classifier, x[:1]), folder / f"{name}.onnx")
        labels = list(classifier.classes_)
        scores = classifier.predict_proba(rows)
        expected[name] = [dict(zip(labels, map(float, row))) for row in scores]
    regressors = {"line": LinearRegression(), "trees": RandomForestRegressor(20, random_state=0)}
    for name, regressor in regressors.items():
        regressor.fit(x[:, :3], x[:, 3])
        onnx.save(to_onnx(regressor, x[:1, :3]), folder / f"{name}.onnx")

    weights = {"w1": array(4, 16), "b1": array(16), "w2": array(16, 3), "b2": array(3)}
    nodes = [
        helper.make_node("Gemm", ["x", "w1", "b1"], ["hidden"]),
        helper.make_node("Relu", ["hidden"], ["active"]),
        helper.make_node("Gemm", ["active", "w2", "b2"], ["logits"]),
    ]
    path = folder / "net.onnx"
    model(path, nodes, [("x", ["batch", 4])], [("logits", ["batch", 3])], weights, external=True)
    logits = numpy.maximum(rows.astype(numpy.float64) @ weights["w1"] + weights["b1"], 0) @ weights["w2"] + weights["b2"]
    scores = numpy.exp(logits - logits.max(1, keepdims=True))
    scores /= scores.sum(1, keepdims=True)
    expected["net"] = [dict(zip(names, map(float, row))) for row in scores]
    fields = lambda row: {f"x{i}": float(value) for i, value in enumerate(row)}
    (folder / "rows.json").write_text(json.dumps([fields(row) for row in rows]))
    (folder / "expected.json").write_text(json.dumps(expected))
    (folder / "labels.json").write_text(json.dumps(list(names)))


def forms(folder):
    """Small models in forms that passes rewrite."""
    picture, answer = [("x", [1, 3, 8, 8])], [("y", [1, 4, 8, 8])]
    kernel = {"w": array(4, 3, 3, 3), "b": array(4)}
    conv = lambda weights, output: helper.make_node("Conv", ["x", *weights], [output], pads=[1, 1, 1, 1])
    norm = {"scale": array(4), "shift": array(4), "mean": array(4), "variance": numpy.abs(array(4)) + numpy.float32(0.1)}
    nodes = [conv(["w", "b"], "c"), helper.make_node("BatchNormalization", ["c", *norm], ["y"])]
    model(folder / "norm.onnx", nodes, picture, answer, kernel | norm)
    nodes = [helper.make_node("Cast", ["half"], ["w"], to=TensorProto.FLOAT), conv(["w", "b"], "y")]
    model(folder / "half.onnx", nodes, picture, answer, {"half": kernel["w"].astype(numpy.float16), "b": kernel["b"]})

    row, scores = [("x", [1, 16])], [("y", [1, 5])]
    whole = random.integers(-127, 128, (16, 5)).astype(numpy.int8)
    scale = lambda value: numpy.array(value, numpy.float32)
    zero = numpy.array(0, numpy.int8)
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
        helper.make_node("DequantizeLinear", ["w", "ws", "z"], ["f"]),
        helper.make_node("MatMul", ["d", "f"], ["y"]),
    ]
    model(folder / "quantised.onnx", nodes, row, scores, {"s": scale(0.02), "z": zero, "w": whole, "ws": scale(0.01)})
    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]),
        helper.make_node("MatMulInteger", ["q", "w", "z", "wz"], ["i"]),
        helper.make_node("Cast", ["i"], ["f"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["s", "ws"], ["scale"]),
        helper.make_node("Mul", ["f", "scale"], ["y"]),
    ]
    model(folder / "dynamic.onnx", nodes, row, scores, {"w": whole, "wz": numpy.array(3, numpy.int8), "ws": scale(0.01)})
    quantise = lambda a, b: [
        helper.make_node("QuantizeLinear", [a, "s", "z"], [f"{b}q"]),
        helper.make_node("DequantizeLinear", [f"{b}q", "s", "z"], [b]),
    ]
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["l"]),
        *quantise("l", "before"),
        helper.make_node("Softmax", ["before"], ["p"], axis=1),
        *quantise("p", "probs"),
    ]
    weights = {"w": array(4, 3), "s": scale(1 / 128), "z": numpy.array(128, numpy.uint8)}
    model(folder / "trap.onnx", nodes, [("x", ["N", 4])], [("probs", ["N", 3])], weights)


def hostile(folder):
    """Models made to harm."""
    one = [("x", ["N", 4])], [("y", ["N", 4])]
    chain = [helper.make_node("Relu", [f"v{i}" if i else "x"], [f"v{i + 1}" if i < 9999 else "y"]) for i in range(10_000)]
    model(folder / "long.onnx", chain, *one, {})
    circle = [helper.make_node("Add", ["x", "b"], ["a"]), helper.make_node("Relu", ["a"], ["b"]), helper.make_node("Relu", ["b"], ["y"])]
    model(folder / "circle.onnx", circle, *one, {})
    paths = [helper.make_node("Relu", ["../../x"], ["/etc/passwd"])]
    model(folder / "paths.onnx", paths, [("../../x", ["N", 4])], [("/etc/passwd", ["N", 3 + 1])], {})
    model(folder / "escape.onnx", [helper.make_node("Add", ["x", "w"], ["y"])], *one, {"w": array(4)})
    proto = onnx.load(folder / "escape.onnx")
    tensor = proto.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../x")
    (folder / "escape.onnx").write_bytes(proto.SerializeToString())


def compare(before, after):
    sessions = [onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]) for path in (before, after)]
    largest = 0.0
    for _ in range(20):
        shape = lambda i: [n if isinstance(n, int) else 3 for n in i.shape]
        feeds = {i.name: array(*shape(i)) for i in sessions[0].get_inputs()}
        wanted = [o.name for o in sessions[1].get_outputs()]
        known = [o.name for o in sessions[0].get_outputs()]
        first = dict(zip(known, sessions[0].run(None, feeds)))
        for name, b in zip(wanted, sessions[1].run(None, feeds)):
            a = first[name]
            a = numpy.array([list(row.values()) for row in a]) if isinstance(a, list) else a
            assert a.shape == b.shape, (a.shape, b.shape)
            if a.dtype.kind in "OU":
                assert list(a) == list(b)
                continue
            largest = max(largest, float(numpy.abs(a - b).max()))
    print(largest)


if sys.argv[1] == "make":
    folder = pathlib.Path(sys.argv[2])
    sources(folder)
    forms(folder)
    hostile(folder)
else:
    compare(*sys.argv[2:])
