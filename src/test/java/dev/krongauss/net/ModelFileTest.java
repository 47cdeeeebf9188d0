package dev.krongauss.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Device;
import dev.krongauss.io.Checkpoint;
import dev.krongauss.io.CheckpointException;
import dev.krongauss.io.TensorFile;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Resumable;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.HostLoss;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Model files: all of a network comes back, and no other file becomes one. */
final class ModelFileTest {
  private static final float[][] WEIGHTS = {{1, 2, 3, -4, 5e-30f, 6}, {7, 8, 9}};

  @TempDir private Path folder;

  private final Device device = TestDevice.get();

  static Stream<Activation> activations() {
    return Stream.of(
        Activation.IDENTITY,
        Activation.TANH,
        Activation.LOGISTIC,
        Activation.RELU,
        Activation.SOFTPLUS,
        Activation.leakyRelu(0.1f),
        Activation.leakyRelu(-3.4028235e38f),
        Activation.leakyRelu(1.4e-45f));
  }

  @ParameterizedTest
  @MethodSource("activations")
  void everyActivationComesBack(Activation activation) throws IOException {
    Path file = folder.resolve("model.safetensors");
    float[] rows = {0.25f, -1, 3, 0.5f};
    Map<String, String> about = Map.of("columns", "{\"a\":\"ü \\\" \n\"}", "empty", "");
    float[] wanted;
    try (Network net = network(activation)) {
      wanted = net.predict(rows, 2);
      net.save(file, Loss.squared(), about);
    }
    try (Network loaded = Network.load(device, file)) {
      assertThat(loaded.weights()).isDeepEqualTo(WEIGHTS);
      assertThat(loaded.activations().get(0)).isEqualTo(activation).hasSameHashCodeAs(activation);
      assertThat(loaded.predict(rows, 2)).isEqualTo(wanted);
    }
    ModelFile read = ModelFile.read(file);
    assertThat(read.sizes()).containsExactly(2, 2, 1);
    assertThat(read.activations())
        .extracting(Activation::text)
        .containsExactly(activation.text(), "identity");
    assertThat(read.about()).isEqualTo(about);
    assertThat(read.weights()).isDeepEqualTo(WEIGHTS);
    read.weights()[0][0] = 99; // a copy
    assertThat(read.weights()[0][0]).isEqualTo(1);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).as("no temporary file is left").containsExactly(file);
    }
  }

  static Stream<LossFunction> losses() {
    Stream<LossFunction> plain =
        Stream.of(
            Loss.squared(),
            Loss.bernoulli(),
            Loss.softmax(),
            Loss.mixture(Loss.Split.OUTCOME),
            Loss.mixture(Loss.Split.LOGIT));
    return plain.flatMap(loss -> Stream.of(loss, Loss.weighted(loss)));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void everyLossComesBack(LossFunction loss) throws IOException {
    Path file = folder.resolve("model.safetensors");
    try (Network net = Network.input(2).dense(3, Activation.IDENTITY).build(device, 1)) {
      net.save(file, loss);
    }
    ModelFile read = ModelFile.read(file);
    assertThat(read.lossName()).isEqualTo(loss.name());
    assertThat(read.loss().name()).isEqualTo(loss.name());
    assertThat(read.loss().getClass()).isEqualTo(loss.getClass());
    assertThat(read.response()).hasToString(Response.of(loss).toString());
  }

  /** Its name is kept, and that it is no built-in one, whatever it calls itself. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLossOfOnesOwnIsNamed(boolean weighted) throws IOException {
    Path file = folder.resolve("model.safetensors");
    LossFunction own = new HostLoss(ReferenceLoss.SQUARED, 2);
    try (Network net = network(Activation.TANH)) {
      net.save(file, weighted ? Loss.weighted(own) : own);
    }
    ModelFile read = ModelFile.read(file);
    assertThat(read.lossName()).isEqualTo((weighted ? "weighted " : "") + "own:" + own.name());
    assertThat(read.response().isIdentity()).isTrue();
    assertThatThrownBy(read::loss)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'" + own.name() + "' is one of your own");
  }

  /** As the format's description has it, read without our reader. */
  @Test
  void itIsASafetensorsFile() throws IOException {
    byte[] all = Files.readAllBytes(saved());
    ByteBuffer bytes = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
    int head = (int) bytes.getLong(0);
    assertThat(new String(all, 8, head, StandardCharsets.UTF_8))
        .startsWith("{\"__metadata__\":{\"krongauss.model\":\"1\",")
        .contains("\"krongauss.model.sizes\":\"2,2,1\"")
        .contains("\"krongauss.model.activations\":\"tanh,identity\"")
        .contains("\"krongauss.model.loss\":\"squared\"")
        .contains("\"krongauss.about.columns\":\"here\"")
        .contains("\"W1\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}")
        .contains("\"W2\":{\"dtype\":\"F32\",\"shape\":[1,3],\"data_offsets\":[24,36]}");
    assertThat(all).hasSize(8 + head + 36);
    assertThat(bytes.getFloat(8 + head + 24)).isEqualTo(7);
  }

  @Test
  void damageIsFoundWhereverItIs() throws IOException {
    Path file = saved();
    byte[] good = Files.readAllBytes(file);
    for (int at = 0; at < good.length; at++) {
      byte[] bad = good.clone();
      bad[at] ^= 4;
      Files.write(file, bad);
      int place = at;
      assertThatThrownBy(() -> ModelFile.read(file))
          .as("byte %d", place)
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining(file.toString());
    }
    for (int length : new int[] {0, 5, 8, 100, good.length - 1}) {
      Files.write(file, java.util.Arrays.copyOf(good, length));
      assertThatThrownBy(() -> ModelFile.read(file))
          .as("%d bytes", length)
          .isInstanceOf(CheckpointException.class);
    }
  }

  @Test
  void aCheckpointIsNamedAsOne() throws IOException {
    Path file = folder.resolve("run.safetensors");
    try (Network net = network(Activation.TANH)) {
      Checkpoint.save(file, device.stream(), Map.of("weights", Resumable.weights(net)));
      refused(file, "it is a checkpoint of a run, with the tensors [weights.W1, weights.W2]");
      Path model = saved();
      assertThatThrownBy(
              () -> Checkpoint.load(model, device.stream(), Map.of("w", Resumable.weights(net))))
          .isInstanceOf(CheckpointException.class)
          .hasMessage(
              model
                  + " is a model file, without the state of a run; Network.load(device, file) reads"
                  + " it");
    }
  }

  @Test
  void otherFilesAreNone() throws IOException {
    Path file = folder.resolve("other.safetensors");
    TensorFile.save(file, Map.of(), List.of(new TensorFile.Values("weight", 1, 1, new float[1])));
    refused(file, "it is a safetensors file, but no model file of this library");
    Files.writeString(file, "age,income\n1,2\n");
    refused(file, "it is no safetensors file");
    assertThatThrownBy(() -> ModelFile.read(folder))
        .hasMessage(folder + " is a folder; give the file of a model file");
    assertThatThrownBy(() -> ModelFile.read(folder.resolve("none")))
        .hasMessage("there is no model file " + folder.resolve("none"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "krongauss.model|2|it is a model file of format '2', and this version reads 1",
        "krongauss.model.sizes|2,0,1|a layer with 0 units",
        "krongauss.model.sizes|2,x|'krongauss.model.sizes' is '2,x', no list of sizes",
        "krongauss.model.sizes|2,2|2 sizes and 2 activations",
        "krongauss.model.sizes|2,3,1|its 'W1' is F32[2][3], and 'W1' should be F32[3][3]",
        "krongauss.model.activations|gelu,identity|activation 'gelu' is not known; choose from",
        "krongauss.model.activations|leaky_relu,identity|activation 'leaky_relu' is not known",
        "krongauss.model.activations|leaky_relu:x,identity|its slope is no number",
        "krongauss.model.activations|leaky_relu:NaN,identity|slope NaN of a leaky ReLU",
        "krongauss.model.activations|tanh,tanh|the output layer has activation tanh",
        "krongauss.model.loss|mixture (logit)|1 outputs of a mixture of two binary classifiers",
        "krongauss.model.loss|huber|loss 'huber' is not known; this version has",
        "krongauss.model.loss|weighted weighted squared|loss 'weighted weighted squared' is not",
        "krongauss.model.dropout|0.5|its text 'krongauss.model.dropout' is not known here"
      })
  void whatThisVersionDoesNotKnowIsRefusedByName(String name, String text, String message)
      throws IOException {
    Map<String, String> texts = texts();
    texts.put(name, text);
    refused(file(texts, WEIGHTS, 2), message);
  }

  @Test
  void partsThatAreMissingAreNamed() throws IOException {
    for (String name : List.of("sizes", "activations", "loss")) {
      Map<String, String> texts = texts();
      texts.remove("krongauss.model." + name);
      refused(file(texts, WEIGHTS, 2), "it has no text 'krongauss.model." + name + "'");
    }
    refused(file(texts(), WEIGHTS, 1), "it has [W1], and 'W2' should be F32[1][3]");
    refused(file(texts(), WEIGHTS, 3), "it has tensors [W1, W2, W3], and a network of 2 layers");
  }

  @Test
  void weightsThatAreNotFiniteAreNeitherReadNorWritten() throws IOException {
    float[][] bad = {WEIGHTS[0].clone(), WEIGHTS[1].clone()};
    bad[0][4] = Float.NaN;
    refused(file(texts(), bad, 2), "W1[1][1] is NaN, and every weight must be a finite number");
    Path file = saved();
    byte[] before = Files.readAllBytes(file);
    try (Network net = network(Activation.TANH)) {
      net.parameters().get(1).upload(new float[] {1, Float.NEGATIVE_INFINITY, 0}, device.stream());
      assertThatThrownBy(() -> net.save(file, Loss.squared()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("W2[0][1] is -Infinity");
      net.setWeights(WEIGHTS);
      assertThatThrownBy(() -> net.save(file, Loss.squared(), Map.of("a", "\ud800")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("half of one");
    }
    assertThat(Files.readAllBytes(file)).as("the older file").isEqualTo(before);
  }

  private Network network(Activation activation) {
    Network net =
        Network.input(2).dense(2, activation).dense(1, Activation.IDENTITY).build(device, 1);
    net.setWeights(WEIGHTS);
    return net;
  }

  private Path saved() throws IOException {
    return file(texts(), WEIGHTS, 2);
  }

  private static Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("krongauss.model", "1");
    texts.put("krongauss.model.sizes", "2,2,1");
    texts.put("krongauss.model.activations", "tanh,identity");
    texts.put("krongauss.model.loss", "squared");
    texts.put("krongauss.about.columns", "here");
    return texts;
  }

  /** A file with right checksums, whatever it holds. */
  private Path file(Map<String, String> texts, float[][] weights, int layers) throws IOException {
    Path file = folder.resolve("written.safetensors");
    List<TensorFile.Values> matrices = new java.util.ArrayList<>();
    for (int l = 1; l <= layers; l++) {
      float[] values = weights[Math.min(l, weights.length) - 1];
      matrices.add(new TensorFile.Values("W" + l, values.length / 3, 3, values));
    }
    TensorFile.save(file, texts, matrices);
    return file;
  }

  private static void refused(Path file, String message) {
    ThrowingCallable read = () -> ModelFile.read(file);
    assertThatThrownBy(read)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }
}
