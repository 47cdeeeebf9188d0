package dev.krongauss.optim;

import dev.krongauss.curvature.Method;
import dev.krongauss.device.Check;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;

/** Settings of {@link GaussNewton}, and of what {@link GaussNewton#auto} chooses from. */
public abstract class GaussNewtonSetters<T extends GaussNewtonSetters<T>> extends DampedSetters<T> {
  private final GaussNewtonOptions options = new GaussNewtonOptions();
  private final Method method;

  /**
   * @param method null to choose at the first batch
   */
  GaussNewtonSetters(Method method) {
    this.method = method;
  }

  Method method() {
    return method;
  }

  @Override
  GaussNewtonOptions options() {
    return options;
  }

  /**
   * The optimiser. Its memory on the model's device is taken here, but for what the batch size or a
   * choice decides.
   *
   * @throws IllegalArgumentException if an option, or the method with the loss, does not fit
   */
  public abstract Optimizer build(Model model, LossFunction loss);

  /**
   * Device memory of a training with these settings, known without a device. Of {@link
   * GaussNewton#auto} that of the method which it takes for such batches.
   *
   * @param widths d_0 … d_L, inputs and units of each layer
   * @param N rows of a batch
   * @throws IllegalArgumentException as {@link #build}, if there are no layers, or a number is not
   *     positive
   */
  public TrainingMemory memory(int[] widths, int N, LossFunction loss) {
    return method == null
        ? TrainingMemory.ofAuto(widths, N, loss, options)
        : TrainingMemory.ofFactors(method, widths, N, loss, options.checked());
  }

  /**
   * The paper's algorithm: one step length α for all layers, exact on the whole batch, and the
   * gradient of the batch alone. {@link #momentum}, {@link #rescaling} and {@link #adaptGamma}
   * belong to it. λ starts at 1e-3, its floor, and factors are refreshed every 5 updates.
   *
   * <p>Without it, the default, each layer has a step length of its own, chosen together by the
   * exact Gauss-Newton matrix on a part of the batch; the gradient is averaged before the solve; λ
   * starts at 5e-3, with a floor of 3e-4; and refreshes come as the factors' drift has it.
   */
  public T scalarStep() {
    options.scalarStep = true;
    return self();
  }

  /**
   * Constant damping λ = γ² = {@code value}, nothing adapted, not even by a rejected update: as the
   * authors' code has it, there with 1e-3. Only the ladder may raise γ, for one refresh.
   */
  public T fixedDamping(double value) {
    return lambda(value).gamma(Math.sqrt(value)).adaptGamma(false).adaptLambda(false);
  }

  /** Constant γ of the factors; without it γ = √(λ + η) follows λ, or is adapted. */
  public T gamma(double value) {
    Check.that(value > 0, "gamma %s must be positive", value);
    options.gamma = (float) value;
    return self();
  }

  /**
   * Whether γ has a rule of its own, M&amp;G's: every T2 updates γ, ω2 γ and γ/ω2 are tried, ω2 =
   * √(19/20)^T2, and the one is kept whose rescaled step has the lowest predicted change. Off by
   * default. Such an update factorises three times and refreshes the factors, too; T2 had better be
   * a multiple of T3. γ starts at √(λ + η) and never falls below √η. Not with {@link #gamma}.
   */
  public T adaptGamma(boolean on) {
    options.adaptGamma = on;
    return self();
  }

  /** T2: an adapted γ is chosen anew every so many updates, default 20. */
  public T gammaEvery(int updates) {
    options.gammaEvery = updates;
    return self();
  }

  /** Floor of an adapted γ; the default is √(least λ + η), and it is never below √η. */
  public T leastGamma(double value) {
    Check.that(
        value > 0 && Float.isFinite((float) value),
        "leastGamma %s must be positive and finite",
        value);
    options.leastGamma = (float) value;
    return self();
  }

  /**
   * Whether λ follows the reduction ratio (M&amp;G's rule, every T1 updates), and grows where an
   * update is rejected.
   */
  public T adaptLambda(boolean on) {
    options.adaptLambda = on;
    return self();
  }

  /**
   * Largest weight of the past in the factors' moving averages, per refresh; 0 for none. The
   * default 0.6 is the paper's 0.9 an update over the default of five updates a refresh.
   */
  public T decay(double value) {
    options.decay = (float) value;
    return self();
  }

  /**
   * T3: factors and inverses are refreshed every so many updates, and in the update after one whose
   * report says, to somebody who has read it, that the damping ladder failed. Where nobody reads it
   * updates are rejected until the next refresh: what an update does never depends on how fast the
   * device is.
   *
   * <p>Without it, and without {@link #scalarStep}, T3 follows the drift d of the factors' traces,
   * the largest relative change of one of them from a refresh to the next: T3 ← 0.15 T3 / d, from 5
   * to 10, 5 at first.
   */
  public T refreshEvery(int updates) {
    options.refreshEvery = updates;
    return self();
  }

  /** T1: the reduction ratio is computed every so many updates. */
  public T reductionEvery(int updates) {
    options.reductionEvery = updates;
    return self();
  }

  /** Whether the step is rescaled by the exact Gauss-Newton matrix; if not, α = 1. */
  public T rescaling(boolean on) {
    options.rescaling = on;
    return self();
  }

  /**
   * Whether an update is αΔ + μV with the update V before it, α and μ chosen together by the exact
   * quadratic model (M&amp;G). Off by default: the paper found momentum unstable, and with the
   * small λ of the defaults it overshoots; M&amp;G start at a λ of 150. Costs one more forward-mode
   * pass. A rejected update leaves V as it was. Needs {@link #rescaling}.
   */
  public T momentum(boolean on) {
    options.momentum = on;
    return self();
  }

  /**
   * Shards the state of {@link #ranks}: the factors of a layer, their inverses, its gradient and
   * the gradient's average are kept by one rank alone, which solves for the layer and tells the
   * others its direction. The same bits as without, less memory a rank, and less work and fewer
   * bytes in all. {@link Optimizer#gather} before a checkpoint is saved; any number of ranks reads
   * it. Needs a layer for each rank; without other ranks it changes nothing.
   *
   * @throws IllegalArgumentException from {@link #build} with {@link #scalarStep}, or if there are
   *     more ranks than layers
   */
  public T shard() {
    options.shard = true;
    return self();
  }

  /**
   * Averages the weights over the accepted updates, θ̄ ← ξ θ̄ + (1 − ξ) θ with ξ = min(1 − 1/k,
   * decay) after the k-th: {@link GaussNewton#averagedParameters}. Off by default; costs memory for
   * the weights once more.
   *
   * @param decay in [0, 1); M&amp;G use 0.99
   */
  public T averageIterates(double decay) {
    options.averages = true;
    options.averageDecay = (float) decay;
    return self();
  }

  /**
   * Whether reports tell {@link StepReport#blockCurvature} and {@link
   * StepReport#modelledCurvature}. Off by default; costs a forward-mode pass a layer.
   */
  public T diagnostics(boolean on) {
    options.diagnostics = on;
    return self();
  }

  /**
   * Device memory for KFLR's chunks of C, in bytes, and for those of a loss that has square roots
   * but no product with a vector; {@link GaussNewton#auto} goes by it, too.
   */
  public T budget(long bytes) {
    options.budgetBytes = bytes;
    return self();
  }

  /** Seed of KFAC's sampled targets. */
  public T seed(long value) {
    options.seed = value;
    return self();
  }

  /**
   * Whether KFAC takes the mean Hessian of the loss for G of the last layer, which it is the
   * expectation of, and samples targets for the layers below alone. On by default, off with {@link
   * #scalarStep}, as in the paper; KFRA and KFLR have no sampled targets.
   */
  public T expectedTop(boolean on) {
    options.expectedTop = on;
    return self();
  }
}
