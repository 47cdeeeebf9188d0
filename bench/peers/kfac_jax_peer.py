#!/usr/bin/env python3
"""KFAC of the library kfac_jax, with its adaptive learning rate, momentum and damping, on a problem that ExportProblem wrote.

Settings are those of the library's own autoencoder example (examples/autoencoder_mnist) but for the initial damping, which it
has at 150; try several. That example takes the whole data set a step. For stochastic optimisation, as here, the library's
authors advise against the automatic learning rate and momentum (examples/README.md): --learning-rate X fixes the rate, at a
momentum of 0.9. Compilation is not on the clock: it is done beforehand, on copies that are thrown away.
"""
import os
import sys
import time

import peer

INITIAL_DAMPINGS = (0.01, 0.1, 1.0, 10.0, 150.0)
L2 = 1e-5
MOMENTUM = 0.9  # where the learning rate is fixed
PERIOD = 5  # of inverses, of the rule for the damping, and updates of the factors before the first step


def load(given):
    """jax and kfac_jax, or what is missing and how to get it; jax reads its number of threads when it is imported."""
    if given.threads is not None:
        os.environ["NPROC"] = str(given.threads)
    try:
        import jax
        import kfac_jax
    except ImportError as error:
        raise SystemExit(
            f"kfac_jax_peer.py: this Python ({sys.executable}) cannot import jax and kfac_jax: {error}; install the packages"
            " jax and kfac-jax, or name kfac-jax's folder in PYTHONPATH"
        )
    if given.device != jax.default_backend().replace("gpu", "cuda"):
        raise SystemExit(
            f"kfac_jax_peer.py: --device {given.device}, but jax {jax.__version__} runs on {jax.default_backend()}; set"
            " JAX_PLATFORMS=cpu for the CPU, or install jax[cuda13] for a GPU"
        )
    return jax, kfac_jax


def objective(jax, kfac_jax, kind):
    """loss(params, rows): the mean loss with the L2 term, and without it as what the CSV has."""
    jnp = jax.numpy

    def loss(params, rows):
        a = rows
        for W, b in params[:-1]:
            a = jnp.tanh(a @ W + b)
        h = a @ params[-1][0] + params[-1][1]
        if kind == "bernoulli":
            kfac_jax.register_sigmoid_cross_entropy_loss(h, rows)
            each = jax.nn.softplus(h) - rows * h
        else:
            kfac_jax.register_squared_error_loss(h, rows, weight=0.5)
            each = 0.5 * jnp.square(h - rows)
        data = jnp.sum(each) / rows.shape[0]
        norm2 = sum(jnp.sum(jnp.square(p)) for layer in params for p in layer)
        return data + 0.5 * L2 * norm2, data

    return loss


class Training:
    """kfac_jax's optimiser, the parameters and their state."""

    def __init__(self, problem, given, jax, kfac_jax):
        self.problem = problem
        self.jax = jax
        adaptive = given.learning_rate is None
        self.fixed = {} if adaptive else {"learning_rate": given.learning_rate, "momentum": MOMENTUM}
        loss = objective(jax, kfac_jax, problem.loss)
        self.optimizer = kfac_jax.Optimizer(
            value_and_grad_func=jax.value_and_grad(loss, has_aux=True),
            value_func_has_aux=True,
            l2_reg=L2,
            use_adaptive_learning_rate=adaptive,
            use_adaptive_momentum=adaptive,
            use_adaptive_damping=True,
            initial_damping=given.initial_damping,
            min_damping=1e-5,
            max_damping=1000.0,
            damping_adaptation_interval=PERIOD,
            damping_adaptation_decay=0.95,
            inverse_update_period=PERIOD,
            curvature_ema=0.95,
            num_burnin_steps=PERIOD,
        )
        self.begin()

    def begin(self):
        """At the first weights; each a pair W [d_{l-1}][d_l], b [d_l], as the library expects a dense layer."""
        jnp = self.jax.numpy
        layers = peer.layers(self.problem.weights(), self.problem.sizes)
        self.params = [(jnp.array(W[:, :-1].t().numpy()), jnp.array(W[:, -1].numpy())) for W in layers]
        self.key = self.jax.random.PRNGKey(self.problem.seed)
        self.state = self.optimizer.init(self.params, self.next_key(), self.rows(self.problem.minibatch(0)))
        self.updates = 0

    def next_key(self):
        self.key, key = self.jax.random.split(self.key)
        return key

    def rows(self, minibatch):
        return self.jax.numpy.asarray(minibatch.cpu().numpy())

    def batches(self, minibatch):
        """What the first step takes: rows for the factors before it, the last of the order, and then its batch."""
        if self.updates == 0:
            for i in range(PERIOD):
                yield self.rows(self.problem.minibatch(self.problem.order.shape[0] - 1 - i))
        yield self.rows(minibatch)

    def step(self, minibatch):
        self.params, self.state, statistics = self.optimizer.step(
            self.params,
            self.state,
            self.next_key(),
            data_iterator=self.batches(minibatch),
            global_step_int=self.updates,
            **self.fixed,
        )
        self.updates += 1
        self.jax.block_until_ready(self.params)
        return float(statistics["aux"])

    def compile(self):
        """Every kind of step once; seconds. Then all is as before."""
        begin = time.perf_counter()
        for i in range(PERIOD + 1):
            self.step(self.problem.minibatch(i))
        self.begin()
        return time.perf_counter() - begin

    def layers(self):
        """W_l [d_l][d_{l-1} + 1], the bias last in each row."""
        torch, numpy = peer.torch, self.jax.device_get
        pairs = [(torch.tensor(numpy(W)).t(), torch.tensor(numpy(b))) for W, b in self.params]
        return [torch.cat((W, b.unsqueeze(1)), 1) for W, b in pairs]

    def blocks(self):
        """What the library took the layers for; it has no public name for that."""
        return sorted({type(block).__name__ for block in self.optimizer._estimator.blocks})


def main():
    parser = peer.options(__doc__, "kfac-jax")
    parser.add_argument(
        "--initial-damping",
        type=float,
        choices=INITIAL_DAMPINGS,
        default=0.1,
        metavar="X",
        help=f"one of {', '.join(map(str, INITIAL_DAMPINGS))}; default %(default)s",
    )
    parser.add_argument(
        "--learning-rate",
        type=float,
        metavar="X",
        help=f"fixed, with a momentum of {MOMENTUM}; default: both are the library's automatic ones",
    )
    given = parser.parse_args()
    if given.learning_rate is not None and not given.learning_rate > 0:
        raise SystemExit(f"--learning-rate {given.learning_rate} must be positive, for example 0.01")
    jax, kfac_jax = load(given)
    peer.prepare(given)
    problem = peer.Problem(given.problem, "cpu")
    training = Training(problem, given, jax, kfac_jax)
    seconds = training.compile()
    peer.write_facts(
        given,
        jax=jax.__version__,
        kfacJax=kfac_jax.__version__,
        jaxDevice=str(jax.devices()[0]),
        initialDamping=given.initial_damping,
        learningRate=given.learning_rate or "automatic",
        momentum=training.fixed.get("momentum", "automatic"),
        compileSeconds=round(seconds, 1),
        blocks=training.blocks(),
    )
    peer.train(given, problem, training.step, training.layers)


if __name__ == "__main__":
    main()
