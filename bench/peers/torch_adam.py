#!/usr/bin/env python3
"""Adam in PyTorch on a problem that ExportProblem wrote: the same rows, first weights and batches as bench/compare.

Writes the same CSV: optimizer,update,seconds,objective,sliding_mean, a row an update, as it goes. The clock runs as in
bench/compare: while a batch is gathered, the step is made and its loss is read. Needs torch alone, not numpy.
"""
import argparse
import json
import os
import sys
import time

WINDOW = 10
WARM_UP = 3


def read(path, dtype, shape, torch):
    with open(path, "rb") as file:
        data = bytearray(file.read())
    return torch.frombuffer(data, dtype=dtype).reshape(shape)


class Autoencoder:
    """Layers W [d_l][d_{l-1} + 1] with the bias as last column, tanh on all but the last."""

    def __init__(self, problem, folder, device, torch):
        self.torch = torch
        sizes = problem["layers"]
        values = read(os.path.join(folder, "weights.f32"), torch.float32, (-1,), torch)
        self.weights, self.biases, at = [], [], 0
        for inputs, outputs in zip(sizes, sizes[1:]):
            matrix = values[at : at + outputs * (inputs + 1)].reshape(outputs, inputs + 1)
            at += outputs * (inputs + 1)
            self.weights.append(matrix[:, :-1].clone().to(device).requires_grad_())
            self.biases.append(matrix[:, -1].clone().to(device).requires_grad_())
        if at != values.numel():
            raise SystemExit(f"weights.f32 has {values.numel()} values, the layers {sizes} need {at}")

    def parameters(self):
        return self.weights + self.biases

    def loss(self, rows):
        """Mean over the batch of the Bernoulli cross-entropy in nats, summed over the pixels."""
        functional = self.torch.nn.functional
        a = rows
        for W, b in zip(self.weights[:-1], self.biases[:-1]):
            a = self.torch.tanh(functional.linear(a, W, b))
        logits = functional.linear(a, self.weights[-1], self.biases[-1])
        sums = functional.binary_cross_entropy_with_logits(logits, rows, reduction="sum")
        return sums / rows.shape[0]


def adam(network, rate, device, captured, torch):
    options = {"lr": rate, "betas": (0.9, 0.999), "eps": 1e-8}
    if captured:
        options["capturable"] = True
    if device == "cuda":
        try:
            return torch.optim.Adam(network.parameters(), fused=True, **options)
        except (TypeError, RuntimeError) as error:
            print(f"no fused Adam in torch {torch.__version__}: {error}", file=sys.stderr)
    return torch.optim.Adam(network.parameters(), **options)


def eager_step(network, optimizer):
    def step(rows):
        optimizer.zero_grad(set_to_none=True)
        loss = network.loss(rows)
        loss.backward()
        optimizer.step()
        return loss

    return step


def captured_step(network, optimizer, example, torch):
    """One CUDA graph of the whole step. The warm-up is undone: training begins at the first weights."""
    static = example.clone()
    before = [p.detach().clone() for p in network.parameters()]

    def body():
        optimizer.zero_grad(set_to_none=True)
        loss = network.loss(static)
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

    def step(rows):
        static.copy_(rows)
        graph.replay()
        return result

    return step


def train(step, rows, order, limit, seconds, out, name):
    window = []
    elapsed = 0.0
    update = 0
    out.write("optimizer,update,seconds,objective,sliding_mean\n")
    while elapsed < seconds and (limit is None or update < limit):
        begin = time.perf_counter()
        loss = float(step(rows.index_select(0, order[update % order.shape[0]])))
        elapsed += time.perf_counter() - begin
        update += 1
        window = (window + [loss])[-WINDOW:]
        out.write(f"{name},{update},{elapsed:.6f},{loss!r},{sum(window) / len(window)!r}\n")
        out.flush()
    return update, elapsed, sum(window) / max(1, len(window))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problem", required=True, help="the folder that ExportProblem wrote")
    parser.add_argument("--out", required=True, help="the CSV file")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--updates", type=int, help="stop after so many")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda")
    parser.add_argument("--name", default="torch-adam", help="torch-adam, or torch-adam-graph for one CUDA graph a step")
    options = parser.parse_args()
    try:
        import torch
    except ImportError as error:
        raise SystemExit(f"torch_adam.py: this Python ({sys.executable}) has no torch: {error}")
    if options.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("torch_adam.py: torch sees no GPU; give --device cpu")
    with open(os.path.join(options.problem, "problem.json"), encoding="utf-8") as file:
        problem = json.load(file)
    if (problem["activation"], problem["loss"]) != ("tanh", "bernoulli"):
        raise SystemExit(f"torch_adam.py: only tanh and the Bernoulli loss are here, not {problem}")
    # FP32 products, as the other side's.
    torch.backends.cuda.matmul.allow_tf32 = False
    rows = read(os.path.join(options.problem, "rows.f32"), torch.float32, (problem["rows"], problem["width"]), torch)
    order = read(os.path.join(options.problem, "order.i32"), torch.int32, (-1, problem["batch"]), torch)
    rows, order = rows.to(options.device), order.to(options.device)
    network = Autoencoder(problem, options.problem, options.device, torch)
    captured = options.name.endswith("-graph")
    optimizer = adam(network, problem["learningRate"], options.device, captured, torch)
    if captured:
        step = captured_step(network, optimizer, rows.index_select(0, order[0]), torch)
    else:
        step = eager_step(network, optimizer)
    with open(options.out, "w", encoding="utf-8") as out:
        update, elapsed, mean = train(step, rows, order, options.updates, options.seconds, out, options.name)
    print(f"{options.name}: torch {torch.__version__}, {update} updates in {elapsed:.1f} s, objective {mean:.3f}")


if __name__ == "__main__":
    main()
