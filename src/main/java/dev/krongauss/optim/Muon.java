package dev.krongauss.optim;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.kernel.operations.NewtonSchulz;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import dev.krongauss.model.State;
import java.util.ArrayList;
import java.util.List;

/**
 * Muon: momentum, orthogonalised by Newton-Schulz iterations, for the weight matrices; {@link Adam}
 * for the rest.
 *
 * <p>An update of a matrix W [o][i], the bias column left out, with its gradient g:
 *
 * <pre>
 *   M ← μ M + (1 − μ) g             V = μ M + (1 − μ) g with Nesterov's look-ahead, else M
 *   X = V / max(‖V‖_F, 1e-7)        X ← a X + b X XᵀX + c X (XᵀX)², nsSteps times
 *   W ← (1 − r d) W − r s X         r the learning rate, d the weight decay, s the {@link Scale}
 * </pre>
 *
 * <p>X is nearly orthogonal: with the default {@link Quintic} five steps bring singular values from
 * 0.01 on to 0.68 … 1.14, so that ‖r s X‖_F is about 0.9 r s √min(o, i). <b>What a rate means
 * differs between libraries</b>: {@code torch.optim.Muon}'s {@code original} is {@link
 * Scale#SPECTRAL} here and its {@code match_rms_adamw} is {@link Scale#RMS}; optax's default has
 * the same formula as {@code SPECTRAL} on its own layout, [inputs][outputs]; Keras multiplies by
 * 0.2 √max(o, i) by default. Weight decay is 0 here, 0.1 in torch; iterations are in FP32, in torch
 * bfloat16. The default r = 2^-4 is {@code SPECTRAL}'s, best of five on one autoencoder of CURVES.
 *
 * <p>Biases are Adam's, with a rate of its own that is halved along. So are, with {@link
 * Ends#ADAM}, the whole first and last layer, as its author advises where these are embeddings and
 * classifiers; here all are dense layers, and the default is Muon for all.
 *
 * <p>Nothing waits for the host. An update that is not finite leaves all as it was, bit for bit.
 *
 * <p>Performance: of five iterations the products cost 5 (3 o i m + m³) flops a matrix, m = min(o,
 * i), which for wide layers is a batch of about 2.5 m datapoints: large batches hide it.
 *
 * <p>Source: Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024; Liu et
 * al., "Muon is Scalable for LLM Training", 2025, for {@link Scale#RMS}.
 */
public final class Muon extends FirstOrder {
  /** The factor s of a step of a matrix [o][i]. */
  public enum Scale {
    /** √max(1, o / i), which bounds the change of a layer's output: Jordan's. */
    SPECTRAL {
      @Override
      double of(int outputs, int inputs) {
        return Math.sqrt(Math.max(1, (double) outputs / inputs));
      }
    },
    /** 0.2 √max(o, i), which gives a step the root mean square 0.2 r of Adam's: Liu's. */
    RMS {
      @Override
      double of(int outputs, int inputs) {
        return 0.2 * Math.sqrt(Math.max(outputs, inputs));
      }
    };

    abstract double of(int outputs, int inputs);
  }

  /** Who moves the weights of the first and of the last layer. */
  public enum Ends {
    MUON,
    ADAM
  }

  /**
   * Coefficients of an iteration σ ← a σ + b σ³ + c σ⁵.
   *
   * @param a of σ
   * @param b of σ³
   * @param c of σ⁵
   */
  public record Quintic(double a, double b, double c) {
    /** Jordan's: steep at 0; five steps bring 0.002 … 1 to 0.68 … 1.21, and more do not settle. */
    public static final Quintic JORDAN = new Quintic(3.4445, -4.7750, 2.0315);

    /** The classical one: converges to 1 from (0, √(7/3)), cubically; from 0.01 in ten steps. */
    public static final Quintic CONVERGENT = new Quintic(1.875, -1.25, 0.375);
  }

  private final dev.krongauss.kernel.Muon kernel;
  private final dev.krongauss.kernel.Adam adam;
  private final Reduce reduce;
  private final NewtonSchulz newtonSchulz;
  private final Builder settings;
  private final MuonLayers layers;
  private final float[] scales;
  private final List<Matrix> momentum = new ArrayList<>();
  private final List<Matrix> X = new ArrayList<>();
  private final List<Matrix> Y = new ArrayList<>();
  private final Buffer scratch;
  private final List<Matrix> m;
  private final List<Matrix> v;
  private final Buffer adamRate;

  private Muon(Model model, LossFunction loss, Builder settings) {
    super(model, loss, settings, "muon");
    this.settings = settings;
    this.layers = new MuonLayers(model.parameters().size(), settings.ends);
    this.kernel = new dev.krongauss.kernel.Muon(model.device());
    this.adam = new dev.krongauss.kernel.Adam(model.device());
    this.reduce = new Reduce(model.device());
    List<Matrix> matrices = layers.matrices(model.parameters());
    this.scales = new float[matrices.size()];
    int[] widths = new int[matrices.size()];
    for (int l = 0; l < widths.length; l++) {
      Matrix W = matrices.get(l);
      scales[l] = (float) settings.scale.of(W.rows(), W.columns());
      widths[l] = Math.min(W.rows(), W.columns());
      int longer = Math.max(W.rows(), W.columns());
      momentum.add(arena().matrix(W.rows(), W.columns(), "momentum " + (l + 1)));
      X.add(arena().matrix(longer, widths[l], "X " + (l + 1)));
      Y.add(arena().matrix(longer, widths[l], "Y " + (l + 1)));
    }
    this.scratch = arena().floats(dev.krongauss.kernel.Muon.scratchFloats(matrices), "squares");
    Operations operations =
        settings.operations == null
            ? Operations.of(model.device())
            : new Operations(model.device(), settings.operations);
    this.newtonSchulz = new NewtonSchulz(operations, arena(), widths);
    List<Matrix> rest = layers.rest(model.parameters());
    this.m = like(rest, arena(), "m");
    this.v = like(rest, arena(), "v");
    this.adamRate = arena().floats(1, "rate of Adam");
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Settings; the defaults are Jordan's, but that the ends are {@link Ends#MUON}. */
  public static final class Builder extends FirstOrder.Setters<Builder> {
    private double momentum = 0.95;
    private boolean nesterov = true;
    private double weightDecay;
    private int nsSteps = 5;
    private Quintic quintic = Quintic.JORDAN;
    private Scale scale = Scale.SPECTRAL;
    private Ends ends = Ends.MUON;
    private double adamRate = 1e-3;
    private Operations.Mode operations;

    private Builder() {
      super(0.0625f);
    }

    /** μ, in [0, 1). */
    public Builder momentum(double value) {
      momentum = value;
      return this;
    }

    /** Whether the direction looks ahead: V = μ M + (1 − μ) g. */
    public Builder nesterov(boolean on) {
      nesterov = on;
      return this;
    }

    /** Decoupled decay d of the matrices that are Muon's; at least 0. */
    public Builder weightDecay(double value) {
      weightDecay = value;
      return this;
    }

    /** Newton-Schulz iterations, from 1. */
    public Builder nsSteps(int count) {
      nsSteps = count;
      return this;
    }

    /** Coefficients of the iterations. */
    public Builder coefficients(Quintic values) {
      quintic = values;
      return this;
    }

    /** The factor of a step by the shape of its matrix. */
    public Builder scale(Scale value) {
      scale = value;
      return this;
    }

    /** Who moves the first and the last layer. */
    public Builder ends(Ends value) {
      ends = value;
      return this;
    }

    /** Learning rate of what is Adam's, positive; halved together with Muon's. */
    public Builder adamRate(double value) {
      adamRate = value;
      return this;
    }

    /** Who computes the products; by default as {@link Operations#of} says. */
    public Builder operations(Operations.Mode mode) {
      operations = mode;
      return this;
    }

    /**
     * Allocates the optimiser's memory on the model's device.
     *
     * @throws IllegalArgumentException if a setting is out of range, or no matrix is Muon's
     */
    public Muon build(Model model, LossFunction loss) {
      Check.that(
          momentum >= 0 && momentum < 1,
          "Muon's momentum %s must lie in [0, 1), usually 0.95",
          momentum);
      Check.that(
          weightDecay >= 0 && weightDecay < Double.POSITIVE_INFINITY,
          "Muon's weight decay %s must be finite and not negative",
          weightDecay);
      Check.that(nsSteps >= 1, "Muon's nsSteps %d: at least one iteration is needed", nsSteps);
      Check.that(
          Double.isFinite(quintic.a) && Double.isFinite(quintic.b) && Double.isFinite(quintic.c),
          "Muon's coefficients %s must be finite",
          quintic);
      Check.that(
          (float) adamRate > 0 && (float) adamRate < Float.POSITIVE_INFINITY,
          "Muon's adamRate %s must be positive and finite, usually 1e-3",
          adamRate);
      return model.device().allOrNothing(() -> new Muon(model, loss, this));
    }
  }

  @Override
  void own(State state) {
    state.matrices("momentum", momentum);
    state.matrices("m", m);
    state.matrices("v", v);
  }

  @Override
  public String name() {
    return "muon";
  }

  @Override
  void update(List<Matrix> W, List<Matrix> gradients, Stream s) {
    long accepted = scalars().at(Control.ACCEPTED);
    long rate = scalars().at(Control.LEARNING_RATE);
    kernel.direction(
        s,
        layers.matrices(gradients),
        momentum,
        X,
        settings.momentum,
        settings.nesterov,
        scratch.pointer(),
        accepted);
    kernel.step(
        s,
        layers.matrices(W),
        orthogonalized(s),
        scales,
        (float) settings.weightDecay,
        rate,
        accepted);
    reduce.sum(s, rate, 1, (float) (settings.adamRate / initialRate()), adamRate.pointer());
    adam.step(
        s,
        layers.rest(W),
        layers.rest(gradients),
        m,
        v,
        0.9,
        0.999,
        1e-8,
        false,
        adamRate.pointer(),
        scalars().applied(),
        accepted);
  }

  /** The iterations, from X; gives where the result is. */
  private List<Matrix> orthogonalized(Stream s) {
    Quintic q = settings.quintic;
    List<Matrix> from = X;
    List<Matrix> to = Y;
    for (int k = 0; k < settings.nsSteps; k++) {
      newtonSchulz.iterate(s, from, (float) q.a, (float) q.b, (float) q.c, to);
      List<Matrix> result = to;
      to = from;
      from = result;
    }
    return from;
  }
}
