package dev.krongauss.onnx;

import static dev.krongauss.onnx.GraphBuilder.integer;
import static dev.krongauss.onnx.GraphBuilder.real;

import dev.krongauss.net.Activation;
import java.util.List;

/** The dense layers: a Gemm each, and the activation behind it. */
final class Layers {
  private Layers() {}

  /**
   * Adds all layers.
   *
   * @param rows {@code float [N][d_0]}
   * @return h_L, {@code float [N][d_L]}
   */
  static String of(GraphBuilder graph, Subject subject, String rows) {
    String a = rows;
    for (int l = 1; l <= subject.activations().size(); l++) {
      String name = "layer" + l;
      String h = product(graph, name, a, subject, l);
      a = activation(graph, name, h, subject.activations().get(l - 1));
    }
    return a;
  }

  /** a Wᵀ + b: the last column of W_l is b. */
  private static String product(GraphBuilder graph, String name, String a, Subject subject, int l) {
    int rows = subject.sizes()[l];
    int columns = subject.sizes()[l - 1];
    float[] all = subject.weights()[l - 1];
    float[] W = new float[rows * columns];
    float[] b = new float[rows];
    for (int i = 0; i < rows; i++) {
      System.arraycopy(all, i * (columns + 1), W, i * columns, columns);
      b[i] = all[i * (columns + 1) + columns];
    }
    String weights = graph.floats(name + "/W", W, rows, columns);
    String bias = graph.floats(name + "/b", b, rows);
    return graph.node("Gemm", name + "/h", List.of(a, weights, bias), integer("transB", 1));
  }

  private static String activation(GraphBuilder graph, String name, String h, Activation f) {
    List<String> in = List.of(h);
    String out = name + "/a";
    return switch (f.name()) {
      case "identity" -> h;
      case "tanh" -> graph.node("Tanh", out, in);
      case "logistic" -> graph.node("Sigmoid", out, in);
      case "relu" -> graph.node("Relu", out, in);
      case "softplus" -> graph.node("Softplus", out, in);
      case "leaky_relu" -> graph.node("LeakyRelu", out, in, real("alpha", f.slope()));
      default ->
          throw new IllegalArgumentException(
              "activation %s is not known here; write the model with the version that made it"
                  .formatted(f));
    };
  }
}
