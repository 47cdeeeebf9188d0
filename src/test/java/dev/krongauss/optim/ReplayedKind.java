package dev.krongauss.optim;

import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Network;

/** Optimisers whose updates are replayed; every kind of update comes often. */
enum ReplayedKind {
  KFRA {
    @Override
    Optimizer build(Network network, LossFunction loss, Operations.Mode mode) {
      return often(GaussNewton.kfra(), mode).build(network, loss);
    }
  },
  /** One step length for all layers. */
  KFRA_PAPER {
    @Override
    Optimizer build(Network network, LossFunction loss, Operations.Mode mode) {
      return often(GaussNewton.kfra(), mode).scalarStep().build(network, loss);
    }
  },
  /** Averages of the weights are entered by the update's own launch. */
  KFRA_AVERAGES {
    @Override
    Optimizer build(Network network, LossFunction loss, Operations.Mode mode) {
      return often(GaussNewton.kfra(), mode)
          .averageIterates(0.9)
          .diagnostics(true)
          .build(network, loss);
    }
  },
  KFLR {
    @Override
    Optimizer build(Network network, LossFunction loss, Operations.Mode mode) {
      return often(GaussNewton.kflr(), mode).build(network, loss);
    }
  },
  KFAC {
    @Override
    Optimizer build(Network network, LossFunction loss, Operations.Mode mode) {
      return often(GaussNewton.kfac(), mode).build(network, loss);
    }
  },
  /** γ has its own rule. */
  KFRA_GAMMA {
    @Override
    Optimizer build(Network network, LossFunction loss, Operations.Mode mode) {
      return often(GaussNewton.kfra(), mode)
          .scalarStep()
          .adaptGamma(true)
          .gammaEvery(4)
          .leastGamma(1e-4)
          .build(network, loss);
    }
  },
  /** Everything that an update can do besides. */
  KFRA_OPTIONS {
    @Override
    Optimizer build(Network network, LossFunction loss, Operations.Mode mode) {
      return often(GaussNewton.kfra(), mode)
          .scalarStep()
          .adaptGamma(true)
          .gammaEvery(4)
          .leastGamma(1e-4)
          .momentum(true)
          .averageIterates(0.9)
          .diagnostics(true)
          .build(network, loss);
    }
  },
  /** The method is chosen at the first batch. */
  AUTO {
    @Override
    Optimizer build(Network network, LossFunction loss, Operations.Mode mode) {
      return often(GaussNewton.auto(), mode).scalarStep().momentum(true).build(network, loss);
    }
  },
  /** γ is below the factors' rounding error: refreshes climb the ladder. */
  KFLR_LADDER {
    @Override
    Optimizer build(Network network, LossFunction loss, Operations.Mode mode) {
      return often(GaussNewton.kflr(), mode).decay(0).gamma(LADDER_GAMMA).build(network, loss);
    }
  },
  NESTEROV {
    @Override
    Optimizer build(Network network, LossFunction loss, Operations.Mode mode) {
      return Sgd.builder().momentum(0.9).nesterov(true).halveEvery(7).build(network, loss);
    }
  },
  MUON {
    @Override
    Optimizer build(Network network, LossFunction loss, Operations.Mode mode) {
      return Muon.builder().operations(mode).halveEvery(7).build(network, loss);
    }
  },
  ADAM {
    @Override
    Optimizer build(Network network, LossFunction loss, Operations.Mode mode) {
      return Adam.builder().halveEvery(7).build(network, loss);
    }
  };

  /** γ that is below the rounding error of the factors. */
  private static final double LADDER_GAMMA = 1e-9;

  abstract Optimizer build(Network network, LossFunction loss, Operations.Mode mode);

  boolean choosesGamma() {
    return this == KFRA_GAMMA || this == KFRA_OPTIONS;
  }

  /** Every kind of update comes often. */
  static GaussNewtonSetters<?> often(GaussNewtonSetters<?> builder, Operations.Mode mode) {
    return builder.operations(mode).refreshEvery(2).reductionEvery(3);
  }
}
