package dev.krongauss.bench.analyse;

import dev.krongauss.curvature.CurvatureBlocks;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.net.Activation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ejml.simple.SimpleMatrix;

/** Rank of the exact Gauss-Newton block and of its Kronecker approximation, against N. */
final class Ranks implements Analysis {
  private static final int[] SIZES = {9, 8, 6, 4};
  private static final int LAYER = 1;

  /** Softmax of four classes: the Hessian of a datapoint's loss has rank 3. */
  private static final int RANK_OF_LOSS = 3;

  @Override
  public String title() {
    return "Rank against batch size";
  }

  @Override
  public void run(Device device, Scale scale, Sheet sheet) throws IOException {
    sheet.text(
        "Network 9-8-6-4, tanh, softmax, layer 2 (54 weights). The exact block of N datapoints has at most rank"
            + " 3 N, since a datapoint's H_L has rank 3; the Kronecker block's rank is rank(Q) rank(G) and may exceed"
            + " it. Eigenvalues below 1e-5 of the largest count as 0.");
    List<List<String>> rows = new ArrayList<>();
    List<double[]> points = new ArrayList<>();
    for (int N = 1; N <= scale.datapoints(); N *= 2) {
      double[] point = ranks(device, N);
      points.add(point);
      rows.add(
          List.of(
              Integer.toString(N),
              Integer.toString((int) point[1]),
              Integer.toString(Math.min(54, RANK_OF_LOSS * N)),
              Integer.toString((int) point[2]),
              Integer.toString(Math.min(N, 9) * Math.min(RANK_OF_LOSS * N, 6))));
    }
    List<String> headings =
        List.of("N", "rank of the exact block", "its bound", "rank of Q ⊗ G", "its bound");
    sheet.table(headings, rows);
    sheet.picture("ranks.svg", () -> picture(points));
    sheet.csv(
        "ranks.csv",
        List.of("N", "rank_exact", "bound_exact", "rank_kronecker", "bound_kronecker"),
        rows);
    goingBack(device, sheet);
  }

  /** {N, rank of the exact block, rank of Q times rank of G}. */
  private static double[] ranks(Device device, int N) {
    try (Small small =
            new Small(
                device,
                Activation.TANH,
                Small.Targets.CLASSES.loss(),
                Small.Targets.CLASSES,
                N,
                21,
                SIZES);
        CurvatureBlocks blocks = Symmetric.blocks(small.subject)) {
      Subject subject = small.subject;
      int exact = Symmetric.rank(blocks.gaussNewtonBlock(LAYER), subject.s);
      Matrix G = blocks.mean(CurvatureBlocks.Kind.GAUSS_NEWTON, LAYER);
      int Q = Symmetric.rank(secondMoment(subject), 1e-5);
      return new double[] {N, exact, Q * Symmetric.rank(G, subject.s)};
    }
  }

  /** Q of the layer, in double. */
  private static SimpleMatrix secondMoment(Subject subject) {
    Matrix a = subject.network.traces().get(LAYER).input();
    SimpleMatrix A = Symmetric.matrix(a, subject.s);
    return A.transpose().mult(A).divide(a.rows());
  }

  private static String picture(List<double[]> points) throws IOException {
    double[][] exact = new double[2][points.size()];
    double[][] kronecker = new double[2][points.size()];
    for (int i = 0; i < points.size(); i++) {
      exact[0][i] = points.get(i)[0];
      exact[1][i] = points.get(i)[1];
      kronecker[0][i] = points.get(i)[0];
      kronecker[1][i] = points.get(i)[2];
    }
    Map<String, double[][]> lines = new LinkedHashMap<>();
    lines.put("exact block", exact);
    lines.put("Q ⊗ G", kronecker);
    return Pictures.lines(
        "rank of layer 2's block of 54 weights",
        "datapoints",
        Pictures.Axis.LOGARITHMIC,
        "rank",
        Pictures.Axis.LINEAR,
        lines);
  }

  /** The mean rank of a datapoint's 𝒢_l, with a transfer function that has slope 0 and without. */
  private static void goingBack(Device device, Sheet sheet) {
    sheet.text(
        "Going back through a ReLU the rank of a datapoint's curvature falls, since units with slope 0 pass nothing on;"
            + " through a leaky ReLU it falls only where a layer is narrow. Network 6-6-6-6-6, squared error, mean of 16"
            + " datapoints:");
    List<List<String>> rows = new ArrayList<>();
    for (Activation f : List.of(Activation.RELU, Activation.leakyRelu(0.1f))) {
      try (Small small =
              new Small(
                  device, f, Small.Targets.REAL.loss(), Small.Targets.REAL, 16, 8, 6, 6, 6, 6, 6);
          CurvatureBlocks blocks = Symmetric.blocks(small.subject)) {
        List<String> row = new ArrayList<>(List.of(f.toString()));
        for (int l = 3; l >= 0; l--) {
          row.add(Sheet.number(meanRank(blocks, l, small.subject)));
        }
        rows.add(row);
      }
    }
    sheet.table(List.of("transfer", "layer 4", "layer 3", "layer 2", "layer 1"), rows);
  }

  private static double meanRank(CurvatureBlocks blocks, int layer, Subject subject) {
    Matrix stack = blocks.ofDatapoints(CurvatureBlocks.Kind.GAUSS_NEWTON, layer);
    int d = stack.columns();
    int N = stack.rows() / d;
    double sum = 0;
    for (int n = 0; n < N; n++) {
      sum += Symmetric.rank(stack.rows(n * d, d), subject.s);
    }
    return sum / N;
  }
}
