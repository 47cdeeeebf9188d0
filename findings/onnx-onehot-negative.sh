#!/usr/bin/env bash
# ONNX's OneHot, in onnxruntime 1.30.0: an index of -1 is the last category, as negative indices count from the end; only one outside [-depth, depth) gives a row of
# zeros. -1 is what encoders write for a category they do not know, and jax.nn.one_hot makes zeros of it, torch an error.
# Source: the operator's text; own run.
. "$(dirname "$0")/common.sh"
python onnx==1.23.1 onnxruntime==1.30.0 numpy==2.4.6 jax==0.10.2 jaxlib==0.10.2
seen=$("$python" - <<'PY'
import jax
import numpy
import onnxruntime
from onnx import TensorProto, helper

node = helper.make_node("OneHot", ["index", "depth", "values"], ["hot"])
index = helper.make_tensor_value_info("index", TensorProto.INT64, ["N"])
hot = helper.make_tensor_value_info("hot", TensorProto.FLOAT, ["N", 3])
constants = [helper.make_tensor("depth", TensorProto.INT64, [1], [3]), helper.make_tensor("values", TensorProto.FLOAT, [2], [0, 1])]
model = helper.make_model(helper.make_graph([node], "hot", [index], [hot], constants),
                          opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
rows = numpy.array([-1, 3], numpy.int64)
print("onnx", session.run(None, {"index": rows})[0].astype(int).tolist(), "jax", jax.nn.one_hot(rows, 3).astype(int).tolist())
PY
)
same "one-hot rows of -1 and 3 among 3 categories" "zeros for both" \
  "onnx [[0, 0, 1], [0, 0, 0]] jax [[0, 0, 0], [0, 0, 0]]" "$seen"
