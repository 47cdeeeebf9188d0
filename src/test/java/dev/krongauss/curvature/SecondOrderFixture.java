package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceSecondOrder;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A problem after its forward pass, with exact curvature of the library and of the reference beside
 * each other.
 *
 * <p>Bounds: an element is a sum of products of up to three numbers that each took a path through
 * the network, and the derivatives of the transfer functions move with the rounding of h, which
 * their own derivatives, at most 2 in size, pass on. With {@link #C} = 6 paths of {@link
 * Problem.Setup#path()} roundings each, relative to the largest sum of absolute terms.
 */
final class SecondOrderFixture implements AutoCloseable {
  private static final double C = 6;

  final Problem problem;
  final ReferenceSecondOrder reference;
  final Stream s = TestDevice.get().stream();
  final Matrix h;
  private final Operations operations;
  private final ReferenceSecondOrder absolute;
  private final Arena arena = TestDevice.get().newArena("second-order test");
  private final List<AutoCloseable> opened = new ArrayList<>();

  SecondOrderFixture(Problem.Setup setup, Operations.Mode mode) {
    problem = setup.open(mode);
    operations = new Operations(TestDevice.get(), mode);
    reference =
        new ReferenceSecondOrder(
            problem.reference(), problem.X(), problem.T(), problem.referenceLoss());
    absolute = reference.absolute();
    h = problem.network().forward(problem.batch(), s);
  }

  int layers() {
    return problem.network().parameters().size();
  }

  /** Exact blocks at the forward pass, closed with this. */
  CurvatureBlocks blocks(long budget) {
    return kept(
        new CurvatureBlocks(
            problem.network(),
            problem.loss(),
            h,
            problem.batch().targets(),
            s,
            operations,
            budget));
  }

  CurvatureBlocks blocks() {
    return blocks(CurvatureBlocks.DEFAULT_BUDGET_BYTES);
  }

  /** The product of a kind at the forward pass, closed with this. */
  CurvatureProduct product(CurvatureBlocks.Kind kind) {
    CurvatureProduct product =
        kind == CurvatureBlocks.Kind.HESSIAN
            ? new HessianProduct(problem.network(), problem.loss(), operations)
            : new GaussNewtonProduct(problem.network(), problem.loss());
    product.at(h, problem.batch().targets(), s);
    return kept(product);
  }

  /** Matrix Δ (+ damping Δ), as matrices of doubles. */
  double[][][] apply(CurvatureProduct product, double[][][] direction, double damping) {
    List<Matrix> D = new ArrayList<>();
    List<Matrix> out = new ArrayList<>();
    for (double[][] layer : direction) {
      D.add(arena.matrix(layer.length, layer[0].length, "direction"));
      D.get(D.size() - 1).upload(DeviceBatch.compact(layer), s);
      out.add(arena.matrix(layer.length, layer[0].length, "product"));
      float[] poison = new float[layer.length * layer[0].length];
      Arrays.fill(poison, Float.NaN);
      out.get(out.size() - 1).upload(poison, s);
    }
    product.apply(D, (float) damping, out, s);
    double[][][] result = new double[out.size()][][];
    for (int l = 0; l < result.length; l++) {
      result[l] = download(out.get(l));
    }
    return result;
  }

  double[][] download(Matrix matrix) {
    return Algebra.matrix(matrix.download(s), matrix.rows(), matrix.columns());
  }

  /** A direction in all layers, uniform in [−1, 1). */
  double[][][] direction(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return problem.network().parameters().stream()
        .map(W -> Problem.random(W.rows(), W.columns(), random))
        .toArray(double[][][]::new);
  }

  /** The direction in one layer, 0 in the others. */
  static double[][][] only(double[][][] direction, int layer) {
    double[][][] one = new double[direction.length][][];
    for (int l = 0; l < one.length; l++) {
      one[l] = Algebra.scale(l == layer ? 1 : 0, direction[l]);
    }
    return one;
  }

  /** vec(W): column by column. */
  static double[] vec(double[][] W) {
    int d = W.length;
    double[] v = new double[d * W[0].length];
    for (int p = 0; p < v.length; p++) {
      v[p] = W[p % d][p / d];
    }
    return v;
  }

  double[][] referenceBlock(CurvatureBlocks.Kind kind, int layer) {
    return block(reference, kind, layer);
  }

  double[][] referenceMean(CurvatureBlocks.Kind kind, int layer) {
    return mean(reference, kind, layer);
  }

  double[][] referenceOfDatapoint(CurvatureBlocks.Kind kind, int n, int layer) {
    return ofDatapoint(reference, kind, n, layer);
  }

  double[][][] referenceProduct(CurvatureBlocks.Kind kind, double[][][] direction) {
    return product(reference, kind, direction);
  }

  /** The error allowed of a layer's block. */
  double blockBound(CurvatureBlocks.Kind kind, int layer) {
    return bound(Algebra.largest(block(absolute, kind, layer)));
  }

  /** The error allowed of a layer's mean pre-activation curvature. */
  double meanBound(CurvatureBlocks.Kind kind, int layer) {
    return bound(Algebra.largest(mean(absolute, kind, layer)));
  }

  double ofDatapointBound(CurvatureBlocks.Kind kind, int n, int layer) {
    return bound(Algebra.largest(ofDatapoint(absolute, kind, n, layer)));
  }

  /** The error allowed of a product in each layer. */
  double[] productBound(CurvatureBlocks.Kind kind, double[][][] direction) {
    double[][][] size = Arrays.stream(direction).map(Algebra::absolute).toArray(double[][][]::new);
    return Arrays.stream(product(absolute, kind, size))
        .mapToDouble(layer -> bound(Algebra.largest(layer)))
        .toArray();
  }

  private double bound(double scale) {
    return Compare.bound(C, problem.setup().path(), scale);
  }

  private static double[][] block(ReferenceSecondOrder of, CurvatureBlocks.Kind kind, int layer) {
    return kind == CurvatureBlocks.Kind.HESSIAN
        ? of.hessianBlock(layer)
        : of.gaussNewtonBlock(layer);
  }

  private static double[][] mean(ReferenceSecondOrder of, CurvatureBlocks.Kind kind, int layer) {
    return kind == CurvatureBlocks.Kind.HESSIAN ? of.meanHessian(layer) : of.meanGaussNewton(layer);
  }

  private static double[][] ofDatapoint(
      ReferenceSecondOrder of, CurvatureBlocks.Kind kind, int n, int layer) {
    return kind == CurvatureBlocks.Kind.HESSIAN ? of.hessian(n, layer) : of.gaussNewton(n, layer);
  }

  private static double[][][] product(
      ReferenceSecondOrder of, CurvatureBlocks.Kind kind, double[][][] direction) {
    return kind == CurvatureBlocks.Kind.HESSIAN
        ? of.hessianProduct(direction)
        : of.gaussNewtonProduct(direction);
  }

  private <R extends AutoCloseable> R kept(R resource) {
    opened.add(resource);
    return resource;
  }

  @Override
  public void close() {
    for (AutoCloseable resource : opened) {
      try {
        resource.close();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
    arena.close();
    problem.close();
  }
}
