#!/usr/bin/env python3
"""KFRA with the factors of BackPACK; averages, damped solve, rescaling and lambda are those of torch_kfra.py.

Where factors are refreshed, loss, gradient and factors come from one backward pass under BackPACK; other updates need no
factors and are those of torch_kfra.py.
"""
import sys

import torch

import kfra
import peer


class BernoulliLoss(torch.nn.modules.loss._Loss):
    """Cross-entropy on logits with grey targets, summed; BackPACK takes a module for a loss by this base class."""

    def __init__(self):
        super().__init__(reduction="sum")

    def forward(self, h, t):
        return torch.nn.functional.binary_cross_entropy_with_logits(h, t, reduction="sum")


def bernoulli_extension(module_extension):
    """What BackPACK needs to begin KFRA at that loss, which it does not know: the sum of H = diag(p (1 - p))."""

    class Extension(module_extension):
        def backpropagate(self, extension, module, g_inp, g_out, bpQuantities):
            p = torch.sigmoid(module.input0.detach())
            return torch.diag((p * (1 - p)).sum(0))

    return Extension()


class BackpackKfra(kfra.Kfra):
    """Loss, gradient and factors by BackPACK where factors are refreshed."""

    def __init__(self, problem, given, backpack):
        super().__init__(problem, given)
        self.backpack = backpack
        self.linear, modules = [], []
        for l, W in enumerate(self.net.W):
            linear = torch.nn.Linear(W.shape[1] - 1, W.shape[0], device="meta")
            # Views: the update of all weights as one vector is theirs, too.
            linear.weight = torch.nn.Parameter(W[:, :-1])
            linear.bias = torch.nn.Parameter(W[:, -1])
            self.linear.append(linear)
            modules.append(linear)
            if l + 1 < len(self.net.W):
                tanh = torch.nn.Tanh()
                tanh.register_forward_hook(self.keep(l + 1))
                modules.append(tanh)
        self.extension = backpack.extensions.KFRA()
        if problem.loss == "bernoulli":
            self.loss = BernoulliLoss()
            self.extension.set_module_extension(BernoulliLoss, bernoulli_extension(backpack.module_extension))
            self.scale = problem.batch
        else:
            self.loss = torch.nn.MSELoss(reduction="sum")  # without the half: H = 2 I
            self.scale = 2 * problem.batch
        self.model = backpack.extend(torch.nn.Sequential(*modules))
        self.loss = backpack.extend(self.loss)

    def keep(self, l):
        """Copies a layer's output to where the forward-mode pass expects it."""

        def hook(module, inputs, output):
            self.net.a[l][:, :-1].copy_(output.detach())

        return hook

    def first_passes(self, rows, refresh):
        if not refresh:
            return super().first_passes(rows, False)
        self.net.a[0][:, :-1].copy_(rows)
        self.model.zero_grad(set_to_none=True)
        with torch.enable_grad():
            h = self.model(rows)
            loss = self.loss(h, rows)
            with self.backpack.backpack(self.extension):
                loss.backward()
        self.net.h[-1].copy_(h.detach())
        self.net.derivatives(rows)
        beta = self.next_beta()
        for l, linear in enumerate(self.linear):
            self.take_gradient(l, linear)
            self.enter_factors(l, linear, beta)
        return loss.detach() / self.scale

    def take_gradient(self, l, linear):
        g = self.net.g[l]
        torch.mul(self.net.W[l], kfra.L2, out=g)
        g[:, :-1].add_(linear.weight.grad, alpha=1 / self.scale)
        g[:, -1].add_(linear.bias.grad, alpha=1 / self.scale)

    def enter_factors(self, l, linear, beta):
        """BackPACK gives [G, A] of the weight, G of the summed loss and A = E[a a'] without the 1; Q = (A m; m' 1)."""
        G, A = linear.weight.kfra
        Q, mean = self.Q[l], self.net.a[l].mean(0)
        kfra.average(self.G[l], G.detach() / self.scale, beta)
        kfra.average(Q[:-1, :-1], A.detach(), beta)
        kfra.average(Q[-1, :], mean, beta)
        kfra.average(Q[:-1, -1], mean[:-1], beta)
        del linear.weight.kfra, linear.bias.kfra


def load():
    """BackPACK, or what is missing and how to get it."""
    try:
        import backpack
        import backpack.extensions
        from backpack.extensions.module_extension import ModuleExtension
    except ImportError as error:
        raise SystemExit(
            f"backpack_kfra.py: this Python ({sys.executable}) has no BackPACK: {error}; install the package"
            " backpack-for-pytorch, version 1.4 or newer, or name its folder in PYTHONPATH"
        )
    if not hasattr(backpack.extensions.KFRA(), "set_module_extension"):
        raise SystemExit(
            "backpack_kfra.py: this BackPACK knows no module extensions of others (set_module_extension), which the"
            " Bernoulli loss needs; install version 1.4 or newer"
        )
    backpack.module_extension = ModuleExtension
    return backpack


def version():
    """Of the installed package; None where BackPACK is a folder in PYTHONPATH."""
    from importlib import metadata

    try:
        return metadata.version("backpack-for-pytorch")
    except metadata.PackageNotFoundError:
        return None


def main():
    given = kfra.options(__doc__, "backpack-kfra").parse_args()
    backpack = load()
    peer.prepare(given)
    problem = kfra.problem(given)
    optimizer = BackpackKfra(problem, given, backpack)
    peer.write_facts(given, backpack=version() or getattr(backpack, "__version__", "without a version, from PYTHONPATH"))
    peer.train(given, problem, optimizer.step, lambda: optimizer.net.W)


if __name__ == "__main__":
    main()
