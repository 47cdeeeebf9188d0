#!/usr/bin/env python3
"""Adam in PyTorch on a problem that ExportProblem wrote: torch.optim.Adam, fused on a GPU.

--name torch-adam-graph replays one CUDA graph a step.
"""
import sys

import torch

import held
import peer

WARM_UP = 3


class Network:
    """Weights and biases apart, as torch has them; the activation on all layers but the last."""

    def __init__(self, problem):
        self.kind = problem.loss
        self.weighted = problem.weighted
        self.transfer = held.transfer(problem.activation)
        W = peer.layers(problem.weights(), problem.sizes)
        self.weights = [each[:, :-1].contiguous().requires_grad_() for each in W]
        self.biases = [each[:, -1].contiguous().requires_grad_() for each in W]

    def parameters(self):
        return self.weights + self.biases

    def layers(self):
        """W_l [d_l][d_{l-1} + 1], the bias last in each row."""
        return [torch.cat((W, b.unsqueeze(1)), 1).detach() for W, b in zip(self.weights, self.biases)]

    def loss(self, rows, targets):
        """Mean over the batch of the loss, summed over the outputs: cross-entropy in nats or half the squared error."""
        functional = torch.nn.functional
        a = rows
        for W, b in zip(self.weights[:-1], self.biases[:-1]):
            a = self.transfer(functional.linear(a, W, b))
        h = functional.linear(a, self.weights[-1], self.biases[-1])
        targets, w = held.weights_apart(targets, self.weighted)
        if w is not None:
            return torch.dot(self.each(h, targets), w) / rows.shape[0]
        if self.kind == "bernoulli":
            return functional.binary_cross_entropy_with_logits(h, targets, reduction="sum") / rows.shape[0]
        if self.kind == "softmax":
            return functional.cross_entropy(h, targets, reduction="sum") / rows.shape[0]
        return functional.mse_loss(h, targets, reduction="sum") / (2 * rows.shape[0])

    def each(self, h, targets):
        """The loss of each row."""
        functional = torch.nn.functional
        if self.kind == "softmax":
            return functional.cross_entropy(h, targets, reduction="none")
        if self.kind == "bernoulli":
            return functional.binary_cross_entropy_with_logits(h, targets, reduction="none").sum(1)
        return 0.5 * functional.mse_loss(h, targets, reduction="none").sum(1)


def adam(network, given, captured):
    options = {"lr": given.learning_rate, "betas": (given.beta1, 0.999), "eps": 1e-8}
    if captured:
        options["capturable"] = True
    if given.device == "cuda":
        try:
            return torch.optim.Adam(network.parameters(), fused=True, **options)
        except (TypeError, RuntimeError) as error:
            print(f"no fused Adam in torch {torch.__version__}: {error}", file=sys.stderr)
    return torch.optim.Adam(network.parameters(), **options)


def rate(given, update):
    """Halved every so many updates, from 1, as this project's Schedule."""
    halvings = (update - 1) // given.halve_every if given.halve_every > 0 else 0
    return given.learning_rate * 2.0**-halvings


def eager_step(network, optimizer, given):
    update = 0

    def step(minibatch):
        nonlocal update
        update += 1
        optimizer.param_groups[0]["lr"] = rate(given, update)
        optimizer.zero_grad(set_to_none=True)
        loss = network.loss(*minibatch)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def captured_step(network, optimizer, example):
    """One CUDA graph of the whole step. The warm-up is undone: training begins at the first weights."""
    static = [each.clone() for each in example]
    before = [p.detach().clone() for p in network.parameters()]

    def body():
        optimizer.zero_grad(set_to_none=True)
        loss = network.loss(*static)
        loss.backward()
        optimizer.step()
        return loss

    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM_UP):
            body()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = body()
    with torch.no_grad():
        for p, old in zip(network.parameters(), before):
            p.copy_(old)
        for state in optimizer.state.values():
            for value in state.values():
                if torch.is_tensor(value):
                    value.zero_()

    def step(minibatch):
        for place, values in zip(static, minibatch):
            place.copy_(values)
        graph.replay()
        return result.item()

    return step


def arguments():
    parser = peer.options(__doc__, "torch-adam")
    parser.add_argument("--learning-rate", type=float, default=1e-3, help="default %(default)s")
    parser.add_argument("--beta1", type=float, default=0.9, help="decay of the first moment; default %(default)s")
    parser.add_argument("--halve-every", type=int, default=0, help="halve the rate every so many updates; default 0, never")
    given = parser.parse_args()
    if not (given.learning_rate > 0 and 0 <= given.beta1 < 1 and given.halve_every >= 0):
        raise SystemExit(
            f"--learning-rate {given.learning_rate} must be positive, --beta1 {given.beta1} in [0, 1),"
            f" --halve-every {given.halve_every} at least 0"
        )
    return given


def main():
    given = arguments()
    captured = given.name.split(":")[0].endswith("-graph")
    if captured and given.device != "cuda":
        raise SystemExit(f"{given.name}: a CUDA graph needs --device cuda")
    if captured and given.halve_every:
        raise SystemExit(f"{given.name}: the learning rate is captured with the graph; leave out --halve-every")
    peer.prepare(given)
    problem = peer.Problem(given.problem, given.device, tables=True)
    network = Network(problem)
    optimizer = adam(network, given, captured)
    if captured:
        step = captured_step(network, optimizer, problem.minibatch(0))
    else:
        step = eager_step(network, optimizer, given)
    peer.write_facts(given)
    peer.train(given, problem, step, network.layers)


if __name__ == "__main__":
    main()
