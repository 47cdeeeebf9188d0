package dev.krongauss.train;

import dev.krongauss.device.Check;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.optim.StepReport;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * What was set of a training.
 *
 * @param every updates between evaluations; 0 for the default
 * @param averaged whether averaged weights are candidates too
 */
record TrainingSettings(
    TrainingLimits limits,
    Optional<Evaluation> evaluation,
    long every,
    boolean averaged,
    List<BiConsumer<Training, StepReport>> updateListeners,
    List<BiConsumer<Training, Held>> evaluationListeners) {

  TrainingSettings {
    updateListeners = List.copyOf(updateListeners);
    evaluationListeners = List.copyOf(evaluationListeners);
  }

  /** This, if it makes sense with the optimiser. */
  TrainingSettings checked(Optimizer optimizer) {
    Check.that(
        limits.any(),
        "a training without an end; give updates, epochs, seconds, or patience with an evaluation");
    Check.that(
        evaluation.isPresent() || (limits.patience() == 0 && every == 0 && !averaged),
        "patience, an interval or averaged weights without an evaluation;"
            + " give evaluate(Evaluation.of(network, loss, heldOut))");
    Check.that(
        !averaged || (optimizer instanceof GaussNewton second && second.averagesWeights()),
        "%s has no averaged weights; build GaussNewton with averageIterates(0.9), or leave out"
            + " averagedToo()",
        optimizer.name());
    evaluation.ifPresent(each -> checkNetwork(each.network(), optimizer));
    return this;
  }

  /** A model of another kind may be one that trains the network's weights. */
  private static void checkNetwork(Network evaluated, Optimizer optimizer) {
    Check.that(
        optimizer.model() == evaluated || !(optimizer.model() instanceof Network),
        "the evaluation is of another network than %s trains; make it of the optimiser's:"
            + " Evaluation.of(network, loss, heldOut)",
        optimizer.name());
  }
}
