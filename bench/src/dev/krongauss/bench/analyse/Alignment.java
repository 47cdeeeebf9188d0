package dev.krongauss.bench.analyse;

import dev.krongauss.curvature.GaussNewtonProduct;
import dev.krongauss.curvature.Method;
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
import dev.krongauss.precondition.Preconditioner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
        "Autoencoder 196-60-30-8-30-60-196 on CURVES at 14 x 14 pixels, tanh, Bernoulli, %d"
            + " datapoints, trained by KFRA. At some updates the exact step (GN + %.3g I) Δ* = −g"
            + " of that batch is solved by conjugate gradients; each method's direction has this"
            + " batch's factors alone and γ = √%.3g. Cosine of the two; and the decrease of the"
            + " exact quadratic model by the rescaled direction, as a share of the exact step's. α*"
            + " is the exact rescaling.",
        N, DAMPING + L2, DAMPING + L2);
    List<List<String>> rows = new ArrayList<>();
    Map<String, List<double[]>> cosines = new LinkedHashMap<>();
    Map<String, List<double[]>> decreases = new LinkedHashMap<>();
    Network.Builder builder = Network.input(SIZES[0]);
    for (int l = 1; l < SIZES.length; l++) {
      builder.dense(SIZES[l], l == SIZES.length - 1 ? Activation.IDENTITY : Activation.TANH);
    }
    try (Network network = builder.build(device, 1);
        Batches batches = Batches.of(device, pooled(), N, 1);
        GaussNewton optimizer = GaussNewton.kfra().build(network, Loss.bernoulli());
        Subject subject = new Subject(network, Loss.bernoulli())) {
      Directions directions = new Directions(subject);
      for (int update = 1; update <= scale.updates(); update++) {
        Batch batch = batches.next();
        subject.take(batch);
        directions.gradient(L2);
        if (Integer.bitCount(update) == 1 || update == scale.updates()) {
          for (Result result : measured(subject, directions, update)) {
            cosines
                .computeIfAbsent(result.method, m -> new ArrayList<>())
                .add(new double[] {update, result.cosine});
            decreases
                .computeIfAbsent(result.method, m -> new ArrayList<>())
                .add(new double[] {update, result.decrease});
            rows.add(
                List.of(
                    Integer.toString(update),
                    result.method,
                    Sheet.number(result.cosine),
                    Sheet.number(result.decrease),
                    Sheet.number(result.alpha),
                    Integer.toString(result.iterations)));
          }
        }
        optimizer.step(batch);
      }
    }
    sheet.picture("alignment-cosine.svg", () -> picture("cosine with the exact step", cosines));
    sheet.picture(
        "alignment-decrease.svg", () -> picture("share of the exact decrease", decreases));
    sheet.csv(
        "alignment.csv",
        List.of("update", "method", "cosine", "decrease", "alpha", "cg_iterations"),
        rows);
  }

  /** A direction beside the exact one. */
  private record Result(
      String method, double cosine, double decrease, double alpha, int iterations) {}

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
                entry.getKey(),
                cosine,
                solver.decrease(d, directions.g()) / best,
                solver.alpha(d, directions.g()),
                iterations));
      }
    }
    return results;
  }

  private static String picture(String what, Map<String, List<double[]>> series)
      throws IOException {
    Map<String, double[][]> lines = new LinkedHashMap<>();
    series.forEach(
        (name, points) -> {
          double[][] line = new double[2][points.size()];
          for (int i = 0; i < points.size(); i++) {
            line[0][i] = points.get(i)[0];
            line[1][i] = points.get(i)[1];
          }
          lines.put(name, line);
        });
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

  /** The directions that are compared, and Adam's moments along the run. */
  private static final class Directions {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;

    private final Subject subject;
    private final List<Matrix> g;
    private final List<Matrix> exact;
    private final Map<String, List<Matrix>> all = new LinkedHashMap<>();
    private final float[][] m;
    private final float[][] v;
    private int steps;

    Directions(Subject subject) {
      this.subject = subject;
      this.g = subject.like("gradient");
      this.exact = subject.like("exact step");
      for (String name : List.of("KFRA", "KFLR", "KFAC", "SGD", "Adam")) {
        all.put(name, subject.like(name));
      }
      m = new float[g.size()][];
      v = new float[g.size()][];
      for (int l = 0; l < g.size(); l++) {
        m[l] = new float[g.get(l).rows() * g.get(l).columns()];
        v[l] = new float[m[l].length];
      }
    }

    List<Matrix> g() {
      return g;
    }

    List<Matrix> exact() {
      return exact;
    }

    /** The gradient at the subject's batch; Adam's moments follow it. */
    void gradient(double l2) {
      subject.gradient(l2, g);
      steps++;
      for (int l = 0; l < g.size(); l++) {
        float[] values = g.get(l).download(subject.s);
        for (int i = 0; i < values.length; i++) {
          m[l][i] += (float) ((1 - BETA1) * (values[i] - m[l][i]));
          v[l][i] += (float) ((1 - BETA2) * ((double) values[i] * values[i] - v[l][i]));
        }
      }
    }

    Map<String, List<Matrix>> all(double damping, int update) {
      for (Method method : List.of(Method.KFRA, Method.KFLR, Method.KFAC)) {
        try (Preconditioner preconditioner =
            subject.preconditioner(method, Math.sqrt(damping), 77, update)) {
          preconditioner.apply(g, all.get(method.name()), subject.s);
          subject.s.synchronize(); // the preconditioner's memory is in use until then
        }
      }
      for (int l = 0; l < g.size(); l++) {
        float[] values = g.get(l).download(subject.s);
        float[] adam = new float[values.length];
        for (int i = 0; i < values.length; i++) {
          double first = m[l][i] / (1 - Math.pow(BETA1, steps));
          double second = v[l][i] / (1 - Math.pow(BETA2, steps));
          adam[i] = (float) (-first / (Math.sqrt(second) + 1e-8));
          values[i] = -values[i];
        }
        all.get("SGD").get(l).upload(values, subject.s);
        all.get("Adam").get(l).upload(adam, subject.s);
      }
      return all;
    }
  }
}
