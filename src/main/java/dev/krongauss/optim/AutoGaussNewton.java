package dev.krongauss.optim;

import dev.krongauss.device.Check;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Losses;
import dev.krongauss.model.Model;
import dev.krongauss.model.State;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link GaussNewton#auto}: the exact step or Kronecker factors, whichever the first batch decides
 * for, and from then on nothing but that optimiser.
 */
final class AutoGaussNewton implements Optimizer {
  private static final Logger LOG = LoggerFactory.getLogger(GaussNewton.class);
  private static final String EXACT = "EXACT";
  private static final String FACTORS = "FACTORS";

  private final Model model;
  private final LossFunction loss;
  private final GaussNewtonOptions options;
  private final int outputs;
  private Optimizer chosen;
  private Optimizer candidate;
  private String exactly = "";
  private boolean closed;

  /** Settings of either kind; see {@link GaussNewton#auto}. */
  static final class Builder extends GaussNewtonSetters<Builder> {
    Builder() {
      super(null);
    }

    @Override
    public Optimizer build(Model model, LossFunction loss) {
      GaussNewtonOptions checked = options().checked();
      Check.that(
          !checked.split().cut(),
          "auto() chooses by batches as a whole, which chunks(...) and ranks(...) cut; name the"
              + " method: kfra(), kflr(), kfac() or exact()");
      String never = ExactChoice.never(Losses.outputs(model, loss), loss, options());
      if (never.isEmpty()) {
        return new AutoGaussNewton(model, loss, checked);
      }
      Losses.checkSingleRows(loss, "auto() where " + never);
      return model.device().allOrNothing(() -> new GaussNewton(model, loss, null, checked));
    }
  }

  /**
   * @param options checked, with none that only factors have
   */
  AutoGaussNewton(Model model, LossFunction loss, GaussNewtonOptions options) {
    this.model = model;
    this.loss = loss;
    this.options = options;
    this.outputs = Losses.outputs(model, loss);
  }

  @Override
  public StepReport step(Batch minibatch, PhaseListener listener) {
    return chosenFor(minibatch).step(minibatch, listener);
  }

  @Override
  public void advance(Batch minibatch) {
    chosenFor(minibatch).advance(minibatch);
  }

  @Override
  public StepReport lastReport() {
    if (chosen == null) {
      throw new IllegalStateException("there has been no update to report of yet");
    }
    return chosen.lastReport();
  }

  private Optimizer chosenFor(Batch minibatch) {
    checkOpen();
    if (chosen == null) {
      choose(minibatch);
    }
    return chosen;
  }

  private void choose(Batch batch) {
    Losses.check(batch, loss, outputs);
    ExactChoice choice = ExactChoice.of(model, loss, batch.size(), options.budgetBytes);
    chosen = build(choice.taken() ? EXACT : FACTORS);
    exactly = choice.reason();
    if (choice.taken()) {
      LOG.info("auto takes {}", exactly);
    }
  }

  private Optimizer build(String kind) {
    return model
        .device()
        .allOrNothing(
            () ->
                kind.equals(EXACT)
                    ? new ExactGaussNewton(model, loss, options.exact())
                    : new GaussNewton(model, loss, null, options));
  }

  @Override
  public String choice() {
    if (chosen == null || chosen instanceof ExactGaussNewton) {
      return exactly;
    }
    return exactly.isEmpty() ? chosen.choice() : chosen.choice() + "; " + exactly;
  }

  @Override
  public Optional<Optimizer> chosen() {
    return Optional.ofNullable(chosen);
  }

  @Override
  public int graphNodes() {
    return chosen == null ? 0 : chosen.graphNodes();
  }

  @Override
  public Model model() {
    return model;
  }

  /** {@code auto} before the first step. */
  @Override
  public String name() {
    return chosen == null ? "auto" : chosen.name();
  }

  /**
   * What has been chosen, and its own state. A walk that only looks at a checkpoint of the other
   * kind takes the memory for it, which the taking walk then has.
   */
  @Override
  public void exchange(State state) {
    checkOpen();
    String present = kind();
    String kind = state.kind("chosen", present, List.of("", EXACT, FACTORS), FACTORS);
    if (kind.equals(present)) {
      if (chosen != null) {
        chosen.exchange(state);
      }
    } else if (!kind.isEmpty()) {
      if (candidate == null) {
        candidate = build(kind);
      }
      candidate.exchange(state);
    }
    String reason = kind.isEmpty() ? "" : state.text("exactly", exactly, "");
    if (state.replaces()) {
      take(kind, present, reason);
    }
  }

  private void take(String kind, String present, String reason) {
    exactly = reason;
    if (!kind.equals(present)) {
      if (chosen != null) {
        chosen.close();
      }
      chosen = candidate;
      candidate = null;
    }
  }

  private String kind() {
    if (chosen == null) {
      return "";
    }
    return chosen instanceof ExactGaussNewton ? EXACT : FACTORS;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the optimiser is closed; build another one");
    }
  }

  @Override
  public void close() {
    closed = true;
    if (chosen != null) {
      chosen.close();
    }
    if (candidate != null) {
      candidate.close();
    }
  }
}
