#!/usr/bin/env bash
# torch 2.13.0, optax 0.2.8, Keras 3.15.1: the same learning rate is another step in each library's Muon. Of a weight matrix [1000][785] with the same gradient,
# at rate 0.2 and each library's own scale, the first step has a Frobenius norm of 5.8, 5.1 and 32.5. torch multiplies by sqrt(max(1, rows/columns)), optax
# takes the rows for inputs and multiplies by sqrt(max(1, columns/rows)), Keras by 0.2 sqrt(max(rows, columns)). torch decays weights by 0.1 unless told otherwise.
# A rate that was tuned in one is not one for another.
# Source: documentation and source of the three optimisers; own computation.
. "$(dirname "$0")/common.sh"
python torch==2.13.0 jax==0.10.2 jaxlib==0.10.2 optax==0.2.8 keras==3.15.1 numpy==2.4.6
export KERAS_BACKEND=torch TF_CPP_MIN_LOG_LEVEL=3
seen=$("$python" - <<'PY'
import jax.numpy as jnp
import keras
import numpy
import optax
import torch

g = numpy.random.default_rng(1).standard_normal((1000, 785)).astype(numpy.float32)
show = lambda name, step: print(name, "%.1f" % numpy.linalg.norm(step), end="; ")

W = torch.zeros(1000, 785, requires_grad=True)
W.grad = torch.tensor(g)
rule = torch.optim.Muon([W], lr=0.2)
rule.step()
show("torch", W.detach().numpy())
decay = rule.defaults["weight_decay"]

zeros = {"W": jnp.zeros((1000, 785))}
rule = optax.contrib.muon(0.2)
step, _ = rule.update({"W": jnp.asarray(g)}, rule.init(zeros), zeros)
show("optax", numpy.asarray(step["W"]))

V = keras.Variable(numpy.zeros((1000, 785), numpy.float32), name="kernel")
rule = keras.optimizers.Muon(0.2, weight_decay=None)
rule.build([V])
rule.apply([torch.tensor(g)], [V])
show("keras", keras.ops.convert_to_numpy(V))
print("weight decay of torch", decay)
PY
)
same "norms of Muon's first step of a matrix [1000][785] at rate 0.2" \
  "the same from all three, about 0.2 sqrt(785) = 5.6; no weight decay unless asked for" \
  "torch 5.8; optax 5.1; keras 32.5; weight decay of torch 0.1" \
  "$seen"
