package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.ElementGroups;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.group.Groups;
import dev.krongauss.kernel.tile.Tiles;
import java.util.List;

/** Muon's steps around its products, of all layers ({@code kernels/muon.cu}). */
public final class Muon {
  private static final int SIDE = 32;

  /** Least norm that a matrix is divided by. */
  public static final float EPSILON = 1e-7f;

  private final Function momentum;
  private final Function normalize;
  private final Function polynomial;
  private final Function step;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Muon(Device device) {
    momentum = device.function("muon", "muon_f32__momentum");
    normalize = device.function("muon", "muon_f32__normalize");
    polynomial = device.function("muon", "muon_f32__polynomial");
    step = device.function("muon", "muon_f32__step");
  }

  /** Floats of scratch that {@link #direction} needs for matrices of these shapes: one a tile. */
  public static int scratchFloats(List<Matrix> matrices) {
    long tiles = 0;
    for (Matrix matrix : matrices) {
      tiles += tiles(matrix);
    }
    return Check.count(tiles, "tiles of all matrices");
  }

  /**
   * M ← M + (1 − mu)(g − M), and X = g + mu (M − g) with Nesterov's look-ahead, else M, divided by
   * its Frobenius norm or {@link #EPSILON}, whichever is greater; two launches for up to 32 layers.
   *
   * @param g gradients [rows][columns] of the layers
   * @param M momentum, shaped like g, zero before the first step
   * @param X shaped like g, or like its transpose, which it then is
   * @param mu in [0, 1)
   * @param scratchPointer device address of {@link #scratchFloats} floats
   * @param acceptedPointer device address of one int; nothing is written unless it is 1. 0 (no
   *     address): always
   * @throws IllegalArgumentException if shapes do not fit, matrices coincide, or mu is out of range
   */
  public void direction(
      Stream s,
      List<Matrix> g,
      List<Matrix> M,
      List<Matrix> X,
      double mu,
      boolean nesterov,
      long scratchPointer,
      long acceptedPointer) {
    ElementGroups.check(g, "g", M, "M");
    checkTurned(g, "g", X);
    checkTurned(M, "M", X);
    Check.that(mu >= 0 && mu < 1, "Muon's momentum is %s; it must lie in [0, 1), usually 0.95", mu);
    Elements.address(scratchPointer, "the scratch");
    Groups.launch(
        momentum,
        s,
        g.size(),
        new OfTiles(
            56,
            g,
            (launch, l) -> {
              head(launch, g.get(l)).i32(turned(g.get(l), X.get(l)));
              matrices(launch, g.get(l), M.get(l), X.get(l));
            },
            (launch, first) ->
                launch
                    .f32((float) mu)
                    .f32((float) (1 - mu))
                    .i32(nesterov ? 1 : 0)
                    .pointer(scratchPointer + 4L * scratchFloats(g.subList(0, first)))
                    .pointer(acceptedPointer)));
    Groups.launch(
        normalize,
        s,
        X.size(),
        new OfTiles(
            32,
            X,
            (launch, l) -> matrices(head(launch, X.get(l)), X.get(l)),
            (launch, first) ->
                launch
                    .pointer(scratchPointer + 4L * scratchFloats(X.subList(0, first)))
                    .f32(EPSILON)
                    .pointer(acceptedPointer)));
  }

  /**
   * B = a I + b A + c B, lower triangles, for every layer; one launch for up to 32 layers.
   *
   * @param A [n][n], lower triangle read
   * @param B [n][n], lower triangle read and written
   * @throws IllegalArgumentException if shapes differ or matrices coincide
   */
  public void polynomial(Stream s, List<Matrix> A, List<Matrix> B, float a, float b, float c) {
    ElementGroups.check(A, "A", B, "B");
    A.forEach(each -> Tiles.square(each, "A"));
    Groups.launch(
        polynomial,
        s,
        A.size(),
        new ElementGroups(List.of(A, B), (launch, first) -> launch.f32(a).f32(b).f32(c)));
  }

  /**
   * W ← (1 − lr decay) W − lr scale X for every layer; one launch for up to 32 layers.
   *
   * @param W weights [rows][columns] of the layers
   * @param X shaped like W, or like its transpose, which it then is
   * @param scale one a layer
   * @param decay decoupled weight decay; 0 for none
   * @param learningRatePointer device address of one float
   * @param acceptedPointer device address of one int; nothing is written unless it is 1. 0 (no
   *     address): always
   * @throws IllegalArgumentException if counts or shapes do not fit or matrices coincide
   */
  public void step(
      Stream s,
      List<Matrix> W,
      List<Matrix> X,
      float[] scale,
      float decay,
      long learningRatePointer,
      long acceptedPointer) {
    checkTurned(W, "W", X);
    Check.that(scale.length == W.size(), "%d scales of %d layers", scale.length, W.size());
    Elements.address(learningRatePointer, "the learning rate");
    Groups.launch(
        step,
        s,
        W.size(),
        new OfTiles(
            48,
            W,
            (launch, l) -> {
              head(launch, W.get(l)).i32(turned(W.get(l), X.get(l)));
              matrices(launch, W.get(l), X.get(l)).f32(scale[l]);
            },
            (launch, first) ->
                launch.f32(decay).pointer(learningRatePointer).pointer(acceptedPointer)));
  }

  /** Writes what a group or a launch has beside its first block. */
  private interface Writer {
    void write(Launch launch, int index);
  }

  /** A block a tile. */
  private record OfTiles(int bytes, List<Matrix> tiled, Writer group, Writer rest)
      implements Groups.Kernel {
    @Override
    public long blocks(int g) {
      return tiles(tiled.get(g));
    }

    @Override
    public void members(Launch launch, int g) {
      group.write(launch, g);
    }

    @Override
    public void others(Launch launch, int first) {
      rest.write(launch, first);
    }
  }

  private static Launch head(Launch launch, Matrix matrix) {
    return launch.i32(matrix.rows()).i32(matrix.columns());
  }

  private static Launch matrices(Launch launch, Matrix... all) {
    for (Matrix each : all) {
      launch.matrix(each);
    }
    for (Matrix each : all) {
      launch.i32(each.stride());
    }
    return launch;
  }

  private static long tiles(Matrix matrix) {
    return (long) Tiles.up(matrix.rows(), SIDE) * Tiles.up(matrix.columns(), SIDE);
  }

  private static int turned(Matrix matrix, Matrix X) {
    return matrix.rows() == X.rows() && matrix.columns() == X.columns() ? 0 : 1;
  }

  private static void checkTurned(List<Matrix> of, String name, List<Matrix> X) {
    Check.that(of.size() == X.size(), "%d of %s but %d of X", of.size(), name, X.size());
    for (int l = 0; l < X.size(); l++) {
      if (turned(of.get(l), X.get(l)) == 1) {
        Check.shape(X.get(l), of.get(l).columns(), of.get(l).rows(), "X[" + l + "]");
      }
      Tiles.distinct(X.get(l), of.get(l), "X[" + l + "]", name + "[" + l + "]");
    }
  }
}
