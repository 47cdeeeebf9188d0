package dev.krongauss.bench.exact;

import java.util.Arrays;
import org.apache.commons.math3.fitting.leastsquares.LeastSquaresBuilder;
import org.apache.commons.math3.fitting.leastsquares.LeastSquaresProblem;
import org.apache.commons.math3.fitting.leastsquares.LevenbergMarquardtOptimizer;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.optim.ConvergenceChecker;
import org.apache.commons.math3.util.Pair;

/** Commons Math's Levenberg-Marquardt optimiser, for which {@link DoubleNetwork} forms J. */
final class CommonsStep implements Contestant {
  private final ExactProblem problem;
  private final DoubleNetwork network;
  private double[] theta;

  CommonsStep(ExactProblem problem) {
    this.problem = problem;
    this.network = new DoubleNetwork(problem);
  }

  @Override
  public String name() {
    return "commons-math";
  }

  @Override
  public void start(float[][] weights) {
    theta = DoubleNetwork.vector(DoubleNetwork.widened(weights));
  }

  /** The optimiser begins anew with each call: its trust region is of one call. */
  @Override
  public double update(int updates) {
    ConvergenceChecker<LeastSquaresProblem.Evaluation> enough =
        (iteration, before, after) -> iteration >= updates;
    double[] targets = new double[problem.rows()];
    Arrays.setAll(targets, n -> problem.targets()[n]);
    LeastSquaresProblem squares =
        new LeastSquaresBuilder()
            .start(theta)
            .target(targets)
            .model(this::value)
            .checker(enough)
            .maxIterations(Integer.MAX_VALUE)
            .maxEvaluations(Integer.MAX_VALUE)
            .lazyEvaluation(false)
            .build();
    long begin = System.nanoTime();
    theta = new LevenbergMarquardtOptimizer().optimize(squares).getPoint().toArray();
    return (System.nanoTime() - begin) / 1e9;
  }

  private Pair<RealVector, RealMatrix> value(RealVector point) {
    double[][] W = network.layers(point.toArray());
    double[][] J = new double[problem.rows()][problem.weights()];
    double[] h = new double[J.length];
    for (int n = 0; n < J.length; n++) {
      h[n] = network.jacobian(W, n, J[n]);
    }
    return new Pair<>(new ArrayRealVector(h, false), new Array2DRowRealMatrix(J, false));
  }

  @Override
  public double[][] weights() {
    return network.layers(theta);
  }

  /** Jᵀ r / N of the value that the optimiser is given. */
  @Override
  public double[] gradient() {
    Pair<RealVector, RealMatrix> value = value(new ArrayRealVector(theta));
    double[] r = value.getFirst().toArray();
    for (int n = 0; n < r.length; n++) {
      r[n] = (r[n] - problem.targets()[n]) / r.length;
    }
    return value.getSecond().preMultiply(r);
  }

  @Override
  public long bytes() {
    return 0;
  }

  @Override
  public void close() {
    theta = null;
  }
}
