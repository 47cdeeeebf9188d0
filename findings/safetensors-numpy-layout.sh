#!/usr/bin/env bash
# safetensors 0.8.0, safetensors.numpy.save_file: an array that does not lie row by row in memory (a transpose, a Fortran-ordered array, which
# is how many weights are handed over) is written as its memory lies, under the shape of the view. The numbers come back in other
# places, with no error. The torch side of the package refuses such tensors.
# Source: safetensors.numpy in the package; seen with numpy 2.4.6.
. "$(dirname "$0")/common.sh"
python safetensors==0.8.0 numpy==2.4.6
seen=$("$python" - <<'PY'
import numpy
from safetensors.numpy import load_file, save_file
weights = numpy.arange(6, dtype=numpy.float32).reshape(2, 3)
save_file({"transposed": weights.T, "made contiguous": numpy.ascontiguousarray(weights.T)}, "w.safetensors")
for name, array in sorted(load_file("w.safetensors").items()):
    print(name, array.astype(int).tolist(), end="; ")
PY
)
same "the transpose of [[0, 1, 2], [3, 4, 5]], saved and loaded" \
  "[[0, 3], [1, 4], [2, 5]] both times, or an error" \
  "made contiguous [[0, 3], [1, 4], [2, 5]]; transposed [[0, 1], [2, 3], [4, 5]]; " "$seen"
