package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Linearised;
import dev.krongauss.kernel.Linearised.Layer;
import dev.krongauss.kernel.Linearised.Term;
import dev.krongauss.kernel.Stack;
import dev.krongauss.kernel.argument.Going;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.Model;
import java.util.ArrayList;
import java.util.List;

/**
 * J x, Jᵀ u and the outputs' second derivative along x in double, of the Jacobian that the traces
 * of the model's last forward pass give. All vectors are doubles at device addresses: of weights
 * [P], of residuals [K][N]. A pass of an iteration is not made when that has ended; of null it is
 * in any case.
 *
 * <p>The passes share the memory of the layers: one ends before the next begins. Where a library
 * multiplies: {@link LibraryPasses}.
 */
final class LinearisedPasses {
  private final Model model;
  private final Linearised kernel;
  private final Stack stacks;
  private final int K;
  private final int stack;
  private final int P;
  private final List<Long> T = new ArrayList<>();
  private final List<Long> H = new ArrayList<>();
  private final List<Long> U = new ArrayList<>();
  private final Matrix second;
  private final long partial;
  private final LibraryPasses library;
  private List<Layer> layers;
  private int n;
  private int slices;

  /**
   * Takes memory for passes of at most N rows.
   *
   * @param K residuals of a datapoint
   * @param stack rows of a datapoint
   * @param bends whether second derivatives are wanted
   */
  LinearisedPasses(
      Arena arena, Operations operations, Model model, int N, int K, int stack, boolean bends) {
    List<Matrix> W = model.parameters();
    this.model = model;
    this.kernel = new Linearised(model.device());
    this.stacks = new Stack(model.device());
    this.K = K;
    this.stack = stack;
    this.P = Check.count(ExactMemory.parameters(ExactMemory.widths(W)), "weights of a network");
    int widest = 1;
    for (Matrix w : W) {
      long values = (long) N * w.rows();
      T.add(doubles(arena, values, "tangent " + (T.size() + 1)));
      if (bends) {
        H.add(doubles(arena, values, "change of h " + T.size()));
        U.add(doubles(arena, values, "bend " + T.size()));
      }
      widest = T.size() < W.size() ? Math.max(widest, w.rows()) : widest;
    }
    second = bends ? arena.matrix(N, widest, "f''") : null;
    partial = doubles(arena, (long) Linearised.slices(N) * P, "partial sums of a gradient");
    library =
        operations.averagesGrams()
            ? null
            : new LibraryPasses(arena, model.device().blas().orElseThrow(), kernel, W, N);
  }

  /** Floats of the memory that the constructor takes, but for rounding up. */
  static double floats(int[] widths, int N, boolean bends) {
    double units = 0;
    int widest = 1;
    for (int l = 1; l < widths.length; l++) {
      units += widths[l];
      widest = l < widths.length - 1 ? Math.max(widest, widths[l]) : widest;
    }
    double partial = 2.0 * Linearised.slices(N) * ExactMemory.parameters(widths);
    double second = bends ? (double) N * Matrix.paddedStride(widest) : 0;
    return (bends ? 6 : 2) * N * units + partial + second + LibraryPasses.floats(widths, N);
  }

  /** Address of so many doubles of an arena. */
  static long doubles(Arena arena, long count, String name) {
    return arena.floats(2 * count, name).pointer();
  }

  /** The kernels. */
  Linearised kernel() {
    return kernel;
  }

  /** P. */
  int weights() {
    return P;
  }

  /** Takes the traces of a forward pass, which all that follows is of. */
  void begin(Stream s) {
    layers = new ArrayList<>();
    int place = 0;
    for (LayerTrace trace : model.traces()) {
      Layer layer = new Layer(trace.weights(), trace.input(), trace.derivative(), place);
      layers.add(layer);
      place += layer.W().rows() * layer.W().columns();
    }
    n = layers.get(0).a().rows();
    slices = library == null ? Linearised.slices(n) : 1;
    if (library != null) {
      library.begin(layers, s);
    }
  }

  /**
   * r = Sᵀ J x of every datapoint, S the square roots {@code top}. Of a datapoint of m rows each
   * has the sum over these, over √m.
   */
  void forward(Stream s, Going going, Matrix top, long x, long r) {
    tangent(s, going, x, false);
    project(s, going, top, T.get(T.size() - 1), r);
  }

  private void project(Stream s, Going going, Matrix top, long v, long r) {
    kernel.project(s, Going.stop(going), top, n, v, r);
    if (stack > 1) {
      stacks.add(s, Going.stop(going), r, K, n, stack);
    }
  }

  /** out = Σ_n Jᵀ S r / count and the term; of datapoints of several rows r is used up. */
  void back(Stream s, Going going, Matrix top, long r, int count, Term term, long out) {
    if (stack > 1) {
      stacks.add(s, Going.stop(going), r, K, n, stack);
    }
    kernel.combine(s, Going.stop(going), top, n, r, T.get(T.size() - 1));
    backward(s, going, count, term, out);
  }

  /** The same from a gradient of the outputs [N][d_L] in the place of S r. */
  void back(Stream s, Matrix outputGradient, int count, Term term, long out) {
    kernel.widen(s, List.of(outputGradient), T.get(T.size() - 1));
    backward(s, null, count, term, out);
  }

  /** The last sum again, with another count and term. */
  void sumAgain(Stream s, int count, Term term, long out) {
    kernel.sum(s, 0, partial, slices, P, count, term, out);
  }

  /** r = Sᵀ d²h_L / dt² along x. */
  void bend(Stream s, Going going, Matrix top, long x, long r) {
    tangent(s, going, x, true);
    List<LayerTrace> traces = model.traces();
    for (int l = 0; l < layers.size(); l++) {
      Matrix b = layers.get(l).b();
      Matrix f = b == null ? null : wrap(b);
      if (b != null) {
        traces.get(l).secondDerivative(f, s);
      }
      long below = l == 0 ? 0 : U.get(l - 1);
      long moved = l == 0 ? 0 : T.get(l - 1);
      kernel.bend(s, Going.stop(going), layers.get(l), below, moved, x, H.get(l), f, U.get(l));
    }
    project(s, going, top, U.get(U.size() - 1), r);
  }

  private Matrix wrap(Matrix like) {
    return Matrix.wrap(second.pointer(), like.rows(), like.columns(), second.stride());
  }

  private void tangent(Stream s, Going going, long x, boolean keep) {
    if (library != null && !keep) {
      library.tangent(s, going, x, T);
      return;
    }
    for (int l = 0; l < layers.size(); l++) {
      long below = l == 0 ? 0 : T.get(l - 1);
      kernel.tangent(s, Going.stop(going), layers.get(l), below, x, keep ? H.get(l) : 0, T.get(l));
    }
  }

  private void backward(Stream s, Going going, int count, Term term, long out) {
    if (library != null) {
      library.backward(s, going, T);
      library.gradient(s, going, T, partial);
    } else {
      backward(s, Going.stop(going));
    }
    kernel.sum(s, Going.stop(going), partial, slices, P, count, term, out);
  }

  private void backward(Stream s, long stop) {
    for (int l = layers.size() - 1; l > 0; l--) {
      Matrix b = layers.get(l - 1).b();
      kernel.backward(s, stop, layers.get(l), T.get(l), b, T.get(l - 1));
    }
    kernel.gradient(s, stop, layers, T, partial, P);
  }
}
