#!/usr/bin/env bash
# Keras 3.15.1: Adam adds epsilon to the root of the second moment before its bias is corrected, torch 2.13.0 and optax 0.2.8 behind it, and
# its default is 1e-7. In the first steps it weighs 32 times as much, less at every step: no constant epsilon turns one into the other.
# Consequence: optim.Adam.epsilonPlacement. Source: Kingma, Ba, ICLR 2015 (Algorithm 1, and the form before its section 2.1); own run.
. "$(dirname "$0")/common.sh"
python keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 optax==0.2.8 torch==2.13.0 numpy==2.4.6
export KERAS_BACKEND=jax
seen=$("$python" -W ignore - <<'PY'
import jax.numpy as jnp
import keras
import numpy
import optax
import torch

def in_torch():
    w = torch.zeros(1, requires_grad=True)
    w.grad = torch.tensor([1e-8])
    torch.optim.Adam([w], lr=1e-3, eps=1e-8).step()
    return -w.item()

def in_optax():
    adam = optax.adam(1e-3, eps=1e-8)
    update, _ = adam.update(jnp.array([1e-8]), adam.init(jnp.zeros(1)))
    return -float(update[0])

def in_keras(epsilon):
    w = keras.Variable(numpy.zeros(1, numpy.float32))
    keras.optimizers.Adam(1e-3, **epsilon).apply([numpy.array([1e-8], numpy.float32)], [w])
    return -float(numpy.asarray(w.value)[0])

print("torch %.3g, optax %.3g, Keras %.3g, its default %.3g"
      % (in_torch(), in_optax(), in_keras({"epsilon": 1e-8}), in_keras({})))
PY
)
same "Adam's first step at a gradient of 1e-8, rate 1e-3, epsilon 1e-8" "0.0005 in all of them" \
  "torch 0.0005, optax 0.0005, Keras 3.07e-05, its default 3.15e-06" "$seen"
