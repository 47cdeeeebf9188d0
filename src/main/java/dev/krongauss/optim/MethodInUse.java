package dev.krongauss.optim;

import dev.krongauss.curvature.FactorEngine;
import dev.krongauss.curvature.Factors;
import dev.krongauss.curvature.Method;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import dev.krongauss.model.State;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to the factors: the builder's from the start, or the one that the first batch chooses.
 */
final class MethodInUse implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GaussNewton.class);

  /** What may stand in a checkpoint of a method that is chosen; "" before the choice. */
  private static final List<String> NAMES =
      java.util.stream.Stream.concat(
              java.util.stream.Stream.of(""), Arrays.stream(Method.values()).map(Method::name))
          .toList();

  private final Model model;
  private final LossFunction loss;
  private final GaussNewtonOptions options;
  private final boolean auto;
  private Method method;
  private String name = "auto";
  private String choice = "";
  private FactorEngine engine;

  /**
   * @param method null to choose at the first batch
   */
  MethodInUse(Model model, LossFunction loss, Method method, GaussNewtonOptions options) {
    this.model = model;
    this.loss = loss;
    this.options = options;
    this.auto = method == null;
    if (!auto) {
      use(method);
    }
  }

  /** Chooses, if that is still to be done. */
  void chooseFor(int N) {
    if (method == null) {
      MethodChoice chosen = MethodChoice.of(model, loss, N, options);
      choice = chosen.reason();
      LOG.info("auto takes {}", choice);
      use(chosen.method());
    }
  }

  /**
   * Names the random numbers of an update. They are among the arguments of its graph, which is
   * captured anew where they change: every 2³² updates.
   */
  void drawsOf(long update, Replays replays) {
    if (engine != null && engine.drawsOf(update)) {
      replays.forget();
    }
  }

  /** Enters the batch of the last forward pass into the factors. */
  void enter(Objective objective, Scalars scalars, Factors factors, Stream s) {
    engine.enter(
        model.traces(),
        objective.output(),
        objective.targets(),
        scalars.at(Control.STEP),
        factors,
        s);
  }

  Optional<Method> method() {
    return Optional.ofNullable(method);
  }

  /** Why it was chosen; empty if it was not, or not yet. */
  String choice() {
    return choice;
  }

  /** As {@link Optimizer#name}. */
  String name() {
    return name;
  }

  /**
   * What has been chosen is state; what the builder was told is a setting.
   *
   * @param replays whose graphs go with another method's memory
   */
  void exchange(State state, Replays replays) {
    if (!auto) {
      state.same("method", method.name());
      return;
    }
    String present = method == null ? "" : method.name();
    String next = state.oneOf("method", present, NAMES);
    choice = state.text("choice", choice);
    if (!next.equals(present)) {
      replays.forget();
      close();
      method = null;
      name = "auto";
      if (!next.isEmpty()) {
        use(Method.valueOf(next));
      }
    }
  }

  /** Where batches are cut {@link ChunkedUpdate} has the way to the factors. */
  private void use(Method which) {
    method = which;
    name = which.name().toLowerCase(Locale.ROOT);
    if (options.split().cut()) {
      return;
    }
    engine =
        new FactorEngine(
            model.device(),
            options.operations(model.device()),
            which,
            loss,
            options.budgetBytes,
            options.seed,
            options.expectedTop);
  }

  @Override
  public void close() {
    if (engine != null) {
      engine.close();
      engine = null;
    }
  }
}
