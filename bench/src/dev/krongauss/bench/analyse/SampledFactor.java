package dev.krongauss.bench.analyse;

import dev.krongauss.curvature.Method;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.net.Activation;
import dev.krongauss.precondition.Preconditioner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** KFAC's G, averaged over S samples a datapoint, comes to KFLR's as 1/√S. */
final class SampledFactor implements Analysis {
  private static final int N = 32;

  @Override
  public String title() {
    return "KFAC's factor converges to KFLR's";
  }

  @Override
  public void run(Device device, Scale scale, Sheet sheet) throws IOException {
    sheet.text(
        "Relative Frobenius distance of KFAC's G of layer 1, the mean over S sampled targets a datapoint, from KFLR's"
            + " exact G. Network 8-10-10-4, tanh, %d datapoints. A Monte Carlo mean comes nearer as 1/√S.",
        N);
    Map<String, double[][]> lines = new LinkedHashMap<>();
    List<List<String>> rows = new ArrayList<>();
    for (Small.Targets targets :
        List.of(Small.Targets.REAL, Small.Targets.BITS, Small.Targets.CLASSES)) {
      try (Small small =
          new Small(device, Activation.TANH, targets.loss(), targets, N, 3, 8, 10, 10, 4)) {
        List<double[]> points = distances(small.subject, scale.samples());
        double[][] line = new double[2][points.size()];
        for (int i = 0; i < points.size(); i++) {
          line[0][i] = points.get(i)[0];
          line[1][i] = points.get(i)[1];
          rows.add(
              List.of(
                  targets.loss().name(),
                  Long.toString((long) line[0][i]),
                  Sheet.number(line[1][i]),
                  Sheet.number(line[1][i] * Math.sqrt(line[0][i]))));
        }
        lines.put(targets.loss().name(), line);
      }
    }
    sheet.picture(
        "sampled-factor.svg",
        () ->
            Pictures.lines(
                "distance of KFAC's G from KFLR's",
                "samples a datapoint",
                Pictures.Axis.LOGARITHMIC,
                "relative distance",
                Pictures.Axis.LOGARITHMIC,
                lines));
    sheet.csv(
        "sampled-factor.csv",
        List.of("loss", "samples", "distance", "distance_sqrt_samples"),
        rows);
  }

  /** {S, distance} for S = 1, 4, 16 … */
  private static List<double[]> distances(Subject subject, int mostSamples) {
    float[] exact;
    try (Preconditioner kflr = subject.preconditioner(Method.KFLR, 1, 0, 0)) {
      exact = kflr.factors().G(0).download(subject.s);
    }
    double[] sum = new double[exact.length];
    List<double[]> points = new ArrayList<>();
    int next = 1;
    try (Preconditioner kfac = subject.preconditioner(Method.KFAC, 1, 9, 0)) {
      for (int sample = 1; sample <= mostSamples; sample++) {
        subject.enter(Method.KFAC, kfac, 9, sample);
        Matrix G = kfac.factors().G(0);
        float[] values = G.download(subject.s);
        for (int i = 0; i < sum.length; i++) {
          sum[i] += values[i];
        }
        if (sample == next) {
          points.add(new double[] {sample, distance(sum, sample, exact, G.rows())});
          next *= 4;
        }
      }
    }
    return points;
  }

  /** Of two symmetric matrices of which the lower triangles are valid. */
  private static double distance(double[] sum, int samples, float[] exact, int n) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double both = i == j ? 1 : 2;
        double d = sum[i * n + j] / samples - exact[i * n + j];
        difference += both * d * d;
        norm += both * exact[i * n + j] * exact[i * n + j];
      }
    }
    return Math.sqrt(difference / norm);
  }
}
