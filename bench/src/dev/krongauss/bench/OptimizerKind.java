package dev.krongauss.bench;

import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Adam;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.optim.Sgd;
import java.util.Locale;

/** The optimisers that can be compared. Second-order ones run at their one default, always. */
enum OptimizerKind {
  KFRA("#0b6e99") {
    @Override
    Optimizer build(Network network, LossFunction loss, double learningRate) {
      return GaussNewton.kfra().build(network, loss);
    }
  },
  KFLR("#5b4fb3") {
    @Override
    Optimizer build(Network network, LossFunction loss, double learningRate) {
      return GaussNewton.kflr().build(network, loss);
    }
  },
  KFAC("#2a9d5c") {
    @Override
    Optimizer build(Network network, LossFunction loss, double learningRate) {
      return GaussNewton.kfac().build(network, loss);
    }
  },
  ADAM("#d1495b", 1e-3) {
    @Override
    Optimizer build(Network network, LossFunction loss, double learningRate) {
      return Adam.builder().learningRate(learningRate).build(network, loss);
    }
  },
  // Thrice as much gains nothing in 150 updates on curves and mnist at a quarter of the width.
  SGD("#8a8a8a", 1e-2) {
    @Override
    Optimizer build(Network network, LossFunction loss, double learningRate) {
      return Sgd.builder().learningRate(learningRate).build(network, loss);
    }
  },
  MOMENTUM("#e08e1b", 3e-3) {
    @Override
    Optimizer build(Network network, LossFunction loss, double learningRate) {
      return Sgd.builder()
          .learningRate(learningRate)
          .momentum(MOMENTUM_COEFFICIENT)
          .build(network, loss);
    }
  },
  NESTEROV("#9c6b30", 3e-3) {
    @Override
    Optimizer build(Network network, LossFunction loss, double learningRate) {
      return Sgd.builder()
          .learningRate(learningRate)
          .momentum(MOMENTUM_COEFFICIENT)
          .nesterov(true)
          .build(network, loss);
    }
  };

  private static final double MOMENTUM_COEFFICIENT = 0.9;

  private final String color;
  private final double defaultLearningRate;

  OptimizerKind(String color) {
    this(color, Double.NaN);
  }

  OptimizerKind(String color, double defaultLearningRate) {
    this.color = color;
    this.defaultLearningRate = defaultLearningRate;
  }

  /** The optimiser of a network that it does not own; the learning rate is for first order only. */
  abstract Optimizer build(Network network, LossFunction loss, double learningRate);

  boolean hasLearningRate() {
    return !Double.isNaN(defaultLearningRate);
  }

  /** NaN for an optimiser without a learning rate. */
  double defaultLearningRate() {
    return defaultLearningRate;
  }

  /** The same in every picture, as {@code #rrggbb}. */
  String color() {
    return color;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
