#!/usr/bin/env bash
# onnxruntime 1.30.0, CPU: Sigmoid in float32 keeps no digits of a small probability. At -16 it is wrong by tens of per cent, from about -18 on it is 0, where
# float32 goes down to 1e-38; Reciprocal(1 + Exp(-x)) of the same runtime has all digits. Logits of confident networks become ties, and their log loss infinite.
# Source: the library's logistic kernel, a rational approximation of a clamped argument (microsoft/onnxruntime issue 22557 has negative values on other processors); own run.
. "$(dirname "$0")/common.sh"
python onnx==1.23.1 onnxruntime==1.30.0 numpy==2.4.6
seen=$("$python" - <<'PY'
import numpy
import onnxruntime
from onnx import TensorProto, helper

value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N"])
nodes = [helper.make_node("Sigmoid", ["x"], ["direct"]), helper.make_node("Neg", ["x"], ["m"]),
         helper.make_node("Exp", ["m"], ["e"]), helper.make_node("Add", ["e", "one"], ["s"]),
         helper.make_node("Reciprocal", ["s"], ["parts"])]
one = helper.make_tensor("one", TensorProto.FLOAT, [1], [1])
graph = helper.make_graph(nodes, "logistic", [value("x")], [value("direct"), value("parts")], [one])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
x = numpy.array([-16, -30], numpy.float32)
exact = 1 / (1 + numpy.exp(-x.astype(numpy.float64)))
for name, result in zip(("Sigmoid", "its parts"), session.run(None, {"x": x})):
    error = abs(result / exact - 1)
    print(name, ", ".join("right to 1e-5" if e < 1e-5 else "wrong by more than a tenth" if e > 0.1 else "between" for e in error), end="; ")
PY
)
same "probabilities of the logits -16 and -30" "the same from both, right to 1e-5" \
  "Sigmoid wrong by more than a tenth, wrong by more than a tenth; its parts right to 1e-5, right to 1e-5; " "$seen"
