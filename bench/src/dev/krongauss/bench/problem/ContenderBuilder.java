package dev.krongauss.bench.problem;

import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Adam;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.GaussNewtonSetters;
import dev.krongauss.optim.Muon;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.optim.Sgd;

/** Makes the optimiser that a {@link Contender} stands for. */
final class ContenderBuilder {
  private static final double MOMENTUM_COEFFICIENT = 0.9;
  private static final double AVERAGE_OF_WEIGHTS = 0.9;

  private final Contender contender;
  private final Split split;

  ContenderBuilder(Contender contender, Split split) {
    this.contender = contender;
    this.split = split;
  }

  Optimizer build(Network network, LossFunction loss) {
    return switch (contender.kind()) {
      case KFRA -> secondOrder(GaussNewton.kfra()).build(network, loss);
      case KFLR -> secondOrder(GaussNewton.kflr()).build(network, loss);
      case KFAC -> secondOrder(GaussNewton.kfac()).build(network, loss);
      case AUTO -> secondOrder(GaussNewton.auto()).build(network, loss);
      case EXACT ->
          split
              .of(GaussNewton.exact().l2(Contender.L2).budget(Contender.EXACT_BYTES))
              .build(network, loss);
      case ADAM -> {
        Adam.Builder adam = Adam.builder().learningRate(contender.rate());
        yield split.of(adam).halveEvery(contender.halveEvery()).build(network, loss);
      }
      case MUON -> {
        Muon.Builder muon = Muon.builder().learningRate(contender.rate());
        yield split
            .of(muon)
            .halveEvery(contender.halveEvery())
            .scale(contender.scale())
            .build(network, loss);
      }
      case SGD -> sgd().build(network, loss);
      case MOMENTUM -> sgd().momentum(MOMENTUM_COEFFICIENT).build(network, loss);
      case NESTEROV -> sgd().momentum(MOMENTUM_COEFFICIENT).nesterov(true).build(network, loss);
    };
  }

  private Sgd.Builder sgd() {
    return split
        .of(Sgd.builder().learningRate(contender.rate()))
        .halveEvery(contender.halveEvery());
  }

  /**
   * Averages of the weights, which the exact step does not have, would leave it out of a choice.
   */
  private GaussNewtonSetters<?> secondOrder(GaussNewtonSetters<?> builder) {
    if (contender.paper()) {
      builder.scalarStep().momentum(contender.momentum());
    } else if (contender.kind() != OptimizerKind.AUTO) {
      builder.averageIterates(AVERAGE_OF_WEIGHTS);
    }
    split.of(builder);
    return contender.average() ? builder : builder.decay(0);
  }
}
