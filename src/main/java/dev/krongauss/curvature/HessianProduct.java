package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Hadamard;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import java.util.ArrayList;
import java.util.List;

/**
 * Products with the exact Hessian of a batch's mean loss: forward over reverse, from the traces of
 * any model. R{x} is the change of x along the direction Δ.
 *
 * <pre>
 * R{h_l}     = Δ_l ā_{l-1} + W_l R{a_{l-1}},   R{a_l} = b_l ∘ R{h_l}
 * R{δ_L}     = (∂²E/∂h_L²) R{h_L}
 * R{δ_{l-1}} = b_{l-1} ∘ (W_lᵀ R{δ_l} + Δ_lᵀ δ_l) + D_{l-1} ∘ R{h_{l-1}},   D = f'' ∘ W_lᵀ δ_l
 * product_l  = 1/N Σ_n R{δ_l} ā_{l-1}ᵀ + δ_l [R{a_{l-1}}; 0]ᵀ
 * </pre>
 *
 * <p>The Hessian may have negative curvature. Where a hidden unit sits on a kink (ReLU at 0) the
 * derivative of the left side counts.
 *
 * <p>Source: B. Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 1994.
 */
public final class HessianProduct implements CurvatureProduct {
  private final Model model;
  private final LossFunction lossFunction;
  private final LossFunction.OnDevice loss;
  private final Operations operations;
  private final Hadamard hadamard;
  private Arena arena;
  private BackwardPass backward;
  private final List<Matrix> movedH = new ArrayList<>();
  private final List<Matrix> movedA = new ArrayList<>();
  private final List<Matrix> movedDelta = new ArrayList<>();
  private List<LayerTrace> traces;
  private Matrix h;
  private Matrix t;

  /**
   * Of this model, with this loss; memory comes with the first {@link #at}.
   *
   * @throws IllegalArgumentException as {@link Operations#of}
   */
  public HessianProduct(Model model, LossFunction loss) {
    this(model, loss, Operations.of(model.device()));
  }

  /** The same, with products computed as {@code operations} says. */
  public HessianProduct(Model model, LossFunction loss, Operations operations) {
    this.model = model;
    this.lossFunction = loss;
    this.loss = loss.on(model.device());
    this.operations = operations;
    this.hadamard = new Hadamard(model.device());
  }

  @Override
  public void at(Matrix h, Matrix t, Stream s) {
    Directions.output(model, lossFunction, h, t);
    traces = model.traces();
    if (backward == null || movedH.get(0).rows() != h.rows()) {
      release();
      allocate(h);
    }
    this.h = null; // not ready, should the passes fail
    backward.run(loss, traces, h, t, s);
    this.h = h;
    this.t = t;
  }

  @Override
  public void apply(List<Matrix> direction, float damping, List<Matrix> product, Stream s) {
    Directions.check(model, direction, damping, product);
    Directions.ready(h != null);
    moveForward(direction, s);
    loss.hessianVector(h, t, movedH.get(traces.size() - 1), movedDelta.get(traces.size() - 1), s);
    moveBackward(direction, s);
    float mean = 1f / h.rows();
    List<Matrix> inputs = traces.stream().map(LayerTrace::input).toList();
    operations.gradients(s, movedDelta, inputs, mean, damping, direction, product);
    for (int l = 1; l < traces.size(); l++) { // the input itself does not move, nor does the 1
      Matrix below = movedA.get(l - 1);
      Matrix part = product.get(l).columns(below.columns());
      operations.product(s, true, backward.deltas().get(l), false, below, mean, 1, part);
    }
  }

  private void moveForward(List<Matrix> direction, Stream s) {
    for (int l = 0; l < traces.size(); l++) {
      LayerTrace trace = traces.get(l);
      Matrix below = l == 0 ? null : movedA.get(l - 1);
      operations.tangent(
          s, trace.input(), direction.get(l), below, trace.weights(), null, movedH.get(l));
      if (l < traces.size() - 1) {
        hadamard.product(s, movedH.get(l), trace.derivative(), movedA.get(l));
      }
    }
  }

  private void moveBackward(List<Matrix> direction, Stream s) {
    for (int l = traces.size() - 1; l > 0; l--) {
      Matrix below = movedDelta.get(l - 1);
      int inputs = below.columns();
      Matrix W = traces.get(l).weights().columns(inputs);
      Matrix D = direction.get(l).columns(inputs);
      operations.product(s, false, movedDelta.get(l), false, W, 1, 0, below);
      operations.product(s, false, backward.deltas().get(l), false, D, 1, 1, below);
      Matrix slope = traces.get(l - 1).derivative();
      hadamard.sum(s, below, slope, backward.D(l - 1), movedH.get(l - 1), below);
    }
  }

  private void allocate(Matrix output) {
    arena = model.device().newArena("Hessian products");
    BackwardPass pass = new BackwardPass(arena, operations, hadamard, traces, output);
    for (LayerTrace trace : traces) {
      int l = movedH.size() + 1;
      int d = trace.weights().rows();
      movedH.add(arena.matrix(output.rows(), d, "R{h" + l + "}"));
      movedDelta.add(arena.matrix(output.rows(), d, "R{delta" + l + "}"));
      if (l < traces.size()) {
        movedA.add(arena.matrix(output.rows(), d, "R{a" + l + "}"));
      }
    }
    backward = pass; // says above that the memory is there: set last, should there be none
  }

  @Override
  public void close() {
    release();
    loss.close();
  }

  private void release() {
    if (arena != null) {
      arena.close();
      arena = null;
      backward = null;
      movedH.clear();
      movedA.clear();
      movedDelta.clear();
      h = null;
    }
  }
}
