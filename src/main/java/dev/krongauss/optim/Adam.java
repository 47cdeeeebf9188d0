package dev.krongauss.optim;

import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import dev.krongauss.model.State;
import java.util.List;
import java.util.Objects;

/**
 * Adam with bias correction. Source: Kingma, Ba, "Adam: A Method for Stochastic Optimization", ICLR
 * 2015.
 */
public final class Adam extends FirstOrder {
  private final dev.krongauss.kernel.Adam kernel;
  private final Builder settings;
  private final List<Matrix> m;
  private final List<Matrix> v;

  private Adam(Model model, LossFunction loss, Builder settings) {
    super(model, loss, settings, "adam");
    this.kernel = new dev.krongauss.kernel.Adam(model.device());
    this.settings = settings;
    this.m = like(model.parameters(), arena(), "m");
    this.v = like(model.parameters(), arena(), "v");
  }

  /** Where ε stands in Adam's denominator; v̂ = v / (1 − β₂ᵗ). */
  public enum EpsilonPlacement {
    /** √v̂ + ε: the paper's Algorithm 1, PyTorch and optax. */
    AFTER_CORRECTION,
    /**
     * (√v + ε) / √(1 − β₂ᵗ): the paper's efficient form, Keras, ND4J and DJL. At the first step it
     * weighs as an ε of 31.6 times as much, √(1 − 0.999) being 0.0316.
     */
    BEFORE_CORRECTION
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Settings; the defaults are the paper's. */
  public static final class Builder extends FirstOrder.Setters<Builder> {
    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double epsilon = 1e-8;
    private EpsilonPlacement placement = EpsilonPlacement.AFTER_CORRECTION;

    private Builder() {
      super(1e-3f);
    }

    /** Decays of the first and second moment, both in [0, 1). */
    public Builder betas(double first, double second) {
      beta1 = first;
      beta2 = second;
      return this;
    }

    public Builder epsilon(double value) {
      epsilon = value;
      return this;
    }

    /**
     * Where ε stands, to reproduce a training of another library; default {@link
     * EpsilonPlacement#AFTER_CORRECTION}. No constant ε turns one form into the other.
     */
    public Builder epsilonPlacement(EpsilonPlacement value) {
      placement = Objects.requireNonNull(value, "placement");
      return this;
    }

    /**
     * Allocates the moments on the model's device.
     *
     * @throws IllegalArgumentException if a setting is out of range
     */
    public Adam build(Model model, LossFunction loss) {
      Check.that(
          beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1,
          "Adam's betas (%s, %s) must lie in [0, 1)",
          beta1,
          beta2);
      Check.that(epsilon > 0, "Adam's epsilon %s must be positive", epsilon);
      return model.device().allOrNothing(() -> new Adam(model, loss, this));
    }
  }

  @Override
  void own(State state) {
    state.matrices("m", m);
    state.matrices("v", v);
    state.same("epsilon", settings.placement.name(), EpsilonPlacement.AFTER_CORRECTION.name());
  }

  @Override
  public String name() {
    return "adam";
  }

  @Override
  void update(List<Matrix> W, List<Matrix> gradients, Stream s) {
    kernel.step(
        s,
        W,
        gradients,
        m,
        v,
        settings.beta1,
        settings.beta2,
        settings.epsilon,
        settings.placement == EpsilonPlacement.BEFORE_CORRECTION,
        scalars().at(Control.LEARNING_RATE),
        scalars().applied(),
        scalars().at(Control.ACCEPTED));
  }
}
