#!/usr/bin/env bash
# onnxruntime 1.30.0: Cast of a text to float takes the number that the text begins with and leaves the rest. "3,5" is 3, "6abc" is 6, "1_000" is 1,
# "0x10" is 16, each without an error; only a text without a number at the start is refused. The operator's text knows plain and scientific numbers.
# Texts are made numbers before the model, by a parser that reads the whole text.
# Source: the operator's text; own run.
. "$(dirname "$0")/common.sh"
python onnx==1.23.1 onnxruntime==1.30.0 numpy==2.4.6
seen=$("$python" - <<'PY'
import numpy
import onnxruntime
from onnx import TensorProto, helper

x = helper.make_tensor_value_info("x", TensorProto.STRING, ["N"])
y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N"])
graph = helper.make_graph([helper.make_node("Cast", ["x"], ["y"], to=TensorProto.FLOAT)], "numbers", [x], [y])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
options = onnxruntime.SessionOptions()
options.log_severity_level = 4  # the refusals are expected
session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
for text in ("3.5", "3,5", "6abc", "1_000", "0x10", "abc"):
    try:
        print(text, "%g" % session.run(None, {"x": numpy.array([text], dtype=object)})[0][0], end="; ")
    except Exception:
        print(text, "refused", end="; ")
PY
)
same "texts cast to float" "3.5 3.5; all others refused" \
  "3.5 3.5; 3,5 3; 6abc 6; 1_000 1; 0x10 16; abc refused; " "$seen"
