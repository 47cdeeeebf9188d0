#!/usr/bin/env bash
# jax 0.10.2 with optax 0.2.8, float32: the exact Hessian that jax.hessian takes of optax.softmax_cross_entropy_with_integer_labels is
# indefinite once one logit is about 17 ahead of the others, and the winner's entry is 0: p - p^2 and log(1 + rest) lose what rest says. The
# sigmoid loss of the same package keeps seven digits there. A Gauss-Newton or Laplace comparison with such a Hessian as its reference blames the
# wrong side.
# Source: own computation; the truth is in double, with 1 - p as the sum of the other probabilities.
. "$(dirname "$0")/common.sh"
python jax==0.10.2 jaxlib==0.10.2 optax==0.2.8 numpy==2.4.6
seen=$("$python" - <<'PY'
import jax
import jax.numpy as jnp
import numpy
import optax
gap = 20.0
loss = lambda h: optax.softmax_cross_entropy_with_integer_labels(h[None], jnp.array([0]))[0]
h = jnp.array([gap, 0, 0], jnp.float32)
hessian = numpy.array(jax.hessian(loss)(h), numpy.float64)
least = numpy.linalg.eigvalsh(hessian)[0]
sigmoid = jax.hessian(lambda x: optax.sigmoid_binary_cross_entropy(x, 1.0))(jnp.float32(gap))
right = numpy.exp(-gap)
print(f"winner's entry {hessian[0, 0]:.3g}, least eigenvalue {least:.1e}, loss {float(loss(h)):.3g}; sigmoid right to 1e-6: {abs(sigmoid / right - 1) < 1e-6}")
PY
)
same "logits 20, 0, 0, class 0" \
  "winner's entry 4.12e-09, least eigenvalue 0 to rounding, loss 4.12e-09; sigmoid right to 1e-6: True" \
  "winner's entry 0, least eigenvalue -2.1e-09, loss 0; sigmoid right to 1e-6: True" "$seen"
