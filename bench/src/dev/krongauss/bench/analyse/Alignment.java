package dev.krongauss.bench.analyse;

import dev.krongauss.curvature.GaussNewtonProduct;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Curves;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.model.Batch;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * How near each method's direction comes to the exact damped Gauss-Newton step of the same batch,
 * along a training run by KFRA.
 */
final class Alignment implements Analysis {
  private static final int[] SIZES = {196, 60, 30, 8, 30, 60, 196};
  private static final int N = 200;
  private static final double DAMPING = 1e-3;
  private static final double L2 = 1e-5;

  @Override
  public String title() {
    return "Alignment with the exact Gauss-Newton step";
  }

  @Override
  public void run(Device device, Scale scale, Sheet sheet) throws IOException {
    sheet.text(
        "Autoencoder 196-60-30-8-30-60-196 on CURVES at 14 x 14 pixels, tanh, Bernoulli, %d datapoints, trained by KFRA."
            + " At some updates the exact step (GN + %.3g I) Δ* = −g of that batch is solved by conjugate gradients; each"
            + " method's direction has this batch's factors alone and γ = √%.3g. Cosine of the two; and the decrease of the"
            + " exact quadratic model by the rescaled direction, as a share of the exact step's. α* is the exact rescaling.",
        N, DAMPING + L2, DAMPING + L2);
    List<Result> results = alongARun(device, scale.updates());
    sheet.picture(
        "alignment-cosine.svg",
        () -> picture("cosine with the exact step", results, Result::cosine));
    sheet.picture(
        "alignment-decrease.svg",
        () -> picture("share of the exact decrease", results, Result::decrease));
    sheet.csv(
        "alignment.csv",
        List.of("update", "method", "cosine", "decrease", "alpha", "cg_iterations"),
        results.stream().map(Result::row).toList());
  }

  /**
   * Trains by the paper's KFRA; measures at updates that are a power of two, and at the last one.
   */
  private static List<Result> alongARun(Device device, int updates) {
    List<Result> results = new ArrayList<>();
    Network.Builder builder = Network.input(SIZES[0]);
    for (int l = 1; l < SIZES.length; l++) {
      builder.dense(SIZES[l], l == SIZES.length - 1 ? Activation.IDENTITY : Activation.TANH);
    }
    try (Network network = builder.build(device, 1);
        Batches batches = Batches.of(device, pooled(), N, 1);
        GaussNewton optimizer = GaussNewton.kfra().scalarStep().build(network, Loss.bernoulli());
        Subject subject = new Subject(network, Loss.bernoulli())) {
      Directions directions = new Directions(subject);
      for (int update = 1; update <= updates; update++) {
        Batch batch = batches.next();
        subject.take(batch);
        directions.gradient(L2);
        if (Integer.bitCount(update) == 1 || update == updates) {
          results.addAll(measured(subject, directions, update));
        }
        optimizer.step(batch);
      }
    }
    return results;
  }

  /** A direction beside the exact one. */
  private record Result(
      int update, String method, double cosine, double decrease, double alpha, int iterations) {
    List<String> row() {
      return List.of(
          Integer.toString(update),
          method,
          Sheet.number(cosine),
          Sheet.number(decrease),
          Sheet.number(alpha),
          Integer.toString(iterations));
    }
  }

  private static List<Result> measured(Subject subject, Directions directions, int update) {
    List<Result> results = new ArrayList<>();
    double damping = DAMPING + L2;
    try (GaussNewtonProduct exact = new GaussNewtonProduct(subject.network, subject.loss)) {
      exact.at(subject.h(), subject.targets(), subject.s);
      ConjugateGradients solver = new ConjugateGradients(subject, exact, (float) damping);
      int iterations = solver.solve(directions.g(), directions.exact());
      double best = solver.decrease(directions.exact(), directions.g());
      for (Map.Entry<String, List<Matrix>> entry : directions.all(damping, update).entrySet()) {
        List<Matrix> d = entry.getValue();
        double cosine =
            subject.dot(d, directions.exact())
                / Math.sqrt(
                    subject.dot(d, d) * subject.dot(directions.exact(), directions.exact()));
        results.add(
            new Result(
                update,
                entry.getKey(),
                cosine,
                solver.decrease(d, directions.g()) / best,
                solver.alpha(d, directions.g()),
                iterations));
      }
    }
    return results;
  }

  private static String picture(String what, List<Result> results, ToDoubleFunction<Result> y)
      throws IOException {
    Map<String, List<Result>> methods = new LinkedHashMap<>();
    results.forEach(r -> methods.computeIfAbsent(r.method, m -> new ArrayList<>()).add(r));
    Map<String, double[][]> lines = new LinkedHashMap<>();
    methods.forEach(
        (name, of) ->
            lines.put(
                name,
                new double[][] {
                  of.stream().mapToDouble(Result::update).toArray(),
                  of.stream().mapToDouble(y).toArray()
                }));
    return Pictures.lines(
        what, "update", Pictures.Axis.LOGARITHMIC, what, Pictures.Axis.LINEAR, lines);
  }

  /** CURVES with means of 2 x 2 pixels. */
  private static Dataset pooled() {
    Dataset curves = Curves.generate(4000, 1);
    int side = Curves.SIDE / 2;
    float[] small = new float[curves.size() * side * side];
    for (int i = 0; i < small.length; i++) {
      int n = i / (side * side);
      int row = i % (side * side) / side;
      int column = i % side;
      int at = n * Curves.WIDTH + 2 * row * Curves.SIDE + 2 * column;
      float[] x = curves.inputs();
      small[i] = (x[at] + x[at + 1] + x[at + Curves.SIDE] + x[at + Curves.SIDE + 1]) / 4;
    }
    return Dataset.autoencoder("curves 14 x 14", small, side * side);
  }
}
