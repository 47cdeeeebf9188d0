"""Levenberg-Marquardt in plain PyTorch, as bench.exact drives it: a command a line on standard input, an answer of JSON a line.

    start FILE    float32 weights W_1 .. W_L, [d_l][d_{l-1} + 1], the bias last in each row
    update N      makes N updates: {"seconds", "objective", "damping", "bytes"}
    weights FILE  writes them as float64
    gradient FILE of the mean loss, as float64

An update forms the Jacobian of the outputs, solves (J'J / N + lambda I) D = -g by Cholesky, or (JJ' / N + lambda I) y = r in the
space of the residuals, tries it, and keeps it where the objective fell; lambda follows Nielsen's rule. The Jacobian's rows are made
by hand from the layers' activations and derivatives (--jacobian layers), or by torch.func (--jacobian reverse, forward). Loss
1/2 (h - t)^2, tanh, one linear output. Needs torch alone.
"""
import argparse
import json
import os
import sys
import time

import torch

ROWS_AT_ONCE = 512  # of torch.func, whose intermediate results would not fit the cache


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problem", required=True, help="a folder with exact.json, rows.f32 and targets.f32")
    parser.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    parser.add_argument("--space", choices=["parameter", "sample"], default="parameter")
    parser.add_argument("--jacobian", choices=["layers", "reverse", "forward"], default="layers")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--damping", type=float, default=1e-3, help="lambda at the start; default %(default)s")
    return parser.parse_args()


class Training:
    """The network, its data and the memory of a step."""

    def __init__(self, given):
        with open(os.path.join(given.problem, "exact.json"), encoding="utf-8") as file:
            self.sizes = json.load(file)["sizes"]
        self.given = given
        self.dtype = getattr(torch, given.dtype)
        self.x = self.read("rows.f32").view(-1, self.sizes[0])
        self.t = self.read("targets.f32").view(-1, 1)
        self.rows = self.x.shape[0]
        self.shapes = [(outputs, inputs + 1) for inputs, outputs in zip(self.sizes, self.sizes[1:])]
        self.count = sum(outputs * inputs for outputs, inputs in self.shapes)
        self.jacobian = torch.empty(self.rows, self.count, dtype=self.dtype)
        self.ones = torch.ones(self.rows, 1, dtype=self.dtype)
        order = self.rows if given.space == "sample" else self.count
        self.matrix = torch.empty(order, order, dtype=self.dtype)
        self.factor = torch.empty(order, order, dtype=self.dtype)

    def read(self, name):
        path = name if os.path.isabs(name) else os.path.join(self.given.problem, name)
        with open(path, "rb") as file:
            return torch.frombuffer(bytearray(file.read()), dtype=torch.float32).to(self.dtype)

    def start(self, path):
        self.theta = self.read(path).clone()
        self.damping, self.growth = self.given.damping, 2.0
        self.forward(self.theta)

    def layers(self, theta):
        """Views of W_l."""
        views, at = [], 0
        for outputs, inputs in self.shapes:
            views.append(theta[at : at + outputs * inputs].view(outputs, inputs))
            at += outputs * inputs
        return views

    def forward(self, theta):
        """Keeps the activations with their ones, the residuals and the objective of these weights."""
        x, kept = self.x, []
        weights = self.layers(theta)
        for number, weight in enumerate(weights):
            kept.append(torch.cat((x, self.ones), 1))
            h = kept[-1] @ weight.T
            x = torch.tanh(h) if number + 1 < len(weights) else h
        self.activations, self.residual = kept, x - self.t
        self.objective = float(self.residual.square().sum() / (2 * self.rows))
        return self.objective

    def form(self):
        """Rows of the Jacobian."""
        if self.given.jacobian != "layers":
            self.form_by_func()
            return
        delta, end = self.ones, self.count
        weights = self.layers(self.theta)
        for number in range(len(weights) - 1, -1, -1):
            outputs, inputs = self.shapes[number]
            rows = self.jacobian[:, end - outputs * inputs : end].view(self.rows, outputs, inputs)
            torch.mul(delta.unsqueeze(2), self.activations[number].unsqueeze(1), out=rows)
            end -= outputs * inputs
            if number:
                a = self.activations[number][:, :-1]
                delta = (delta @ weights[number][:, :-1]) * (1 - a * a)

    def form_by_func(self):
        def output(theta, row):
            x = row
            weights = self.layers(theta)
            for number, weight in enumerate(weights):
                h = weight[:, :-1] @ x + weight[:, -1]
                x = torch.tanh(h) if number + 1 < len(weights) else h
            return x[0]

        make = torch.func.jacrev if self.given.jacobian == "reverse" else torch.func.jacfwd
        rows = torch.func.vmap(make(output), in_dims=(None, 0), chunk_size=ROWS_AT_ONCE)
        self.jacobian.copy_(rows(self.theta, self.x))

    def direction(self):
        """The step, or None where the matrix is not positive definite."""
        sample = self.given.space == "sample"
        J = self.jacobian
        torch.mm(J, J.T, out=self.matrix) if sample else torch.mm(J.T, J, out=self.matrix)
        self.matrix /= self.rows
        self.matrix.diagonal().add_(self.damping)
        info = torch.empty((), dtype=torch.int32)
        torch.linalg.cholesky_ex(self.matrix, out=(self.factor, info))
        if int(info):
            return None
        if sample:
            return J.T @ torch.cholesky_solve(self.residual, self.factor) / -self.rows
        return torch.cholesky_solve(J.T @ self.residual / -self.rows, self.factor)

    def update(self):
        self.form()
        step = self.direction()
        before, kept = self.objective, (self.activations, self.residual)
        ratio = -1.0
        if step is not None:
            moved = (self.jacobian @ step).squeeze(1)
            slope = float(moved @ self.residual.squeeze(1)) / self.rows
            predicted = slope + float(moved @ moved) / (2 * self.rows)
            ratio = (self.forward(self.theta + step.squeeze(1)) - before) / predicted if predicted < 0 else -1.0
        if ratio > 0:
            self.theta = self.theta + step.squeeze(1)
            self.damping *= max(1 / 3, 1 - (2 * ratio - 1) ** 3)
            self.damping, self.growth = max(self.damping, 1e-10), 2.0
        else:
            self.objective = before
            self.activations, self.residual = kept
            self.damping, self.growth = self.damping * self.growth, self.growth * 2

    def bytes(self):
        """Of what a step holds at once, as tensors."""
        held = [self.jacobian, self.matrix, self.factor, self.theta, self.residual] + self.activations
        return sum(tensor.numel() * tensor.element_size() for tensor in held)

    def gradient(self):
        self.form()
        return (self.jacobian.T @ self.residual / self.rows).squeeze(1)


def write(path, tensor):
    with open(path, "wb") as file:
        file.write(bytes(tensor.to(torch.float64).contiguous().untyped_storage()))


def answer(training, words):
    if words[0] == "start":
        training.start(words[1])
    elif words[0] == "update":
        begin = time.perf_counter()
        for _ in range(int(words[1])):
            training.update()
        return {
            "seconds": time.perf_counter() - begin,
            "objective": training.objective,
            "damping": training.damping,
            "bytes": training.bytes(),
        }
    elif words[0] == "weights":
        write(words[1], training.theta.clone())
    elif words[0] == "gradient":
        write(words[1], training.gradient().clone())
    else:
        raise SystemExit(f"command {words[0]}; it must be start, update, weights or gradient")
    return {"objective": training.objective}


def main():
    given = options()
    if given.threads is not None:
        torch.set_num_threads(given.threads)
    with torch.no_grad():
        training = Training(given)
        print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
        for line in sys.stdin:
            print(json.dumps(answer(training, (line.strip() or "nothing").split(maxsplit=1))), flush=True)


if __name__ == "__main__":
    main()
