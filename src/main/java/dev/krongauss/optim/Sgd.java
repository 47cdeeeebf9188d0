package dev.krongauss.optim;

import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import dev.krongauss.model.State;
import java.util.List;

/** Stochastic gradient descent, plain, with momentum, or with Nesterov's momentum. */
public final class Sgd extends FirstOrder {
  private final dev.krongauss.kernel.Sgd kernel;
  private final float momentum;
  private final boolean nesterov;
  private final List<Matrix> velocity;

  private Sgd(Model model, LossFunction loss, Builder settings) {
    super(model, loss, settings, "sgd");
    this.kernel = new dev.krongauss.kernel.Sgd(model.device());
    this.momentum = settings.momentum;
    this.nesterov = settings.nesterov;
    this.velocity = momentum == 0 ? null : like(model.parameters(), arena(), "velocity");
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Settings. */
  public static final class Builder extends FirstOrder.Setters<Builder> {
    private float momentum;
    private boolean nesterov;

    private Builder() {
      super(1e-2f);
    }

    /** velocity = momentum · velocity + gradient. */
    public Builder momentum(double value) {
      momentum = (float) value;
      return this;
    }

    /** Steps along gradient + momentum · velocity instead of the velocity. */
    public Builder nesterov(boolean on) {
      nesterov = on;
      return this;
    }

    /**
     * Allocates the optimiser's memory on the model's device.
     *
     * @throws IllegalArgumentException if a setting is out of range
     */
    public Sgd build(Model model, LossFunction loss) {
      Check.that(momentum >= 0 && momentum < 1, "momentum %s must lie in [0, 1)", momentum);
      Check.that(
          !nesterov || momentum > 0,
          "Nesterov's momentum needs a momentum above 0, for example 0.9");
      return model.device().allOrNothing(() -> new Sgd(model, loss, this));
    }
  }

  @Override
  void own(State state) {
    if (velocity != null) {
      state.matrices("velocity", velocity);
    }
  }

  @Override
  public String name() {
    return nesterov ? "nesterov" : velocity != null ? "momentum" : "sgd";
  }

  @Override
  void update(List<Matrix> W, List<Matrix> gradients, Stream s) {
    kernel.step(
        s,
        W,
        gradients,
        velocity,
        momentum,
        nesterov,
        scalars().at(Control.LEARNING_RATE),
        scalars().at(Control.ACCEPTED));
  }
}
