#!/usr/bin/env bash
# safetensors 0.8.0, save_file: the metadata's keys come out in an order drawn anew at each call, so the same call writes files of
# different bytes. A checksum over a file, or over its head as written, says nothing about whether two checkpoints are the same.
# Tensors are ordered by the size of their type, not as given; those of no elements stand among the others.
# Source: the package's core, which holds metadata in a hash map; seen with numpy 2.4.6.
. "$(dirname "$0")/common.sh"
python safetensors==0.8.0 numpy==2.4.6
seen=$("$python" - <<'PY'
import json
import numpy
from safetensors.numpy import save
tensors = {"b": numpy.zeros(3, numpy.float32), "a": numpy.zeros((0, 5), numpy.float32), "y": numpy.zeros(2, numpy.uint8), "z": numpy.zeros(2, numpy.int64)}
metadata = {str(i): "value" for i in range(20)}
files = {save(tensors, metadata=metadata) for _ in range(10)}
print("different files:", "one" if len(files) == 1 else "more than one", end="; ")
head = next(iter(files))
head = json.loads(head[8 : 8 + int.from_bytes(head[:8], "little")])
print("tensors:", [name for name in head if name != "__metadata__"])
PY
)
same "the same four tensors and twenty metadata entries, saved ten times" \
  "one file; tensors as given: b, a, y, z" "different files: more than one; tensors: ['z', 'a', 'b', 'y']" "$seen"
