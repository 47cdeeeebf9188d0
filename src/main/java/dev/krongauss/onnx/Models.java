package dev.krongauss.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.krongauss.io.WholeFile;
import dev.krongauss.net.Activation;
import dev.krongauss.net.ModelFile;
import dev.krongauss.onnx.OnnxOptions.Inputs;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Makes a model and writes it. Linked only after {@link Libraries#check()}. */
final class Models {
  private static final String PRODUCER = "krongauss";
  private static final String DOMAIN = "dev.krongauss";

  /** Texts can be compared since operator set 19, which came with version 9 of the format. */
  private static final Format WITH_TEXTS = new Format(19, 9);

  /** The oldest that is asked for, so that old runtimes take the model. */
  private static final Format WITHOUT_TEXTS = new Format(17, 8);

  private Models() {}

  private record Format(int operators, int version) {}

  static void write(Subject subject, Inputs form, Path file) throws IOException {
    ModelProto model = model(subject, form);
    WholeFile.replace(
        file,
        channel -> {
          OutputStream stream = new BufferedOutputStream(Channels.newOutputStream(channel));
          model.writeTo(stream);
          stream.flush(); // not closed: the channel is synced first
        });
  }

  private static ModelProto model(Subject subject, Inputs form) {
    Naming naming = new Naming(subject, form);
    Format format = naming.hasTexts() ? WITH_TEXTS : WITHOUT_TEXTS;
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(format.version())
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(format.operators()))
            .setProducerName(PRODUCER)
            .setProducerVersion(version())
            .setDomain(DOMAIN)
            .setModelVersion(1)
            .setDocString(explanation(subject))
            .setGraph(graph(subject, naming, form));
    texts(subject)
        .forEach(
            (key, text) ->
                model.addMetadataProps(
                    StringStringEntryProto.newBuilder().setKey(key).setValue(text)));
    return model.build();
  }

  private static GraphProto graph(Subject subject, Naming naming, Inputs form) {
    GraphBuilder graph = new GraphBuilder();
    naming.reserved().forEach(graph::reserve);
    String rows = rows(graph, subject, naming, form);
    String h = Layers.of(graph, subject, rows);
    Outputs.of(graph, subject, naming, h);
    return graph.build(PRODUCER, "dense layers " + subject.architecture());
  }

  private static String rows(GraphBuilder graph, Subject subject, Naming naming, Inputs form) {
    if (naming.fromTable()) {
      DataType numbers = form == Inputs.DOUBLE_COLUMNS ? DataType.DOUBLE : DataType.FLOAT;
      return Encoding.of(graph, subject.columns().orElseThrow(), naming, numbers);
    }
    return graph.input(Naming.INPUTS, DataType.FLOAT, subject.inputs(), naming.rowsExplanation());
  }

  /** Whoever saved the model may have said more; what comes from the model itself goes first. */
  private static Map<String, String> texts(Subject subject) {
    Map<String, String> texts = new TreeMap<>(subject.about());
    texts.put("architecture", subject.architecture());
    texts.put(
        "activations",
        subject.activations().stream().map(Activation::text).collect(Collectors.joining(", ")));
    texts.put("loss", subject.lossName());
    subject
        .columns()
        .ifPresent(
            plan -> {
              texts.put("task", plan.task().toString());
              texts.put(ModelFile.COLUMNS, plan.toJson());
            });
    return texts;
  }

  private static String explanation(Subject subject) {
    String rows =
        subject
            .columns()
            .map(plan -> "%s of a table, %d columns".formatted(plan.task(), plan.inputs().size()))
            .orElse("rows of %d numbers".formatted(subject.inputs()));
    return "Dense network %s, loss %s; %s."
        .formatted(subject.architecture(), subject.lossName(), rows);
  }

  /** From the jar's manifest. */
  private static String version() {
    String version = Models.class.getPackage().getImplementationVersion();
    return version == null ? "unpackaged" : version;
  }
}
