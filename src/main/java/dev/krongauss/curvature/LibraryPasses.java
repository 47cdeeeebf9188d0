package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Blas;
import dev.krongauss.device.Doubles;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Linearised;
import dev.krongauss.kernel.Linearised.Layer;
import java.util.ArrayList;
import java.util.List;

/**
 * The products of {@link LinearisedPasses} by a library in double, from weights and inputs that are
 * widened once a forward pass. A library's call runs whatever an int on the device says: these are
 * for passes that are made in any case.
 */
final class LibraryPasses {
  private final Blas blas;
  private final Linearised kernel;
  private final long weights;
  private final List<Long> inputs = new ArrayList<>();
  private List<Layer> layers;

  /** Takes memory for batches of N datapoints. */
  LibraryPasses(Arena arena, Blas blas, Linearised kernel, List<Matrix> W, int N) {
    this.blas = blas;
    this.kernel = kernel;
    long P = 0;
    for (Matrix w : W) {
      P += (long) w.rows() * w.columns();
      inputs.add(LinearisedPasses.doubles(arena, (long) N * w.columns(), "wide inputs"));
    }
    weights = LinearisedPasses.doubles(arena, P, "wide weights");
  }

  /** Floats of the memory that the constructor takes. */
  static double floats(int[] widths, int N) {
    double doubles = ExactMemory.parameters(widths);
    for (int l = 1; l < widths.length; l++) {
      doubles += N * (widths[l - 1] + 1.0);
    }
    return 2 * doubles;
  }

  /** Widens what the layers of a forward pass hold. */
  void begin(List<Layer> of, Stream s) {
    layers = of;
    kernel.widen(s, of.stream().map(Layer::W).toList(), weights);
    for (int l = 0; l < of.size(); l++) {
      kernel.widen(s, List.of(of.get(l).a()), inputs.get(l));
    }
  }

  /** T_l = b_l o (T_{l-1} W_l' + a_{l-1} X_l') of all layers. */
  void tangent(Stream s, long x, List<Long> T) {
    for (int l = 0; l < layers.size(); l++) {
      Matrix W = layers.get(l).W();
      Doubles out = units(l, T);
      blas.product(s, false, input(l), true, at(x, l), 0, out);
      if (l > 0) {
        Doubles below = units(l - 1, T);
        blas.product(s, false, below, true, at(weights, l).columns(W.columns() - 1), 1, out);
      }
      bend(s, l, out);
    }
  }

  /** D_{l-1} = (D_l W_l) o b_{l-1} of all layers. */
  void backward(Stream s, List<Long> D) {
    for (int l = layers.size() - 1; l > 0; l--) {
      Doubles below = units(l - 1, D);
      Doubles W = at(weights, l).columns(below.columns());
      blas.product(s, false, units(l, D), false, W, 0, below);
      bend(s, l - 1, below);
    }
  }

  /** out = sum of D_l' a_{l-1}, all layers side by side, row by row. */
  void gradient(Stream s, List<Long> D, long out) {
    for (int l = 0; l < layers.size(); l++) {
      blas.product(s, true, units(l, D), false, input(l), 0, at(out, l));
    }
  }

  private void bend(Stream s, int l, Doubles out) {
    if (layers.get(l).b() != null) {
      kernel.slopes(s, layers.get(l).b(), out.pointer());
    }
  }

  private Doubles input(int l) {
    Matrix a = layers.get(l).a();
    return Doubles.of(inputs.get(l), a.rows(), a.columns());
  }

  private Doubles units(int l, List<Long> of) {
    Layer layer = layers.get(l);
    return Doubles.of(of.get(l), layer.a().rows(), layer.W().rows());
  }

  /** A layer's part of a vector of weights. */
  private Doubles at(long vector, int l) {
    Layer layer = layers.get(l);
    Matrix W = layer.W();
    return Doubles.of(vector + 8L * layer.place(), W.rows(), W.columns());
  }
}
