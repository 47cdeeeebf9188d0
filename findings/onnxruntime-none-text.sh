#!/usr/bin/env bash
# onnxruntime 1.30.0: a missing text in an array of objects is no error and not the empty text. None goes in as the word "None", NaN as "nan",
# and numbers as Python prints them. A model that one-hot encodes categories takes them for unknown ones; an indicator of missing values stays 0.
# A caller with missing values must write "" instead.
# Source: the library's conversion of objects to strings; own run.
. "$(dirname "$0")/common.sh"
python onnx==1.23.1 onnxruntime==1.30.0 numpy==2.4.6
seen=$("$python" - <<'PY'
import numpy
import onnxruntime
from onnx import TensorProto, helper

text = lambda name: helper.make_tensor_value_info(name, TensorProto.STRING, ["N"])
graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "texts", [text("x")], [text("y")])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
for value in (None, float("nan"), 3):
    try:
        print(list(session.run(None, {"x": numpy.array(["a", value], dtype=object)})[0]), end=" ")
    except Exception as problem:
        print(type(problem).__name__, end=" ")
PY
)
same "None, NaN and 3 in an array of texts that a model takes" "an error, or an empty text" \
  "['a', 'None'] ['a', 'nan'] ['a', '3'] " "$seen"
