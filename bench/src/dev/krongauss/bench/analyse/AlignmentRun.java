package dev.krongauss.bench.analyse;

import dev.krongauss.curvature.GaussNewtonProduct;
import dev.krongauss.data.Batches;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.model.Batch;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A training run by KFRA, and beside it, at some of its batches, the directions of all methods and
 * the exact step.
 */
final class AlignmentRun {
  /** Datapoints of a batch. */
  static final int N = 200;

  /** η of the objective. */
  static final double L2 = 1e-5;

  /** Damping of the exact step, η in it. */
  static final double DAMPING = 1e-3 + L2;

  /** The exact step's own line. */
  static final String EXACT = "EXACT";

  private final List<Result> results = new ArrayList<>();
  private final List<Solution> solutions = new ArrayList<>();
  private final ExactStep.Size size;
  private final boolean fits;

  /**
   * A direction beside the exact one; the exact one itself is the first.
   *
   * @param cosine with the exact step
   * @param decrease of the quadratic model by the rescaled direction, a share of the exact step's
   * @param alpha α*
   * @param before objective of the batch
   * @param after objective of the batch behind the rescaled direction
   */
  record Result(
      int update,
      String method,
      double cosine,
      double decrease,
      double alpha,
      double before,
      double after) {}

  /** How the exact step of an update was found. */
  record Solution(int update, ExactStep.Found found) {}

  /**
   * Trains by the paper's KFRA; measures at updates that are a power of two, and at the last one.
   *
   * @param budget bytes that the exact step's matrix may take to be factorised
   */
  AlignmentRun(Device device, Autoencoder autoencoder, int updates, long budget) {
    try (Network network = autoencoder.network(device);
        Batches batches = Batches.of(device, autoencoder.pictures(), N, 1);
        GaussNewton optimizer = GaussNewton.kfra().scalarStep().build(network, Loss.bernoulli());
        Subject subject = new Subject(network, Loss.bernoulli())) {
      Directions directions = new Directions(subject);
      ExactStep step = new ExactStep(subject, N, L2, DAMPING, budget);
      size = step.size();
      fits = step.fits();
      for (int update = 1; update <= updates; update++) {
        Batch batch = batches.next();
        subject.take(batch);
        directions.gradient(L2);
        if (Integer.bitCount(update) == 1 || update == updates) {
          measure(subject, directions, step, update);
        }
        optimizer.step(batch);
      }
    }
  }

  /** Of the measured updates, a result a method. */
  List<Result> results() {
    return results;
  }

  /** Of the measured updates. */
  List<Solution> solutions() {
    return solutions;
  }

  /** Of the exact step's system. */
  ExactStep.Size size() {
    return size;
  }

  /** Whether its matrix was factorised. */
  boolean fits() {
    return fits;
  }

  private void measure(Subject subject, Directions directions, ExactStep step, int update) {
    List<Matrix> g = directions.g();
    List<Matrix> exact = directions.exact();
    try (GaussNewtonProduct product = new GaussNewtonProduct(subject.network, subject.loss)) {
      product.at(subject.h(), subject.targets(), subject.s);
      ConjugateGradients solver = new ConjugateGradients(subject, product, (float) DAMPING);
      solutions.add(new Solution(update, step.find(solver, g, exact)));
      double before = subject.objective(L2, 0, exact);
      double best = solver.decrease(exact, g);
      for (Map.Entry<String, List<Matrix>> entry : directions.all(DAMPING, update).entrySet()) {
        List<Matrix> d = entry.getValue();
        double alpha = solver.alpha(d, g);
        results.add(
            new Result(
                update,
                entry.getKey(),
                subject.cosine(d, exact),
                solver.decrease(d, g) / best,
                alpha,
                before,
                subject.objective(L2, alpha, d)));
      }
    }
  }
}
