package dev.krongauss.bench.analyse;

import dev.krongauss.curvature.CurvatureBlocks;
import dev.krongauss.curvature.GaussNewtonProduct;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.net.Activation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.ejml.simple.SimpleMatrix;

/** Hessian against Gauss-Newton blocks, their eigenvalues, and the step size of exact blocks. */
final class ExactBlocks implements Analysis {
  private static final int N = 24;
  private static final float DAMPING = 1e-2f;

  @Override
  public String title() {
    return "Exact blocks";
  }

  @Override
  public void run(Device device, Scale scale, Sheet sheet) throws IOException {
    sheet.text(
        "Blocks of layer 1 at random weights, network 5-6-6-3, softmax, %d datapoints. For a piecewise-linear transfer"
            + " function the Hessian block is the Gauss-Newton block, and so positive semidefinite: within a layer the loss"
            + " has no smooth local maximum and no smooth saddle. For a curved one they differ.",
        N);
    List<List<String>> rows = new ArrayList<>();
    for (Activation f :
        List.of(
            Activation.IDENTITY,
            Activation.RELU,
            Activation.leakyRelu(0.1f),
            Activation.TANH,
            Activation.LOGISTIC,
            Activation.SOFTPLUS)) {
      rows.add(blocks(device, f));
    }
    List<String> headings =
        List.of(
            "transfer",
            "largest |H − GN| / largest |GN|",
            "least eigenvalue of H / largest",
            "least eigenvalue of GN / largest");
    sheet.table(headings, rows);
    sheet.csv("exact-blocks.csv", headings, rows);
    stepSizes(device, sheet);
  }

  private static List<String> blocks(Device device, Activation f) {
    try (Small small =
            new Small(
                device, f, Small.Targets.CLASSES.loss(), Small.Targets.CLASSES, N, 31, 5, 6, 6, 3);
        CurvatureBlocks blocks = Symmetric.blocks(small.subject)) {
      SimpleMatrix GN = Symmetric.matrix(blocks.gaussNewtonBlock(0), small.subject.s);
      SimpleMatrix H = Symmetric.matrix(blocks.hessianBlock(0), small.subject.s);
      double[] ofH = Symmetric.eigenvalues(H);
      double[] ofGN = Symmetric.eigenvalues(GN);
      return List.of(
          f.toString(),
          Sheet.number(H.minus(GN).elementMaxAbs() / GN.elementMaxAbs()),
          Sheet.number(ofH[0] / ofH[ofH.length - 1]),
          Sheet.number(ofGN[0] / ofGN[ofGN.length - 1]));
    }
  }

  /** α* of Δ = −(exact block + λ)⁻¹ g in every layer. */
  private static void stepSizes(Device device, Sheet sheet) throws IOException {
    sheet.text(
        "With the exact Gauss-Newton blocks as preconditioner and the same damping (%s), the exact rescaling α* lies"
            + " between 1/L and its value for independent layers: ΔᵀCΔ ≤ L Σ Δ_lᵀC_lΔ_l. Tanh, softmax, width 6.",
        DAMPING);
    List<List<String>> rows = new ArrayList<>();
    for (int L = 1; L <= 5; L++) {
      int[] sizes = new int[L + 1];
      java.util.Arrays.fill(sizes, 6);
      sizes[0] = 5;
      sizes[L] = 3;
      try (Small small =
          new Small(
              device,
              Activation.TANH,
              Small.Targets.CLASSES.loss(),
              Small.Targets.CLASSES,
              N,
              41,
              sizes)) {
        rows.add(
            List.of(
                Integer.toString(L), Sheet.number(1.0 / L), Sheet.number(alpha(small.subject))));
      }
    }
    List<String> headings = List.of("layers L", "1/L", "α*");
    sheet.table(headings, rows);
    sheet.csv("step-sizes.csv", headings, rows);
  }

  private static double alpha(Subject subject) {
    List<Matrix> gradients = subject.like("gradient");
    List<Matrix> direction = subject.like("direction");
    List<Matrix> product = subject.like("product");
    subject.gradient(0, gradients);
    try (CurvatureBlocks blocks = Symmetric.blocks(subject)) {
      for (int l = 0; l < gradients.size(); l++) {
        solve(blocks.gaussNewtonBlock(l), gradients.get(l), direction.get(l), subject);
      }
    }
    try (GaussNewtonProduct exact = new GaussNewtonProduct(subject.network, subject.loss)) {
      exact.at(subject.h(), subject.targets(), subject.s);
      exact.apply(direction, DAMPING, product, subject.s);
      return -subject.dot(direction, gradients) / subject.dot(direction, product);
    }
  }

  /** direction = −(block + damping I)⁻¹ gradient, weights stacked column by column. */
  private static void solve(Matrix block, Matrix gradient, Matrix direction, Subject subject) {
    int out = gradient.rows();
    int in = gradient.columns();
    SimpleMatrix A = Symmetric.matrix(block, subject.s);
    SimpleMatrix g = Symmetric.matrix(gradient, subject.s);
    SimpleMatrix b = new SimpleMatrix(out * in, 1);
    for (int i = 0; i < out * in; i++) {
      A.set(i, i, A.get(i, i) + DAMPING);
      b.set(i, 0, -g.get(i % out, i / out));
    }
    SimpleMatrix x = A.solve(b);
    float[] values = new float[out * in];
    for (int i = 0; i < out * in; i++) {
      values[i % out * in + i / out] = (float) x.get(i, 0);
    }
    direction.upload(values, subject.s);
  }
}
