#!/usr/bin/env python3
"""KFRA in plain PyTorch on a problem that ExportProblem wrote: the arithmetic of this project's
GaussNewton.kfra().scalarStep(), the paper's algorithm."""
import kfra
import peer


def main():
    given = kfra.options(__doc__, "torch-kfra").parse_args()
    peer.prepare(given)
    problem = kfra.problem(given)
    optimizer = kfra.Kfra(problem, given)
    peer.write_facts(given)
    peer.train(given, problem, optimizer.step, lambda: optimizer.net.W)


if __name__ == "__main__":
    main()
