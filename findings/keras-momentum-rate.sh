#!/usr/bin/env bash
# Keras 3.15.1: the velocity of SGD has the rate in it, so that after the rate is cut by ten, old gradients go on at the old rate; those of
# torch 2.13.0 and optax 0.2.8 take the new one. At a constant rate all three are the same, with Nesterov's momentum, too.
# Consequence: a schedule that was tuned in one of them is another one in the other. Source: own run.
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
    sgd = torch.optim.SGD([w], lr=0.1, momentum=0.9)
    for gradient, rate in [(1.0, 0.1), (0.0, 0.01)]:
        sgd.param_groups[0]["lr"] = rate
        w.grad = torch.tensor([gradient])
        sgd.step()
    return w.item()

def in_optax():
    sgd = optax.inject_hyperparams(optax.sgd)(learning_rate=0.1, momentum=0.9)
    w = jnp.zeros(1)
    state = sgd.init(w)
    for gradient, rate in [(1.0, 0.1), (0.0, 0.01)]:
        state.hyperparams["learning_rate"] = jnp.array(rate)
        update, state = sgd.update(jnp.array([gradient]), state, w)
        w = w + update
    return float(w[0])

def in_keras():
    w = keras.Variable(numpy.zeros(1, numpy.float32))
    sgd = keras.optimizers.SGD(0.1, momentum=0.9)
    for gradient, rate in [(1.0, 0.1), (0.0, 0.01)]:
        sgd.learning_rate = rate
        sgd.apply([numpy.array([gradient], numpy.float32)], [w])
    return float(numpy.asarray(w.value)[0])

print("torch %.3f, optax %.3f, Keras %.3f" % (in_torch(), in_optax(), in_keras()))
PY
)
same "a gradient of 1 at the rate 0.1, then one of 0 at the rate 0.01, momentum 0.9" "-0.109 in all three" \
  "torch -0.109, optax -0.109, Keras -0.190" "$seen"
