package dev.krongauss.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.ModelFile;
import dev.krongauss.net.Network;
import dev.krongauss.table.Column;
import dev.krongauss.table.ColumnPlan;
import dev.krongauss.table.Task;
import dev.krongauss.testing.Huber;
import dev.krongauss.testing.TestDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model file becomes the model that its network would have become. */
final class SavedTest {
  private static final ColumnPlan PLAN =
      ColumnPlan.of(
          Task.BINARY,
          List.of(
              Column.number("age", 40.1, 12.3, true),
              Column.category("sex", List.of("F", "M"), true)),
          List.of(Column.category("bought", List.of("no", "yes"), false)),
          List.of());

  @TempDir private Path folder;

  private static Network network(int inputs, int outputs) {
    return Network.input(inputs)
        .dense(3, Activation.leakyRelu(1e-3f))
        .dense(5, Activation.SOFTPLUS)
        .dense(outputs, Activation.IDENTITY)
        .build(TestDevice.get(), 2);
  }

  private ModelProto saved(Network net, LossFunction loss, Map<String, String> about)
      throws Exception {
    Path model = folder.resolve("model.safetensors");
    net.save(model, loss, about);
    Path file = folder.resolve("saved.onnx");
    Onnx.write(ModelFile.read(model), file);
    return ModelProto.parseFrom(Files.readAllBytes(file));
  }

  @Test
  void withoutColumnsItIsTheSame() throws Exception {
    List<LossFunction> losses =
        List.of(
            Loss.squared(),
            Loss.bernoulli(),
            Loss.softmax(),
            Loss.mixture(),
            Loss.mixture(Loss.Split.LOGIT),
            Loss.weighted(Loss.softmax()));
    for (LossFunction loss : losses) {
      try (Network net = network(4, 3)) {
        Path file = folder.resolve("direct.onnx");
        Onnx.write(net, loss, file);
        assertThat(saved(net, loss, Map.of()).toByteArray())
            .as(loss.name())
            .isEqualTo(Files.readAllBytes(file));
      }
    }
  }

  @Test
  void aLossOfOnesOwnGivesTheOutputsAsTheyAre() throws Exception {
    try (Network net = network(4, 3)) {
      ModelProto model = saved(net, Loss.onHost(new Huber(1)), Map.of());
      assertThat(model.getGraph().getOutput(0).getName()).isEqualTo("outputs");
      assertThat(model.getGraph().getOutputCount()).isEqualTo(1);
    }
  }

  /** It is no built-in loss, whatever it calls itself. */
  @Test
  void aLossOfOnesOwnWithABuiltInNameStaysOnesOwn() throws Exception {
    LossFunction own = Loss.onHost(new Squared());
    try (Network net = network(4, 3)) {
      Path file = folder.resolve("direct.onnx");
      Onnx.write(net, own, file);
      ModelProto direct = ModelProto.parseFrom(Files.readAllBytes(file));
      assertThat(direct.getGraph().getOutput(0).getName()).isEqualTo("outputs");
      assertThat(direct).isEqualTo(saved(net, own, Map.of()));
    }
  }

  private static final class Squared extends Huber {
    Squared() {
      super(1);
    }

    @Override
    public String name() {
      return "squared";
    }
  }

  @Test
  void columnsAndTextsComeAlong() throws Exception {
    try (Network net = network(PLAN.inputWidth(), 1)) {
      Map<String, String> about = Map.of("columns", PLAN.toJson(), "residual", "0.5");
      ModelProto model = saved(net, Loss.bernoulli(), about);
      Path file = folder.resolve("direct.onnx");
      Onnx.write(net, Loss.bernoulli(), PLAN, file);
      ModelProto direct = ModelProto.parseFrom(Files.readAllBytes(file));
      assertThat(model.getGraph()).isEqualTo(direct.getGraph());
      assertThat(model.getMetadataPropsList())
          .containsAll(direct.getMetadataPropsList())
          .contains(StringStringEntryProto.newBuilder().setKey("residual").setValue("0.5").build());
    }
  }
}
