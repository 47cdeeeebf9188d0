#!/usr/bin/env python3
"""One step length a layer in plain PyTorch: KFRA's or KFAC's directions, each layer's coefficient from its exact tangent.

A direction a layer comes from an averaged gradient and the damped factors. The coefficients minimise the quadratic model of
the directions together, on some rows of the batch, damped in the metric of the factors; that damping grows with training.
"""
import math
import sys

import torch

import kfra
import peer

LAMBDA = 5e-3
LEAST_LAMBDA = 1e-4
FALL = 0.99**kfra.REDUCTION_EVERY
GRADIENT_DECAY = 0.5
PLAIN_UPDATES = 3
OFTEN_UNTIL = 100
RARELY = 10
LEAST_ROWS = 64
RIDGE = 1e-6
LEAST_COMMON = 1e-6
ITERATE_DECAY = 0.9
JUDGED_BATCHES = 5


class LayerSteps(kfra.Kfra):
    """The optimiser; factors, damping by traces and the rule of lambda are those of kfra.py unless said here."""

    def __init__(self, problem, given):
        super().__init__(problem, given)
        self.method = given.method
        self.least = min(LEAST_LAMBDA, given.damping)
        self.L = len(self.net.W)
        self.momentum = torch.zeros_like(self.net.theta)
        self.m = peer.layers(self.momentum, problem.sizes)
        self.last_inverse = torch.empty(problem.sizes[-1], 1, device=problem.device)
        self.rows = spread_rows(problem.batch, problem.device)
        n = self.rows.numel()
        self.tangents = [torch.empty((l + 1) * n, d, device=problem.device) for l, d in enumerate(problem.sizes[1:])]
        self.averaged = self.net.theta.clone()

    @torch.no_grad()
    def step(self, rows):
        """One update; the batch's loss before it."""
        self.updates += 1
        refresh = (self.updates - 1) % self.refresh_every() == 0 or not self.factorised
        loss = self.first_passes(rows, refresh)
        self.average_gradient()
        if refresh:
            self.factorised = self.factorise(math.sqrt(self.damping + kfra.L2))
        if self.factorised:
            self.solve()
        x, predicted = self.coefficients()
        theta = self.net.theta
        loss, predicted, norm2 = torch.stack((loss.double(), predicted, torch.dot(theta, theta).double())).tolist()
        if not (self.factorised and math.isfinite(loss) and math.isfinite(predicted)):
            self.reject(loss)
            return loss
        self.rejected = 0
        for W, D, each in zip(self.net.W, self.D, x.to(theta.dtype)):
            W.addcmul_(D, each)
        self.averaged.lerp_(theta, 1 - min(ITERATE_DECAY, 1 - 1 / self.updates))
        if self.updates % kfra.REDUCTION_EVERY == 0:
            self.adapt(rows, loss, norm2, predicted)
        return loss

    def refresh_every(self):
        return kfra.REFRESH_EVERY if self.updates <= OFTEN_UNTIL else RARELY

    def average_gradient(self):
        """m = g in the first updates, then m = (m + g) / 2."""
        mu = GRADIENT_DECAY if self.updates > PLAIN_UPDATES else 0.0
        kfra.average(self.momentum, self.net.gradient, mu)

    def enter_curvatures(self, beta):
        """G of KFRA's recursion, or of gradients at targets drawn from the model; E[H] at the output for both."""
        if self.method == "kfra":
            return super().enter_curvatures(beta)
        net = self.net
        delta = self.drawn_gradient()
        kfra.average(self.G[-1], torch.diag(net.loss.mean_hessian()), beta)
        for l in reversed(range(self.L - 1)):
            delta = torch.mm(delta, net.W[l + 1][:, :-1]).mul_(net.b[l + 1])
            torch.addmm(self.G[l], delta.t(), delta, beta=beta, alpha=(1 - beta) / net.N, out=self.G[l])

    def drawn_gradient(self):
        """[N][d_L], by the outputs."""
        h = self.net.h[-1]
        if isinstance(self.net.loss, kfra.Squared):
            return torch.randn_like(h)
        p = torch.sigmoid(h)
        return p - torch.bernoulli(p)

    def invert(self, gamma, omegas):
        """As kfra.py, but G_L is diagonal and its inverse a column."""
        self.last_inverse.copy_((self.G[-1].diagonal() + gamma / omegas[-1]).reciprocal_()[:, None])
        for l, omega in enumerate(omegas):
            pairs = [(self.Q[l], omega * gamma, self.inverses[l][1])]
            if l + 1 < self.L:
                pairs.append((self.G[l], gamma / omega, self.inverses[l][0]))
            for factor, damping, inverse in pairs:
                inverse.copy_(factor).diagonal().add_(damping)
                root, info = torch.linalg.cholesky_ex(inverse)
                if info.item() != 0:
                    return False
                torch.cholesky_inverse(root, out=inverse)
        return True

    def solve(self):
        """D = -(G + gamma/omega I)^-1 m (Q + omega gamma I)^-1."""
        for l, (G, Q) in enumerate(self.inverses):
            if l + 1 < self.L:
                torch.mm(G, self.m[l], out=self.halfway[l])
            else:
                torch.mul(self.m[l], self.last_inverse, out=self.halfway[l])
            torch.addmm(self.D[l], self.halfway[l], Q, beta=0, alpha=-1, out=self.D[l])

    def curvatures(self):
        """C [L][L] = V V' / n: E over the rows of (J D_i)' H (J D_j), D_i being zero but for layer i.

        The tangents of all directions that have begun go through a layer together, n rows for each.
        """
        n, net = self.rows.numel(), self.net
        below = None
        for l, T in enumerate(self.tangents):
            if l > 0:
                torch.mm(below, net.W[l][:, :-1].t(), out=T[: l * n])
            torch.mm(net.a[l][self.rows], self.D[l].t(), out=T[l * n :])
            if l + 1 < self.L:
                T.view(l + 1, n, -1).mul_(net.b[l + 1][self.rows])
            below = T
        V = below.view(self.L, n, -1)
        if isinstance(net.loss, kfra.Bernoulli):
            V.mul_(net.loss.hessian[self.rows].sqrt_())
        V = V.view(self.L, -1)
        return torch.mm(V, V.t()).double() / n

    def coefficients(self):
        """x [L] and the predicted change of the objective, in double on the device."""
        r = inner(self.D, self.net.g)
        p = -inner(self.D, self.m)
        A = self.curvatures() + torch.diag((self.damping + kfra.L2) * inner(self.D, self.D))
        common = (r.sum() / A.sum()).abs().clamp_min(LEAST_COMMON)
        kappa = min(0.2 + self.updates / 250, 1.0)
        M = A + torch.diag(kappa / common * p.clamp_min(0))
        d = M.diagonal().clamp_min(1e-30).sqrt()
        scaled = M / (d[:, None] * d) + RIDGE * torch.eye(self.L, dtype=M.dtype, device=M.device)
        root, info = torch.linalg.cholesky_ex(scaled)
        x = -torch.cholesky_solve((r / d)[:, None], root)[:, 0] / d
        predicted = torch.dot(x, r) + 0.5 * torch.dot(x, torch.mv(A, x))
        return x, torch.where(info == 0, predicted, math.nan)

    def reject(self, loss):
        """The weights stay; a gradient that is not finite leaves nothing behind."""
        self.momentum.zero_()
        self.damping = min(self.damping / kfra.OMEGA, kfra.GREATEST_LAMBDA)
        self.rejected += 1
        if self.rejected > kfra.MOST_REJECTED:
            raise SystemExit(f"{self.rejected} updates in a row were rejected; loss {loss}, lambda {self.damping}")

    def adapt(self, rows, loss, norm2, predicted):
        """Falls slowly, rises as fast as in kfra.py."""
        before = self.damping
        super().adapt(rows, loss, norm2, predicted)
        if self.damping < before:
            self.damping = max(before * FALL, self.least)

    @torch.no_grad()
    def judge(self, problem):
        """Mean losses of the next batches with the last weights and with the averaged ones."""
        last = self.net.theta.clone()
        losses = []
        for theta in (last, self.averaged):
            self.net.theta.copy_(theta)
            each = [self.net.forward(problem.minibatch(self.updates + i)).item() for i in range(JUDGED_BATCHES)]
            losses.append(sum(each) / len(each))
        self.net.theta.copy_(last)
        return losses


def spread_rows(N, device):
    """Row numbers: of n = min(N, max(N/16, 64)), the first ceil(n/8) of each eighth of the batch."""
    n = min(N, max(N // 16, LEAST_ROWS))
    share = -(-n // 8)
    bounds = [e * N // 8 for e in range(9)]
    return torch.tensor([i for a, b in zip(bounds, bounds[1:]) for i in range(a, min(a + share, b))], device=device)


def inner(X, Y):
    """Inner products layer by layer, in double."""
    return torch.stack([torch.dot(x.view(-1), y.view(-1)) for x, y in zip(X, Y)]).double()


def main():
    parser = kfra.options(__doc__, "torch-kfra-layers")
    parser.set_defaults(damping=LAMBDA)
    parser.add_argument("--method", choices=["kfra", "kfac"], default="kfra", help="the factors G; default %(default)s")
    given = parser.parse_args()
    peer.prepare(given)
    torch.manual_seed(1)
    problem = kfra.problem(given)
    optimizer = LayerSteps(problem, given)
    peer.write_facts(given, method=given.method)
    peer.train(given, problem, optimizer.step, lambda: optimizer.net.W)
    last, averaged = optimizer.judge(problem)
    print(f"{given.name}: loss of the next {JUDGED_BATCHES} batches {last:.3f}, with averaged weights {averaged:.3f}", file=sys.stderr)


if __name__ == "__main__":
    main()
