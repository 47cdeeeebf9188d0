#!/usr/bin/env python3
"""Muon of PyTorch (torch.optim.Muon, 2.9 or newer) for weight matrices, torch.optim.Adam for the rest.

torch.optim.Muon computes its Newton-Schulz iteration in bfloat16 and decays weights by 0.1 unless told otherwise; here by 0.
"""
import sys

import torch

import peer
from torch_adam import Network, rate

SCALES = {"spectral": "original", "rms": "match_rms_adamw"}
LEARNING_RATES = {"spectral": 2.0**-4, "rms": 2.0**-9}


class Optimizers:
    """Both, with their learning rates halved together."""

    def __init__(self, network, given):
        if not hasattr(torch.optim, "Muon"):
            raise SystemExit(
                f"torch_muon.py: torch {torch.__version__} of {sys.executable} has no torch.optim.Muon; install torch 2.9 or newer"
            )
        self.given = given
        ends = {0, len(network.weights) - 1} if given.ends == "adam" else set()
        matrices = [W for l, W in enumerate(network.weights) if l not in ends]
        rest = [W for l, W in enumerate(network.weights) if l in ends] + network.biases
        if not matrices:
            raise SystemExit("torch_muon.py: this network has no layer between the first and the last; give --ends muon")
        self.muon = torch.optim.Muon(
            matrices,
            lr=given.learning_rate,
            weight_decay=0.0,
            momentum=given.momentum,
            nesterov=True,
            adjust_lr_fn=SCALES[given.scale],
        )
        self.adam = torch.optim.Adam(rest, lr=given.adam_rate, betas=(0.9, 0.999), eps=1e-8)

    def step(self, update):
        share = rate(self.given, update) / self.given.learning_rate
        for optimizer, first in ((self.muon, self.given.learning_rate), (self.adam, self.given.adam_rate)):
            optimizer.param_groups[0]["lr"] = first * share
            optimizer.step()


def training_step(network, optimizers):
    update = 0

    def step(minibatch):
        nonlocal update
        update += 1
        for p in network.parameters():
            p.grad = None
        loss = network.loss(*minibatch)
        loss.backward()
        optimizers.step(update)
        return loss.item()

    return step


def arguments():
    parser = peer.options(__doc__, "torch-muon")
    parser.add_argument(
        "--scale",
        choices=SCALES,
        default="spectral",
        help="of a step: sqrt(max(1, rows/columns)), or 0.2 sqrt(max(rows, columns)); default %(default)s",
    )
    parser.add_argument("--learning-rate", type=float, help="of the matrices; default 2^-4, with --scale rms 2^-9")
    parser.add_argument("--adam-rate", type=float, default=1e-3, help="of the rest; default %(default)s")
    parser.add_argument("--momentum", type=float, default=0.95, help="default %(default)s")
    parser.add_argument("--halve-every", type=int, default=0, help="halve both rates every so many updates; default 0, never")
    parser.add_argument(
        "--ends", choices=["muon", "adam"], default="muon", help="who moves the first and last matrix; default %(default)s"
    )
    given = parser.parse_args()
    if given.learning_rate is None:
        given.learning_rate = LEARNING_RATES[given.scale]
    if not (given.learning_rate > 0 and given.adam_rate > 0 and 0 <= given.momentum < 1 and given.halve_every >= 0):
        raise SystemExit(
            f"--learning-rate {given.learning_rate} and --adam-rate {given.adam_rate} must be positive, --momentum"
            f" {given.momentum} in [0, 1), --halve-every {given.halve_every} at least 0"
        )
    return given


def main():
    given = arguments()
    peer.prepare(given)
    problem = peer.Problem(given.problem, given.device, tables=True)
    network = Network(problem)
    optimizers = Optimizers(network, given)
    settings = optimizers.muon.defaults
    peer.write_facts(
        given,
        muon={name: settings[name] for name in ("lr", "momentum", "nesterov", "weight_decay", "ns_coefficients", "ns_steps")},
        muonScale=SCALES[given.scale],
        muonPrecision="bfloat16 within the Newton-Schulz iteration, by torch.optim.Muon itself",
        adamRate=given.adam_rate,
        ends=given.ends,
    )
    peer.train(given, problem, training_step(network, optimizers), network.layers)


if __name__ == "__main__":
    main()
