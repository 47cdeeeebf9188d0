package dev.krongauss.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxModelMetadata;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.table.Column;
import dev.krongauss.table.ColumnPlan;
import dev.krongauss.table.Task;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file: versions, names, texts, and what is refused before it is written. */
final class FormatTest {
  private static final List<Column> NUMBERS =
      List.of(Column.number("age", 40, 12, true), Column.number("size", 1.7, 0.1, false));
  private static final List<Column> MIXED =
      List.of(NUMBERS.get(0), Column.category("label", List.of("a", "b"), false));
  private static final List<Column> PRICE = List.of(Column.number("price", 10, 3, false));
  private static final List<Column> YES =
      List.of(Column.category("bought", List.of("no", "yes"), false));

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("model.onnx");
  }

  private static Network network(int inputs, int outputs) {
    return Network.input(inputs)
        .dense(4, Activation.leakyRelu(0.1f))
        .dense(outputs, Activation.IDENTITY)
        .build(TestDevice.get(), 1);
  }

  private ModelProto write(OnnxOptions options, LossFunction loss, ColumnPlan plan)
      throws IOException {
    try (Network net = network(plan.inputWidth(), plan.outputs())) {
      options.write(net, loss, plan, file());
    }
    return ModelProto.parseFrom(Files.readAllBytes(file()));
  }

  @Test
  void textsTakeOperatorSet19AndAllElse17() throws Exception {
    ModelProto numbers =
        write(
            Onnx.options(),
            Loss.squared(),
            ColumnPlan.of(Task.REGRESSION, NUMBERS, PRICE, List.of()));
    assertThat(numbers.getIrVersion()).isEqualTo(8);
    assertThat(numbers.getOpsetImport(0).getVersion()).isEqualTo(17);
    ColumnPlan mixed = ColumnPlan.of(Task.BINARY, MIXED, YES, List.of());
    ModelProto texts = write(Onnx.options(), Loss.bernoulli(), mixed);
    assertThat(texts.getIrVersion()).isEqualTo(9);
    assertThat(texts.getOpsetImport(0).getVersion()).isEqualTo(19);
    ModelProto encoded = write(Onnx.options().numbersOnly(), Loss.bernoulli(), mixed);
    assertThat(encoded.getOpsetImport(0).getVersion()).isEqualTo(17);
    assertThat(List.of(numbers, texts, encoded))
        .allSatisfy(
            model -> {
              assertThat(model.getOpsetImportList()).hasSize(1);
              assertThat(model.getOpsetImport(0).getDomain()).isEmpty();
            });
  }

  /** What a backend for the GPU of a browser lacks; a Cast makes the number of a class. */
  @Test
  void numbersOnlyHasNeitherTextsNorFloat64() throws Exception {
    for (Task task : Task.values()) {
      ColumnPlan plan = ColumnPlan.of(task, MIXED, target(task), List.of());
      GraphProto graph = write(Onnx.options().numbersOnly(), loss(task), plan).getGraph();
      assertThat(graph.getInitializerList())
          .as("%s", task)
          .extracting(TensorProto::getDataType)
          .isSubsetOf(TensorProto.DataType.FLOAT_VALUE, TensorProto.DataType.INT64_VALUE);
      assertThat(graph.getNodeList())
          .extracting(NodeProto::getOpType)
          .doesNotContain("Equal", "IsNaN");
      assertThat(graph.getNodeList().stream().filter(node -> node.getOpType().equals("Cast")))
          .allSatisfy(
              cast ->
                  assertThat(cast.getAttribute(0).getI())
                      .isEqualTo(TensorProto.DataType.INT64_VALUE));
    }
  }

  private static List<Column> target(Task task) {
    return switch (task) {
      case REGRESSION -> PRICE;
      case BINARY -> YES;
      case CLASSES -> List.of(Column.category("kind", List.of("x", "y", "z"), false));
    };
  }

  private static LossFunction loss(Task task) {
    return switch (task) {
      case REGRESSION -> Loss.squared();
      case BINARY -> Loss.bernoulli();
      case CLASSES -> Loss.softmax();
    };
  }

  /** A column may be called as an output, and as a node within. */
  @Test
  void namesAreUniqueAndColumnsKeepTheirs() throws Exception {
    List<Column> inputs =
        List.of(
            Column.number("label", 0, 1, true),
            Column.number("predicted_probability", 0, 1, false),
            Column.category("layer1/h", List.of("x"), true),
            Column.category("encode/row", List.of("inputs", ""), false),
            Column.number("inputs", 0, 1, false));
    ColumnPlan plan = ColumnPlan.of(Task.BINARY, inputs, YES, List.of());
    GraphProto graph = write(Onnx.options(), Loss.bernoulli(), plan).getGraph();
    assertThat(graph.getInputList())
        .extracting(ValueInfoProto::getName)
        .containsExactlyElementsOf(inputs.stream().map(Column::name).toList());
    assertThat(graph.getOutputList())
        .extracting(ValueInfoProto::getName)
        .containsExactly("predicted_predicted_probability", "predicted_predicted_label");
    List<String> names =
        Stream.of(
                graph.getInputList().stream().map(ValueInfoProto::getName),
                graph.getInitializerList().stream().map(TensorProto::getName),
                graph.getNodeList().stream().flatMap(node -> node.getOutputList().stream()))
            .flatMap(each -> each)
            .toList();
    assertThat(names).doesNotHaveDuplicates();
    try (Session session = new Session(file())) {
      int N = 9;
      Session.Outputs outputs = session.run(new Cells(plan, N).inputs(false), N);
      assertThat(outputs.texts("predicted_predicted_label")).hasSize(N);
    }
  }

  @Test
  void aRuntimeShowsWhatTheModelIs() throws Exception {
    ColumnPlan plan = ColumnPlan.of(Task.BINARY, NUMBERS, YES, List.of());
    ModelProto model = write(Onnx.options(), Loss.weighted(Loss.bernoulli()), plan);
    assertThat(model.getMetadataPropsList())
        .extracting(StringStringEntryProto::getKey)
        .containsExactly("activations", "architecture", "columns", "loss", "task");
    try (Session session = new Session(file())) {
      OnnxModelMetadata metadata = session.metadata();
      assertThat(metadata.getProducerName()).isEqualTo("krongauss");
      assertThat(metadata.getDomain()).isEqualTo("dev.krongauss");
      assertThat(metadata.getDescription())
          .isEqualTo("Dense network 3-4-1, loss weighted bernoulli; binary of a table, 2 columns.");
      Map<String, String> texts = metadata.getCustomMetadata();
      assertThat(texts)
          .containsEntry("architecture", "3-4-1")
          .containsEntry("activations", "leaky_relu:0.1, identity")
          .containsEntry("loss", "weighted bernoulli")
          .containsEntry("task", "binary");
      assertThat(ColumnPlan.ofJson(texts.get("columns"))).isEqualTo(plan);
    }
    assertThat(
            model.getGraph().getInputList().stream()
                .collect(Collectors.toMap(ValueInfoProto::getName, ValueInfoProto::getDocString)))
        .containsEntry(
            "age",
            "a number, NaN where it is missing; in training its mean was 40.0, its deviation 12.0");
  }

  @Test
  void theSameModelIsTheSameBytes() throws Exception {
    ColumnPlan plan = ColumnPlan.of(Task.BINARY, MIXED, YES, List.of());
    ModelProto first = write(Onnx.options(), Loss.bernoulli(), plan);
    assertThat(write(Onnx.options(), Loss.bernoulli(), plan).toByteString())
        .isEqualTo(first.toByteString());
  }

  @Test
  void whatIsTooLargeIsRefusedBeforeItIsMade() {
    Subject.checkSize(new int[] {1, 266_338_303}); // with 16 MiB for all else, 2^31 - 4 bytes
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Subject.checkSize(new int[] {1, 266_338_304}))
        .withMessage(
            "the network has 532,676,608 weights, 1.98 GiB, and an ONNX file holds less than 2 GiB;"
                + " save it with net.save(file, loss) and serve it with Network.load, or train a"
                + " narrower one");
  }

  @Test
  void columnsOfAnotherNetworkAreRefused() throws Exception {
    Files.writeString(file(), "an older one");
    ColumnPlan numbers = ColumnPlan.of(Task.REGRESSION, NUMBERS, PRICE, List.of());
    ColumnPlan two = ColumnPlan.of(Task.BINARY, NUMBERS, YES, List.of());
    refused(
        4, 1, Loss.squared(), numbers, "the columns make rows of 3 values and the network takes 4");
    refused(3, 2, Loss.squared(), numbers, "the columns have 1 outputs and the network 2");
    refused(
        3,
        1,
        Loss.squared(),
        two,
        "the columns are those of a task 'binary' and the loss is squared");
    refused(
        3,
        1,
        Loss.bernoulli(),
        numbers,
        "the columns are those of a task 'regression' and the loss is bernoulli");
    assertThat(Files.readString(file())).isEqualTo("an older one");
  }

  private void refused(int inputs, int outputs, LossFunction loss, ColumnPlan plan, String why) {
    try (Network net = network(inputs, outputs)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Onnx.write(net, loss, plan, file()))
          .withMessageStartingWith(why);
    }
  }

  @Test
  void doublesWithoutColumnsAreRefused() {
    try (Network net = network(2, 1)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Onnx.options().doubleInputs().write(net, Loss.squared(), file()))
          .withMessageContaining("doubleInputs()")
          .withMessageContaining("leave it out");
    }
  }

  @Test
  void aFolderThatIsNotThereIsNamed() {
    Path nowhere = folder.resolve("nowhere").resolve("model.onnx");
    try (Network net = network(2, 1)) {
      assertThatThrownBy(() -> Onnx.write(net, Loss.squared(), nowhere))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("nowhere");
    }
  }
}
