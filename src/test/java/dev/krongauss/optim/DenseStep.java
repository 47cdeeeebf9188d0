package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Network;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceNetwork;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The exact step as a dense system in double on the host: J of every datapoint by the network's
 * definition, C = 1/N Σ Jᵀ S Sᵀ J and g, and (C + μI) Δ = −g by elimination. S and ∂E/∂h are the
 * loss' own, whose tests are elsewhere; of a datapoint of several rows they are added up. Weights
 * are in order of layers, row by row.
 */
final class DenseStep {
  private final double[][] C;
  private final double[] g;
  private final double[] terms;

  private DenseStep(double[][] C, double[] g, double[] terms) {
    this.C = C;
    this.g = g;
    this.terms = terms;
  }

  /**
   * At the network's present weights.
   *
   * @param at the same network in double
   * @param X inputs [N][d_0]
   */
  static DenseStep of(
      Network network,
      ReferenceNetwork at,
      LossFunction loss,
      double[][] X,
      Batch batch,
      double eta) {
    Stream s = TestDevice.get().stream();
    int N = X.length;
    int d = at.outputs();
    int K = loss.rank(d);
    try (Arena arena = TestDevice.get().newArena("dense step");
        LossFunction.OnDevice onDevice = loss.on(TestDevice.get())) {
      Matrix h = network.forward(batch, s);
      Matrix gradient = arena.matrix(N, d, "gradient");
      Matrix root = arena.matrix(N * K, d, "root");
      onDevice.evaluate(h, batch.targets(), gradient, arena.floats(N, "losses").pointer(), s);
      onDevice.squareRoot(h, batch.targets(), root, s);
      double[][] rows = Algebra.matrix(root.download(s), N * K, d);
      double[][] of = Algebra.matrix(gradient.download(s), N, d);
      return of(at, X, rows, of, loss.stack(), eta);
    }
  }

  /**
   * At what the network's last forward pass left: the Jacobian of exactly these floats, so that no
   * rounding of that pass is in the step.
   */
  static DenseStep ofTraces(
      Network network, LossFunction loss, double[][] X, Batch batch, double eta) {
    Stream s = TestDevice.get().stream();
    List<double[][]> a = new ArrayList<>();
    List<double[][]> b = new ArrayList<>();
    int d = network.sizes()[network.sizes().length - 1];
    int N = X.length;
    try (Arena arena = TestDevice.get().newArena("dense step");
        LossFunction.OnDevice onDevice = loss.on(TestDevice.get())) {
      Matrix h = network.forward(batch, s);
      for (LayerTrace trace : network.traces()) {
        a.add(downloaded(trace.input()));
        b.add(trace.derivative() == null ? null : downloaded(trace.derivative()));
      }
      Matrix gradient = arena.matrix(N, d, "gradient");
      Matrix root = arena.matrix(N * loss.rank(d), d, "root");
      onDevice.evaluate(h, batch.targets(), gradient, arena.floats(N, "losses").pointer(), s);
      onDevice.squareRoot(h, batch.targets(), root, s);
      double[][][] W = new double[a.size()][][];
      for (int l = 0; l < W.length; l++) {
        W[l] = downloaded(network.parameters().get(l));
      }
      double[][][] J = new double[N][][];
      for (int n = 0; n < N; n++) {
        J[n] = TraceJacobian.of(W, a, b, n);
      }
      return of(flat(W), J, downloaded(root), downloaded(gradient), loss.stack(), eta);
    }
  }

  private static double[][] downloaded(Matrix m) {
    return Algebra.matrix(m.download(TestDevice.get().stream()), m.rows(), m.columns());
  }

  /** At a network in double, with the loss' Hessian and gradient in double. */
  static DenseStep of(ReferenceNetwork at, Problem problem, double eta) {
    List<double[]> root = new ArrayList<>();
    double[][] gradient = new double[problem.X().length][];
    for (int n = 0; n < gradient.length; n++) {
      double[] h = at.forward(problem.X()[n]).output();
      gradient[n] = problem.referenceLoss().gradient(h, problem.T()[n]);
      root.addAll(List.of(Algebra.transpose(problem.referenceLoss().squareRoot(h))));
    }
    return of(at, problem.X(), root.toArray(double[][]::new), gradient, 1, eta);
  }

  /** A vector as matrices of the shapes of the weights. */
  double[][][] shaped(double[] x, ReferenceNetwork at) {
    double[][][] D = new double[at.layers()][][];
    int place = 0;
    for (int l = 0; l < D.length; l++) {
      D[l] = new double[at.weights()[l].length][];
      for (int i = 0; i < D[l].length; i++) {
        int end = place + at.weights()[l][i].length;
        D[l][i] = Arrays.copyOfRange(x, place, end);
        place = end;
      }
    }
    return D;
  }

  private static DenseStep of(
      ReferenceNetwork at,
      double[][] X,
      double[][] root,
      double[][] gradient,
      int stack,
      double eta) {
    double[] theta = flat(at.weights());
    double[][][] J = new double[X.length][][];
    for (int n = 0; n < J.length; n++) {
      J[n] = jacobian(at, X[n], theta.length);
    }
    return of(theta, J, root, gradient, stack, eta);
  }

  /** Rows of a datapoint stand together, {@code stack} of them, and their residuals are one. */
  private static DenseStep of(
      double[] theta, double[][][] of, double[][] root, double[][] dE, int stack, double eta) {
    int P = theta.length;
    int N = of.length;
    int K = root.length / N;
    double[][] C = new double[P][P];
    double[] g = new double[P];
    double[] terms = new double[P]; // sums of the dE's absolute terms
    double[][] b = new double[K][];
    for (int n = 0; n < N; n++) {
      double[][] J = of[n];
      add(g, 1.0 / N, row(dE[n], J));
      add(terms, 1.0 / N, row(absolute(dE[n]), Algebra.absolute(J)));
      for (int k = 0; k < K; k++) {
        b[k] = n % stack == 0 ? new double[P] : b[k];
        add(b[k], 1, row(root[n * K + k], J));
        for (int i = 0; n % stack == stack - 1 && i < P; i++) {
          add(C[i], b[k][i] / N, b[k]);
        }
      }
    }
    add(g, eta, theta);
    return new DenseStep(C, g, terms);
  }

  /** C without damping. */
  double[][] C() {
    return C;
  }

  double[] g() {
    return g;
  }

  /** The same with A + λ diag A in the place of C, A = C + ηI. */
  DenseStep damped(double lambda, double eta) {
    double[][] A = new double[C.length][];
    for (int i = 0; i < A.length; i++) {
      A[i] = C[i].clone();
      A[i][i] = (1 + lambda) * (C[i][i] + eta);
    }
    return new DenseStep(A, g, terms);
  }

  /** −(C + μI)⁻¹ g. */
  double[] solve(double mu) {
    return solve(g, mu);
  }

  /** 1/N Σ Jᵀ v of vectors at the outputs [N][d_L]. */
  static double[] back(ReferenceNetwork at, double[][] X, double[][] v) {
    double[] sum = new double[flat(at.weights()).length];
    for (int n = 0; n < X.length; n++) {
      add(sum, 1.0 / X.length, row(v[n], jacobian(at, X[n], sum.length)));
    }
    return sum;
  }

  /** −(C + μI)⁻¹ g of another g. */
  double[] solve(double[] g, double mu) {
    int P = g.length;
    double[][] A = new double[P][];
    for (int i = 0; i < P; i++) {
      A[i] = C[i].clone();
      A[i][i] += mu;
    }
    double[] x = new double[P];
    for (int i = 0; i < P; i++) {
      x[i] = -g[i];
    }
    Elimination.solve(A, x);
    return x;
  }

  /** √ xᵀ (C + μI) x. */
  double norm(double[] x, double mu) {
    double[] Cx = Algebra.multiply(C, x);
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * (Cx[i] + mu * x[i]);
    }
    return Math.sqrt(Math.max(0, sum));
  }

  /** The relative error of a step in that norm. */
  double error(double[] got, double mu) {
    double[] wanted = solve(mu);
    double[] difference = got.clone();
    add(difference, -1, wanted);
    return norm(difference, mu) / norm(wanted, mu);
  }

  /** By how much so many roundings of the gradient's elements may move the solution. */
  double errorOfRounding(double mu, int roundings) {
    double squares = 0;
    for (double x : terms) {
      squares += x * x;
    }
    return roundings * Compare.EPSILON * Math.sqrt(squares / mu) / norm(solve(mu), mu);
  }

  /** Weights, or matrices of their shapes, as one vector. */
  static double[] flat(double[][][] W) {
    return Arrays.stream(W).flatMap(Arrays::stream).flatMapToDouble(Arrays::stream).toArray();
  }

  static double[] flat(List<Matrix> matrices) {
    double[][][] W = new double[matrices.size()][][];
    for (int l = 0; l < W.length; l++) {
      Matrix m = matrices.get(l);
      W[l] = Algebra.matrix(m.download(TestDevice.get().stream()), m.rows(), m.columns());
    }
    return flat(W);
  }

  /** [d_L][P]. */
  private static double[][] jacobian(ReferenceNetwork at, double[] x, int P) {
    ReferenceNetwork.Pass pass = at.forward(x);
    double[][] J = new double[at.outputs()][P];
    int place = 0;
    for (int l = 0; l < at.layers(); l++) {
      double[][] above = at.jacobian(pass, l);
      double[] input = pass.input()[l];
      int units = at.weights()[l].length;
      for (int o = 0; o < J.length; o++) {
        for (int p = 0; p < units * input.length; p++) {
          J[o][place + p] = above[o][p / input.length] * input[p % input.length];
        }
      }
      place += units * input.length;
    }
    return J;
  }

  private static double[] absolute(double[] v) {
    return Arrays.stream(v).map(Math::abs).toArray();
  }

  /** vᵀ J. */
  private static double[] row(double[] v, double[][] J) {
    double[] sum = new double[J[0].length];
    for (int o = 0; o < v.length; o++) {
      add(sum, v[o], J[o]);
    }
    return sum;
  }

  private static void add(double[] to, double factor, double[] x) {
    for (int i = 0; i < to.length; i++) {
      to[i] += factor * x[i];
    }
  }
}
