#!/usr/bin/env python3
"""AdamW in PyTorch on a problem that ExportProblem wrote: torch.optim.AdamW, with its weight decay on weights and biases."""
import sys

import torch

import peer
from torch_adam import Network, eager_step

IMPLEMENTATIONS = {"single": {"foreach": False, "fused": False}, "foreach": {"foreach": True}, "fused": {"fused": True}}


def arguments():
    parser = peer.options(__doc__, "torch-adamw")
    parser.add_argument("--learning-rate", type=float, default=1e-3, help="default %(default)s")
    parser.add_argument("--weight-decay", type=float, default=1e-2, help="default %(default)s, as torch's")
    parser.add_argument("--halve-every", type=int, default=0, help="halve the rate every so many updates; default 0, never")
    parser.add_argument(
        "--implementation", choices=IMPLEMENTATIONS, help="of torch; default fused, the fastest, or single where torch has none"
    )
    given = parser.parse_args()
    if not (given.learning_rate > 0 and given.weight_decay >= 0 and given.halve_every >= 0):
        raise SystemExit(
            f"--learning-rate {given.learning_rate} must be positive, --weight-decay {given.weight_decay} and --halve-every"
            f" {given.halve_every} at least 0"
        )
    return given


def adamw(network, given, implementation):
    return torch.optim.AdamW(
        network.parameters(),
        lr=given.learning_rate,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=given.weight_decay,
        **IMPLEMENTATIONS[implementation],
    )


def fastest(network, given):
    """The optimiser and the name of its implementation; older versions of torch have no fused one for the CPU."""
    if given.implementation is not None:
        return adamw(network, given, given.implementation), given.implementation
    try:
        return adamw(network, given, "fused"), "fused"
    except (TypeError, RuntimeError) as error:
        print(f"{given.name}: no fused AdamW in torch {torch.__version__}: {error}", file=sys.stderr)
        return torch.optim.AdamW(network.parameters(), lr=given.learning_rate, weight_decay=given.weight_decay), "single"


def main():
    given = arguments()
    peer.prepare(given)
    problem = peer.Problem(given.problem, given.device, tables=True)
    network = Network(problem)
    optimizer, implementation = fastest(network, given)
    peer.write_facts(given, weightDecay=given.weight_decay, implementation=implementation)
    peer.train(given, problem, eager_step(network, optimizer, given), network.layers)


if __name__ == "__main__":
    main()
