package dev.krongauss.precondition;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Coefficients;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.ControlLayers;
import dev.krongauss.kernel.GradientAverage;
import dev.krongauss.kernel.LayerMeasures;
import dev.krongauss.kernel.LayerUpdate;
import dev.krongauss.kernel.argument.Beginning;
import dev.krongauss.kernel.argument.Part;
import dev.krongauss.model.State;
import java.util.ArrayList;
import java.util.List;

/**
 * One step length a layer, on a scalar block of somebody else: Δ_l = −(G_l + γ/ω I)⁻¹ m_l (Q_l + ωγ
 * I)⁻¹ with an average m of the gradient, and W_l += x_l Δ_l, where x minimises the quadratic model
 * xᵀr + ½ xᵀ(A + κ/a₀ P) x.
 *
 * <p>r_l = ⟨Δ_l, g_l⟩ of the whole batch, A = C + (λ+η) diag ‖Δ_l‖² with the exact Gauss-Newton
 * matrix C of the directions on a part of the batch, P = diag(−⟨Δ_l, m_l⟩) their square in the
 * metric of the damped factors, a₀ the length that one step for all layers would have. κ is how far
 * the exact minimum, which fits the batch, is pulled to a₀/κ of the factors' own.
 *
 * <p>Trainers use {@link LayerSteps}, which has a block of its own. All calls enqueue and take no
 * decision by a value; memory belongs to the arena.
 */
public final class LayerRule {
  /** λ of the first update. */
  public static final float LAMBDA = 5e-3f;

  /** The least λ that its rule chooses: below it steps fit the noise of their batches. */
  public static final float LEAST_LAMBDA = 3e-4f;

  /** Updates from the first refresh of the factors to the second. */
  public static final int REFRESH_EVERY = 5;

  /** κ of the first update. */
  private static final float KAPPA = 0.2f;

  /** Weight of the past in the average of the gradient, from the fourth accepted update on. */
  private static final float GRADIENT_DECAY = 0.5f;

  /** Of a layer: the product with its direction before, and what is measured. */
  static final int NUMBERS = 1 + LayerMeasures.MEASURES;

  private final ControlLayers control;
  private final GradientAverage average;
  private final LayerMeasures layerMeasures;
  private final Coefficients coefficients;
  private final LayerUpdate update;
  private final Control.Rules rules;
  private final long scalars;
  private final LayerOwners owners;
  private final List<Matrix> m; // of this rank's layers
  private final Matrix numbers; // of all layers: products with the directions before, and measures
  private final Matrix own; // those of this rank's layers
  private final SharedDirections shared; // null for one alone
  private final Buffer averageScratch;
  private final Buffer measuresScratch;
  private final Buffer system;
  private final Buffer traces;

  /**
   * Takes memory and loads the kernels.
   *
   * @param shapes matrices shaped like the weights; only their shapes are looked at
   * @param scalars device address of the slots of {@link Control} and, behind them, a float a layer
   * @param rules of which {@code rescaling} and {@code momentum} do not count
   */
  public LayerRule(
      Device device, Arena arena, List<Matrix> shapes, long scalars, Control.Rules rules) {
    this(device, arena, shapes, scalars, rules, LayerOwners.one(shapes.size()), null);
  }

  /**
   * The same for one of several ranks, each of which averages, solves and measures for its own
   * layers. Of gradients and their averages only those of its layers are looked at.
   *
   * @param shared the directions of all calls; null for one alone
   */
  public LayerRule(
      Device device,
      Arena arena,
      List<Matrix> shapes,
      long scalars,
      Control.Rules rules,
      LayerOwners owners,
      SharedDirections shared) {
    int L = shapes.size();
    this.rules = rules;
    this.scalars = scalars;
    this.owners = owners;
    control = new ControlLayers(device);
    average = new GradientAverage(device);
    layerMeasures = new LayerMeasures(device);
    coefficients = new Coefficients(device);
    update = new LayerUpdate(device);
    m = new ArrayList<>();
    List<Matrix> ownShapes = owners.own(shapes);
    for (Matrix shape : ownShapes) {
      String name = "average of the gradient " + (owners.first() + m.size() + 1);
      m.add(arena.matrix(shape.rows(), shape.columns(), name));
    }
    numbers = rows(arena, L, "products with the directions before, and measures of the layers");
    own =
        owners.shared() ? rows(arena, ownShapes.size(), "the same of this rank's layers") : numbers;
    this.shared = shared;
    averageScratch =
        arena.floats(GradientAverage.scratchFloats(ownShapes), "scratch of those products");
    measuresScratch =
        arena.floats(LayerMeasures.scratchFloats(ownShapes), "scratch of the measures");
    traces = arena.floats(2L * L, "traces at the last refresh");
    int doubles = Coefficients.scratchDoubles(L);
    system = doubles == 0 ? null : arena.floats(2L * doubles, "system of the step lengths");
  }

  private static Matrix rows(Arena arena, int layers, String name) {
    long pointer = arena.floats((long) NUMBERS * layers, name).pointer();
    return Matrix.wrap(pointer, NUMBERS, layers, layers);
  }

  /**
   * The slots of {@link Control} before the first update: NaN for what there may be none of, κ, and
   * the updates between refreshes.
   */
  public static float[] blank() {
    float[] slots = new float[Control.SLOTS];
    slots[Control.CURVATURE] = Float.NaN;
    slots[Control.RHO] = Float.NaN;
    slots[Control.BLOCK_CURVATURE] = Float.NaN;
    slots[Control.MODELLED_CURVATURE] = Float.NaN;
    slots[Control.KAPPA] = KAPPA;
    slots[Control.REFRESH_EVERY] = Float.intBitsToFloat(REFRESH_EVERY);
    return slots;
  }

  /** Factor of a λ that falls, where its rule looks every {@code updates} updates. */
  public static float fall(int updates) {
    return (float) Math.pow(0.99, updates);
  }

  /** λ grows by 1 over this: ω1 = (19/20)^T1 of the paper. */
  public static float omega(int updates) {
    return (float) Math.pow(19.0 / 20.0, updates);
  }

  /** Device address of the step lengths x, a float a layer. */
  public long steps() {
    return at(Control.SLOTS);
  }

  /** Begins an update: counts it and, if {@code gammaFollows}, sets γ = √(λ + η). */
  public void begin(boolean gammaFollows, Stream s) {
    control.begin(s, beginning(gammaFollows));
  }

  /** The same for those who enqueue it with something else. */
  public Beginning beginning(boolean gammaFollows) {
    return new Beginning(scalars, rules.eta(), gammaFollows, GRADIENT_DECAY);
  }

  /**
   * Writes the average m with this gradient over the directions before, and measures how these
   * agree with it, which κ follows.
   *
   * @param g gradients, L2 term included
   * @param D the directions before; m afterwards, for the solve
   */
  public void average(List<Matrix> g, List<Matrix> D, Stream s) {
    average.applyAlong(
        s, m, owners.own(g), mu(), owners.own(D), averageScratch.pointer(), own.pointer());
  }

  /**
   * Measures r, ‖Δ‖², p and ‖W‖² of every layer; g and its average are those of this update. With
   * other ranks all get each other's measures and directions then, and wait for them.
   *
   * @param part of the batch, to be taken for C by the same launch; null for none
   */
  public void measure(List<Matrix> D, List<Matrix> g, List<Matrix> W, Part part, Stream s) {
    layerMeasures.measure(
        s,
        owners.own(D),
        owners.own(g),
        m,
        owners.own(W),
        mu(),
        measuresScratch.pointer(),
        part,
        measures(own));
    if (shared != null) {
      shared.run(own, numbers, s);
    }
  }

  /** Where the measures are: behind the products. */
  private static long measures(Matrix numbers) {
    return numbers.pointer() + 4L * numbers.stride();
  }

  /**
   * Step lengths, whether the update is accepted, and when the factors are to be refreshed next;
   * the loss is in the block.
   *
   * @param C {@code [L][L]}, lower triangle read
   * @param preconditioner that the directions are from
   * @param refreshed whether this update has refreshed it
   */
  public void decide(Matrix C, Preconditioner preconditioner, boolean refreshed, Stream s) {
    coefficients.decide(s, decision(C, preconditioner, refreshed));
  }

  /** What {@link #decide} decides by, for those who do it in a launch of their own. */
  public Coefficients.Decision decision(
      Matrix C, Preconditioner preconditioner, boolean refreshed) {
    return new Coefficients.Decision(
        new Coefficients.Model(C, measures(numbers), system == null ? 0 : system.pointer()),
        numbers.pointer(),
        steps(),
        scalars,
        preconditioner.rungs(),
        new Coefficients.Traces(refreshed ? preconditioner.traces() : 0, traces.pointer()),
        rules);
  }

  /**
   * If the update is accepted, W_l += x_l Δ_l, the gradient enters its average, and the weights
   * enter theirs.
   *
   * @param iterates null for none
   */
  public void apply(
      List<Matrix> W, List<Matrix> D, List<Matrix> g, LayerUpdate.Iterates iterates, Stream s) {
    LayerUpdate.Gradients gradients = new LayerUpdate.Gradients(m, owners.own(g), mu());
    apply(owners.first(), owners.end(), W, D, gradients, iterates, s);
    apply(0, owners.first(), W, D, null, iterates, s);
    apply(owners.end(), owners.layers(), W, D, null, iterates, s);
  }

  /** Of some layers; of other ranks' without their gradients. */
  private void apply(
      int first,
      int end,
      List<Matrix> W,
      List<Matrix> D,
      LayerUpdate.Gradients gradients,
      LayerUpdate.Iterates of,
      Stream s) {
    if (first < end) {
      LayerUpdate.Iterates iterates =
          of == null
              ? null
              : new LayerUpdate.Iterates(of.A().subList(first, end), of.decay(), of.applied());
      update.apply(
          s,
          W.subList(first, end),
          D.subList(first, end),
          steps() + 4L * first,
          gradients,
          iterates,
          at(Control.ACCEPTED));
    }
  }

  /**
   * What outlives an update, but for the scalars: the average of the gradient over the accepted
   * updates, and what κ and the refreshes follow, the last step and the traces at the last refresh.
   */
  public void exchange(State state, List<Matrix> D) {
    state.matrices("gradientAverage", m);
    state.matrices("direction", D);
    state.buffer("traces", traces);
  }

  private long mu() {
    return at(Control.GRADIENT_DECAY);
  }

  private long at(int slot) {
    return scalars + 4L * slot;
  }
}
