package dev.krongauss.onnx;

import static dev.krongauss.onnx.GraphBuilder.integer;
import static dev.krongauss.onnx.GraphBuilder.to;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.krongauss.table.Column;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** From the outputs of the network to what the loss makes of them, under the names of the model. */
final class Outputs {
  private final GraphBuilder graph;
  private final Subject subject;
  private final Naming naming;
  private final int width;

  private Outputs(GraphBuilder graph, Subject subject, Naming naming) {
    this.graph = graph;
    this.subject = subject;
    this.naming = naming;
    this.width = subject.outputs();
  }

  /**
   * Adds nodes and the outputs of the model.
   *
   * @param h {@code float [N][d_L]}
   */
  static void of(GraphBuilder graph, Subject subject, Naming naming, String h) {
    Outputs outputs = new Outputs(graph, subject, naming);
    switch (subject.loss()) {
      case SQUARED -> outputs.values(h);
      case BERNOULLI -> outputs.probabilities(h);
      case SOFTMAX -> outputs.distribution(h);
      case MIXTURE -> outputs.mixture(h);
      case OWN -> outputs.asTheyAre("outputs", h, "the outputs of the network");
    }
  }

  private void asTheyAre(String name, String h, String explanation) {
    graph
        .result("Identity", naming.of(name), List.of(h))
        .matrix(DataType.FLOAT, width, explanation);
  }

  /** Back to the units of the targets, if they had any: h · deviation + mean. */
  private void values(String h) {
    if (subject.columns().isEmpty()) {
      asTheyAre("value", h, naming.valueExplanation());
    } else {
      GraphBuilder.Result value = naming.numbersOnly() ? inFloat32(h) : inFloat64(h);
      value.matrix(DataType.FLOAT, width, naming.valueExplanation());
    }
  }

  private GraphBuilder.Result inFloat32(String h) {
    String deviation = graph.floats("value/deviation", narrow(each(Column::deviation)), width);
    String mean = graph.floats("value/mean", narrow(each(Column::mean)), width);
    String scaled = graph.node("Mul", "value/scaled", List.of(h, deviation));
    return graph.result("Add", naming.of("value"), List.of(scaled, mean));
  }

  private GraphBuilder.Result inFloat64(String h) {
    String wide = graph.node("Cast", "value/float64", List.of(h), to(DataType.DOUBLE));
    String deviation = graph.doubles("value/deviation", each(Column::deviation));
    String mean = graph.doubles("value/mean", each(Column::mean));
    String scaled = graph.node("Mul", "value/scaled", List.of(wide, deviation));
    String moved = graph.node("Add", "value/moved", List.of(scaled, mean));
    return graph.result("Cast", naming.of("value"), List.of(moved), to(DataType.FLOAT));
  }

  private void probabilities(String h) {
    String name = naming.of(width == 1 ? "probability" : "probabilities");
    graph
        .result("Reciprocal", name, List.of(onePlusExp("logistic", h)))
        .matrix(DataType.FLOAT, width, naming.probabilityExplanation());
    binaryLabel(name);
  }

  private void distribution(String h) {
    graph
        .result("Softmax", naming.of("probabilities"), List.of(h), integer("axis", 1))
        .matrix(DataType.FLOAT, width, naming.probabilityExplanation());
    label("ArgMax", List.of(h), integer("axis", 1), integer("keepdims", 0));
  }

  /** σ(h₁) σ(h₂) + σ(−h₁) σ(h₃). */
  private void mixture(String h) {
    String twice = graph.columns("gate/twice", h, 0, 0);
    String signs = graph.floats("gate/signs", new float[] {1, -1}, 2);
    String gate = logistic("gate", graph.node("Mul", "gate/h", List.of(twice, signs)));
    String experts = logistic("experts", graph.columns("experts/h", h, 1, 2));
    String parts = graph.node("Mul", "mixture/parts", List.of(gate, experts));
    String axis = graph.longs("mixture/axis", 1);
    String name = naming.of("probability");
    graph
        .result("ReduceSum", name, List.of(parts, axis))
        .matrix(DataType.FLOAT, 1, naming.probabilityExplanation());
    binaryLabel(name);
  }

  private String logistic(String name, String h) {
    return graph.node("Reciprocal", name, List.of(onePlusExp(name, h)));
  }

  /**
   * 1 + e^−h, for a logistic function made of its parts: the operator Sigmoid is accurate to about
   * 2⁻²⁴ in some runtimes, which leaves nothing of a small probability.
   */
  private String onePlusExp(String name, String h) {
    String minus = graph.node("Neg", name + "/minus", List.of(h));
    String exp = graph.node("Exp", name + "/exp", List.of(minus));
    String one = graph.floats(name + "/one", new float[] {1}, 1);
    return graph.node("Add", name + "/sum", List.of(exp, one));
  }

  /** Only a table says what the two classes are. */
  private void binaryLabel(String probability) {
    if (subject.columns().isPresent()) {
      String half = graph.floats("label/half", new float[] {0.5f}, 1);
      String above = graph.node("Greater", "label/above", List.of(probability, half));
      String number = graph.node("Cast", "label/number", List.of(above), to(DataType.INT64));
      label("Reshape", List.of(number, graph.longs("label/shape", -1)));
    }
  }

  /** By the node that gives the number of the class, int64 [N]; by name if texts may be. */
  private void label(String operator, List<String> inputs, AttributeProto... attributes) {
    String name = naming.of("label");
    if (naming.fromTable()) {
      String number = graph.node(operator, "label/index", inputs, attributes);
      String classes = graph.texts("label/classes", naming.classes());
      graph
          .result("Gather", name, List.of(classes, number))
          .column(DataType.STRING, naming.labelExplanation());
    } else {
      graph
          .result(operator, name, inputs, attributes)
          .column(DataType.INT64, naming.labelExplanation());
    }
  }

  private double[] each(ToDoubleFunction<Column> value) {
    return subject.columns().orElseThrow().targets().stream().mapToDouble(value).toArray();
  }

  private static float[] narrow(double[] values) {
    float[] narrow = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      narrow[i] = (float) values[i];
    }
    return narrow;
  }
}
