#!/usr/bin/env bash
# jax 0.10.2: jnp.linalg.cholesky and jnp.linalg.eigh average a matrix with its transpose before they factorise (symmetrize_input is on by
# default). Of a matrix whose upper triangle was not filled in, as BLAS's syrk and most Kronecker factors leave it, they factorise another one, without a word.
# numpy, SciPy and jax.scipy.linalg read the lower triangle.
# Source: signatures and documentation of jax.numpy.linalg; own computation.
. "$(dirname "$0")/common.sh"
python jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
seen=$("$python" - <<'PY'
import jax.numpy as jnp
import jax.scipy.linalg
import numpy
lower = numpy.array([[4, 0], [2, 3]], numpy.float32)
show = lambda name, values: print(name, numpy.round(numpy.asarray(values, numpy.float64), 3).tolist(), end="; ")
show("numpy", numpy.linalg.cholesky(lower))
show("jax.scipy", jax.scipy.linalg.cholesky(jnp.array(lower), lower=True))
show("jax.numpy", jnp.linalg.cholesky(jnp.array(lower)))
show("eigenvalues numpy", numpy.linalg.eigh(lower)[0])
show("jax.numpy", jnp.linalg.eigh(jnp.array(lower))[0])
PY
)
same "[[4, 2], [2, 3]], given as its lower triangle with zeros above" \
  "numpy [[2.0, 0.0], [1.0, 1.414]] from all three; eigenvalues [1.438, 5.562] from both" \
  "numpy [[2.0, 0.0], [1.0, 1.414]]; jax.scipy [[2.0, 0.0], [1.0, 1.414]]; jax.numpy [[2.0, 0.0], [0.5, 1.658]]; eigenvalues numpy [1.438, 5.562]; jax.numpy [2.382, 4.618]; " \
  "$seen"
