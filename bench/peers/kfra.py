"""KFRA with the arithmetic of this project's GaussNewton.kfra().scalarStep(), in PyTorch without autograd.

A batch is [N][d]; activations carry a last column 1; weights are [d_l][d_{l-1} + 1], the bias last. All memory of a step
is taken once and written with out=: fresh memory for each product costs page faults. What torch has no call for is done in
full: it has no symmetric product, so that Q and the moments of f' cost twice what is needed.
"""
import math

import torch

import peer

# The defaults of GaussNewtonOptions with scalarStep().
LAMBDA = 1e-3
LEAST_LAMBDA = 1e-3
GREATEST_LAMBDA = 1e8
L2 = 1e-5
DECAY = 0.6
REFRESH_EVERY = 5
REDUCTION_EVERY = 10
MOST_REJECTED = 50
OMEGA = (19 / 20) ** REDUCTION_EVERY
LADDER = (1, 10, 100)
NOISE = 1e-6


class Bernoulli:
    """Cross-entropy on logits in nats, summed over the outputs; H = diag(p (1 - p))."""

    def __init__(self, N, d, device):
        self.delta = torch.empty(N, d, device=device)
        self.hessian = torch.empty(N, d, device=device)
        self.one = torch.ones((), device=device)

    def value(self, h, t):
        """The batch's mean, a scalar tensor."""
        return torch.nn.functional.softplus(h).addcmul_(t, h, value=-1).sum() / h.shape[0]

    def differentiate(self, h, t):
        """Writes delta = p - t and hessian = p (1 - p), both [N][d]."""
        torch.sigmoid(h, out=self.delta)
        torch.sub(self.one, self.delta, out=self.hessian).mul_(self.delta)
        self.delta.sub_(t)

    def mean_hessian(self):
        """Diagonal [d] of E[H]."""
        return self.hessian.mean(0)

    def quadratic(self, v):
        """E[v' H v]; v is overwritten."""
        return torch.dot(v.mul_(v).view(-1), self.hessian.view(-1)) / v.shape[0]


class Squared:
    """Half the squared error, summed over the outputs; H = I."""

    def __init__(self, N, d, device):
        self.delta = torch.empty(N, d, device=device)

    def value(self, h, t):
        """The batch's mean, a scalar tensor."""
        torch.sub(h, t, out=self.delta)
        return 0.5 * torch.dot(self.delta.view(-1), self.delta.view(-1)) / h.shape[0]

    def differentiate(self, h, t):
        """Writes delta = h - t."""
        torch.sub(h, t, out=self.delta)

    def mean_hessian(self):
        """Diagonal [d] of E[H]."""
        return torch.ones(self.delta.shape[1], device=self.delta.device)

    def quadratic(self, v):
        """E[v' H v]."""
        return torch.dot(v.view(-1), v.view(-1)) / v.shape[0]


class Network:
    """Dense layers, tanh on all but the last, for batches of one size; its passes are written out."""

    def __init__(self, problem):
        N, sizes, device = problem.batch, problem.sizes, problem.device
        self.N = N
        self.sizes = sizes
        self.theta = problem.weights()
        self.W = peer.layers(self.theta, sizes)
        self.gradient = torch.empty_like(self.theta)
        self.g = peer.layers(self.gradient, sizes)
        # a[l] is what enters layer l (from 0), b[l] the derivative f' of its inputs' units; h[l] pre-activations, which
        # become delta and then the tangent.
        self.a = [torch.ones(N, d + 1, device=device) for d in sizes[:-1]]
        self.b = [None] + [torch.empty(N, d, device=device) for d in sizes[1:-1]]
        self.h = [torch.empty(N, d, device=device) for d in sizes[1:]]
        self.loss = {"bernoulli": Bernoulli, "squared": Squared}[problem.loss](N, sizes[-1], device)
        self.one = torch.ones((), device=device)

    def forward(self, rows):
        """The mean loss of a batch whose targets are its rows, a scalar tensor."""
        self.a[0][:, :-1].copy_(rows)
        for l, W in enumerate(self.W):
            torch.mm(self.a[l], W.t(), out=self.h[l])
            if l + 1 < len(self.W):
                torch.tanh(self.h[l], out=self.a[l + 1][:, :-1])
        return self.loss.value(self.h[-1], rows)

    def derivatives(self, rows):
        """f' of every hidden unit, and the loss's derivatives by the outputs."""
        for l in range(1, len(self.W)):
            a = self.a[l][:, :-1]
            torch.addcmul(self.one, a, a, value=-1, out=self.b[l])
        self.loss.differentiate(self.h[-1], rows)

    def backward(self, l2):
        """Writes the gradient of the mean loss plus l2 theta."""
        delta = self.loss.delta
        for l in reversed(range(len(self.W))):
            torch.addmm(self.W[l], delta.t(), self.a[l], beta=l2, alpha=1 / self.N, out=self.g[l])
            if l > 0:
                delta = torch.mm(delta, self.W[l][:, :-1], out=self.h[l - 1]).mul_(self.b[l])

    def quadratic(self, D):
        """E[v' H v] with v = J D, by one forward-mode pass."""
        tangent = None
        for l, W in enumerate(self.W):
            torch.mm(self.a[l], D[l].t(), out=self.h[l])
            if l > 0:
                self.h[l].addmm_(tangent, W[:, :-1].t())
            if l + 1 < len(self.W):
                tangent = self.h[l].mul_(self.b[l + 1])
        return self.loss.quadratic(self.h[-1])


class Kfra:
    """The optimiser. A subclass may take gradient and factors from elsewhere: first_passes."""

    def __init__(self, problem, given):
        self.net = Network(problem)
        self.decay = DECAY if given.curvature_average == "on" else 0.0
        device = problem.device
        self.Q = [torch.zeros(d + 1, d + 1, device=device) for d in problem.sizes[:-1]]
        self.G = [torch.zeros(d, d, device=device) for d in problem.sizes[1:]]
        self.inverses = [(torch.empty_like(G), torch.empty_like(Q)) for Q, G in zip(self.Q, self.G)]
        self.halfway = [torch.empty_like(W) for W in self.net.W]
        self.direction = torch.zeros_like(self.net.theta)
        self.D = peer.layers(self.direction, problem.sizes)
        self.damping = given.damping
        self.least = min(LEAST_LAMBDA, given.damping)
        self.updates = 0
        self.batches = 0
        self.rejected = 0
        self.factorised = False

    @torch.no_grad()
    def step(self, rows):
        """One update; the batch's loss before it."""
        self.updates += 1
        gamma = math.sqrt(self.damping + L2)
        refresh = (self.updates - 1) % REFRESH_EVERY == 0 or not self.factorised
        loss = self.first_passes(rows, refresh)
        if refresh:
            self.factorised = self.factorise(gamma)
        if self.factorised:
            self.solve()
        loss, slope, length2, curvature, norm2 = self.measure(loss)
        accepted, alpha, predicted = self.rescale(loss, slope, length2, curvature, norm2)
        if not accepted:
            self.damping = min(self.damping / OMEGA, GREATEST_LAMBDA)
            self.rejected += 1
            if self.rejected > MOST_REJECTED:
                raise SystemExit(f"{self.rejected} updates in a row were rejected; loss {loss}, lambda {self.damping}")
            return loss
        self.rejected = 0
        self.net.theta.add_(self.direction, alpha=alpha)
        if self.updates % REDUCTION_EVERY == 0:
            self.adapt(rows, loss, norm2, predicted)
        return loss

    def first_passes(self, rows, refresh):
        """Loss and gradient, and where asked for the batch enters the factors."""
        loss = self.net.forward(rows)
        self.net.derivatives(rows)
        self.net.backward(L2)
        if refresh:
            beta = self.next_beta()
            for l, a in enumerate(self.net.a):
                torch.addmm(self.Q[l], a.t(), a, beta=beta, alpha=(1 - beta) / self.net.N, out=self.Q[l])
            self.enter_curvatures(beta)
        return loss

    def next_beta(self):
        """Weight of the past: a plain mean at first; none after a rejected update."""
        self.batches += 1
        return 0.0 if self.rejected > 0 else min(1 - 1 / self.batches, self.decay)

    def enter_curvatures(self, beta):
        """G_L = E[H]; G_l = (W' G_{l+1} W) o E[b b'], W without its bias column."""
        diagonal = self.net.loss.mean_hessian()
        G = torch.diag(diagonal)
        for l in reversed(range(len(self.G))):
            average(self.G[l], G, beta)
            if l > 0:
                W, b = self.net.W[l][:, :-1], self.net.b[l]
                half = W * diagonal[:, None] if l == len(self.G) - 1 else torch.mm(G, W)
                G = torch.mm(W.t(), half).mul_(torch.mm(b.t(), b)).div_(self.net.N)

    def factorise(self, gamma):
        """Inverses of all damped factors on the first rung of the ladder that holds for all of them."""
        omegas = [trace_ratio(Q, G) for Q, G in zip(self.Q, self.G)]
        return any(self.invert(rung * gamma, omegas) for rung in LADDER)

    def invert(self, gamma, omegas):
        """False where a damped factor is not positive definite."""
        for l, omega in enumerate(omegas):
            for factor, damping, inverse in (
                (self.G[l], gamma / omega, self.inverses[l][0]),
                (self.Q[l], omega * gamma, self.inverses[l][1]),
            ):
                inverse.copy_(factor).diagonal().add_(damping)
                root, info = torch.linalg.cholesky_ex(inverse)
                if info.item() != 0:
                    return False
                torch.cholesky_inverse(root, out=inverse)
        return True

    def solve(self):
        """D = -(G + gamma/omega I)^-1 g (Q + omega gamma I)^-1."""
        for l, (G, Q) in enumerate(self.inverses):
            torch.mm(G, self.net.g[l], out=self.halfway[l])
            torch.addmm(self.D[l], self.halfway[l], Q, beta=0, alpha=-1, out=self.D[l])

    def measure(self, loss):
        """Loss, <D, g>, |D|^2, E[v' H v], |theta|^2 as floats: read at once, so that a GPU is waited for once."""
        direction, theta = self.direction, self.net.theta
        return torch.stack(
            (
                loss,
                torch.dot(direction, self.net.gradient),
                torch.dot(direction, direction),
                self.net.quadratic(self.D),
                torch.dot(theta, theta),
            )
        ).tolist()

    def rescale(self, loss, slope, length2, curvature, norm2):
        """The minimum of the quadratic model along D: whether it can be taken, alpha, predicted change."""
        q = curvature + (self.damping + L2) * length2
        alpha = 0.0 if slope == 0 and q == 0 else math.nan if q == 0 else -slope / q
        numbers = (loss + 0.5 * L2 * norm2, slope, length2, alpha)
        accepted = self.factorised and all(map(math.isfinite, numbers)) and alpha >= 0
        return accepted, alpha, 0.5 * alpha * slope

    def adapt(self, rows, loss, norm2, predicted):
        """Levenberg-Marquardt rule for lambda, by the reduction ratio on the same batch."""
        theta = self.net.theta
        new_loss, new_norm2 = torch.stack((self.net.forward(rows), torch.dot(theta, theta))).tolist()
        change = (new_loss - loss) + 0.5 * L2 * (new_norm2 - norm2)
        rho = 1.0 if predicted == 0 else change / predicted
        scale = abs(loss) + 0.5 * L2 * norm2
        if scale > 0 and abs(predicted) <= NOISE * scale:
            return
        if math.isfinite(rho) and rho > 0.75:
            self.damping *= OMEGA
        if not (math.isfinite(rho) and rho >= 0.25):
            self.damping /= OMEGA
        self.damping = min(max(self.damping, self.least), GREATEST_LAMBDA)


def average(S, X, beta):
    """S = beta S + (1 - beta) X; S is not read where beta is 0, since it may hold what is not finite."""
    if beta == 0:
        S.copy_(X)
    else:
        S.mul_(beta).add_(X, alpha=1 - beta)


def trace_ratio(Q, G):
    """omega = sqrt((tr Q / dim Q) / (tr G / dim G)); 1 where that is no number to divide by."""
    q, g = torch.stack((Q.diagonal().mean(), G.diagonal().mean())).tolist()
    if not (q > 0 and g > 0):
        return 1.0
    omega = math.sqrt(q / g)
    return omega if 0 < omega < math.inf else 1.0


def options(description, name):
    """The parser of a KFRA peer."""
    parser = peer.options(description, name)
    parser.add_argument(
        "--curvature-average", choices=["on", "off"], default="on", help="moving averages of the factors; default on"
    )
    parser.add_argument("--lambda", dest="damping", type=float, default=LAMBDA, help="start of lambda; default %(default)s")
    parser.add_argument("--double", action="store_true", help="compute in double, to see what rounding does")
    return parser


def problem(given):
    """The problem, in the precision asked for."""
    dtype = torch.float64 if given.double else torch.float32
    torch.set_default_dtype(dtype)
    return peer.Problem(given.problem, given.device, dtype)
