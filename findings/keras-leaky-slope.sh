#!/usr/bin/env bash
# Keras 3.15.1: the layer LeakyReLU has a slope of 0.3, the function leaky_relu 0.2, in the same release; ONNX's operator has 0.01.
# A leaky ReLU without its slope is not a description of a network.
# Source: defaults of Keras and ONNX; own run.
. "$(dirname "$0")/common.sh"
python keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 onnx==1.23.1 numpy==2.4.6
export KERAS_BACKEND=jax
seen=$("$python" - <<'PY'
import keras
import numpy
import onnx

x = numpy.array([-1.0], numpy.float32)
alpha = onnx.defs.get_schema("LeakyRelu").attributes["alpha"].default_value.f
print("layer %.2f, function %.2f, operation %.2f, ONNX %.2f"
      % (-keras.layers.LeakyReLU()(x)[0], -keras.activations.leaky_relu(x)[0], -keras.ops.leaky_relu(x)[0], alpha))
PY
)
same "slope of a leaky ReLU that is not told one" "one slope in all of Keras, 0.01 as elsewhere" \
  "layer 0.30, function 0.20, operation 0.20, ONNX 0.01" "$seen"
