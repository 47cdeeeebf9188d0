package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Blas;
import dev.krongauss.device.Check;
import dev.krongauss.device.Doubles;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Linearised;
import dev.krongauss.kernel.Linearised.Layer;
import dev.krongauss.kernel.argument.Going;
import java.util.ArrayList;
import java.util.List;

/**
 * The products of {@link LinearisedPasses} by a library in double, from weights and inputs that are
 * widened once a forward pass. Where an iteration has ended, its factors on the device are 0.
 */
final class LibraryPasses {
  private final Blas blas;
  private final Linearised kernel;
  private final long weights;
  private final List<Long> inputs = new ArrayList<>();
  private final List<Long> slopes = new ArrayList<>();
  private final long scratch;
  private List<Layer> layers;

  /** Takes memory for batches of N datapoints. */
  LibraryPasses(Arena arena, Blas blas, Linearised kernel, List<Matrix> W, int N) {
    this.blas = blas;
    this.kernel = kernel;
    long P = 0;
    int widest = 1;
    for (Matrix w : W) {
      P += (long) w.rows() * w.columns();
      inputs.add(LinearisedPasses.doubles(arena, (long) N * w.columns(), "wide inputs"));
      if (inputs.size() < W.size()) {
        slopes.add(LinearisedPasses.doubles(arena, (long) N * w.rows(), "wide slopes"));
        widest = Math.max(widest, w.rows());
      }
    }
    weights = LinearisedPasses.doubles(arena, P, "wide weights");
    scratch = LinearisedPasses.doubles(arena, (long) N * widest, "before the slopes");
  }

  /** Floats of the memory that the constructor takes. */
  static double floats(int[] widths, int N) {
    double doubles = ExactMemory.parameters(widths);
    int widest = 1;
    for (int l = 1; l < widths.length; l++) {
      doubles += N * (widths[l - 1] + 1.0);
      if (l < widths.length - 1) {
        doubles += (double) N * widths[l];
        widest = Math.max(widest, widths[l]);
      }
    }
    return 2 * (doubles + (double) N * widest);
  }

  /** Widens what the layers of a forward pass hold. */
  void begin(List<Layer> of, Stream s) {
    layers = of;
    kernel.widen(s, of.stream().map(Layer::W).toList(), weights);
    for (int l = 0; l < of.size(); l++) {
      kernel.widen(s, List.of(of.get(l).a()), inputs.get(l));
      if (l < slopes.size()) {
        kernel.widen(s, List.of(of.get(l).b()), slopes.get(l));
      }
    }
  }

  /** T_l = b_l o (T_{l-1} W_l' + a_{l-1} X_l') of all layers. */
  void tangent(Stream s, Going going, long x, List<Long> T) {
    for (int l = 0; l < layers.size(); l++) {
      Doubles out = units(l, T.get(l));
      Doubles h = l < slopes.size() ? units(l, scratch) : out;
      product(s, going, false, input(l), true, at(x, l), false, h);
      if (l > 0) {
        Doubles below = units(l - 1, T.get(l - 1));
        product(s, going, false, below, true, at(weights, l).columns(below.columns()), true, h);
      }
      bend(s, going, l, h, out);
    }
  }

  /** D_{l-1} = (D_l W_l) o b_{l-1} of all layers. */
  void backward(Stream s, Going going, List<Long> D) {
    for (int l = layers.size() - 1; l > 0; l--) {
      Doubles below = units(l - 1, D.get(l - 1));
      Doubles h = units(l - 1, scratch);
      Doubles W = at(weights, l).columns(below.columns());
      product(s, going, false, units(l, D.get(l)), false, W, false, h);
      bend(s, going, l - 1, h, below);
    }
  }

  /** out = sum of D_l' a_{l-1}, all layers side by side, row by row. */
  void gradient(Stream s, Going going, List<Long> D, long out) {
    for (int l = 0; l < layers.size(); l++) {
      product(s, going, true, units(l, D.get(l)), false, input(l), false, at(out, l));
    }
  }

  /** out = b_l o h of a hidden layer; that of the output is h. */
  private void bend(Stream s, Going going, int l, Doubles h, Doubles out) {
    if (l < slopes.size()) {
      int n = Check.count((long) h.rows() * h.columns(), "elements of a layer");
      long b = slopes.get(l);
      if (going == null) {
        blas.calls().diagonal(s, n, b, h.pointer(), out.pointer());
      } else {
        blas.calls().diagonal(s, n, b, h.pointer(), going.go(), going.keep(), out.pointer());
      }
    }
  }

  /** out = op(A) op(B), or added to what is there. */
  private void product(
      Stream s,
      Going going,
      boolean transposeA,
      Doubles A,
      boolean transposeB,
      Doubles B,
      boolean add,
      Doubles out) {
    if (going == null) {
      blas.product(s, transposeA, A, transposeB, B, add ? 1 : 0, out);
      return;
    }
    long other = add ? going.one() : going.keep();
    blas.calls().product(s, transposeA, A, transposeB, B, going.go(), other, out);
  }

  private Doubles input(int l) {
    Matrix a = layers.get(l).a();
    return Doubles.of(inputs.get(l), a.rows(), a.columns());
  }

  private Doubles units(int l, long of) {
    Layer layer = layers.get(l);
    return Doubles.of(of, layer.a().rows(), layer.W().rows());
  }

  /** A layer's part of a vector of weights. */
  private Doubles at(long vector, int l) {
    Layer layer = layers.get(l);
    Matrix W = layer.W();
    return Doubles.of(vector + 8L * layer.place(), W.rows(), W.columns());
  }
}
