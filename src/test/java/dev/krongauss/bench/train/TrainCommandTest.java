package dev.krongauss.bench.train;

import static dev.krongauss.bench.train.TableFixture.predict;
import static dev.krongauss.bench.train.TableFixture.train;
import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.bench.train.TableFixture.Run;
import dev.krongauss.device.Device;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands refuse before anything runs, and a run that is taken up again. */
final class TrainCommandTest {
  @TempDir private Path folder;

  private Path data;
  private Path model;

  @BeforeEach
  void table() throws IOException {
    data = TableFixture.houses(folder.resolve("houses.csv"), 120);
    model = folder.resolve("model.safetensors");
  }

  @Test
  void wrongOptionsAreRefusedBeforeAnythingRuns() throws IOException {
    refused("--data is missing: give the file of a table");
    refused("--data curves: bench/train takes a table of your own", "--data", "curves");
    refused("--seconds 0.0: it is no time", "--data", data, "--seconds", 0);
    refused("--updates 0: it must be at least 1", "--data", data, "--updates", 0);
    refused("--patience -1: it must be at least 0", "--data", data, "--patience", -1);
    refused("--optimizer: 'lbfgs' is not known", "--data", data, "--optimizer", "lbfgs");
    refused("--resume: there is no " + model + ".checkpoint", "--data", data, "--resume");
    refused("one file cannot hold two things", "--data", data, "--onnx", model);
    refused("there is no folder", "--data", data, "--onnx", folder.resolve("none/m.onnx"));
    refused("--onnx " + folder + ": it is", "--data", data, "--onnx", folder);
    refused(
        "--optimizer: exact needs 19,975 MiB",
        "--data",
        data,
        "--optimizer",
        "exact",
        "--hidden",
        "20000,20000");
    refused("--batch 97: it does not fit 96 rows", "--data", data, "--batch", 97);
    refused("no row is held out", "--data", data, "--holdout", 0, "--save-holdout", folder + "/h");
    Files.writeString(model, "mine");
    refused("it is there and would be overwritten; give another name, or --force", "--data", data);
    assertThat(model).hasContent("mine");
    Files.delete(model);
    Files.writeString(Path.of(model + ".checkpoint"), "");
    refused("a run that was stopped has left", "--data", data);
  }

  @Test
  void aRunThatWasStoppedGoesOnBitForBit() throws Exception {
    Path undisturbed = folder.resolve("undisturbed.safetensors");
    assertThat(run(undisturbed, 30).code()).isZero();

    // The model cannot be written at the end of a shorter run, and its checkpoint stays.
    Thread obstacle = new Thread(this::obstructOnceThereIsACheckpoint);
    obstacle.start();
    Run stopped = run(model, 13);
    obstacle.join();
    assertThat(stopped.code()).as(stopped.err()).isEqualTo(1);
    assertThat(stopped.err())
        .contains("--out " + model + " cannot be written: ")
        .contains("go on from " + model + ".checkpoint with --resume");
    Files.delete(model.resolve("here"));
    Files.delete(model);
    assertThat(Path.of(model + ".checkpoint")).isNotEmptyFile();

    Run others = run(model, 30, "--resume", "--seed", 2);
    assertThat(others.code()).isEqualTo(1);
    assertThat(others.err()).contains("does not fit").hasSizeLessThan(600);
    Run fewer = run(model, 30, "--resume", "--holdout", 0.3);
    assertThat(fewer.code()).isEqualTo(1);
    assertThat(fewer.err())
        .contains("does not fit: its target 'price' has mean ", ", and here has mean ")
        .hasSizeLessThan(600);
    Run resumed = run(model, 30, "--resume");
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.out()).contains("going on behind update ");
    assertThat(Files.readAllBytes(model)).isEqualTo(Files.readAllBytes(undisturbed));
    assertThat(Path.of(model + ".checkpoint")).doesNotExist();
  }

  private Run run(Path out, int updates, Object... more) {
    List<Object> words =
        new ArrayList<>(
            List.of("--data", data, "--target", "price", "--hidden", "5", "--batch", 24));
    words.addAll(List.of("--updates", updates, "--checkpoint-seconds", 1e-9, "--out", out));
    words.addAll(List.of(more));
    return train(words.toArray());
  }

  private void obstructOnceThereIsACheckpoint() {
    try {
      while (!Files.exists(Path.of(model + ".checkpoint"))) {
        Thread.sleep(1);
      }
      Files.createDirectory(model);
      Files.writeString(model.resolve("here"), "");
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void filesThatAreNoModelsOfTablesAreRefused() throws IOException {
    Device device = TestDevice.get();
    try (Network net = Network.input(3).dense(1, Activation.IDENTITY).build(device, 1)) {
      net.save(model, Loss.squared());
    }
    Run none = predict(model, data);
    assertThat(none.code()).isEqualTo(1);
    assertThat(none.err())
        .isEqualToNormalizingNewlines(
            "bench/predict: "
                + model
                + " was not trained from a table: it knows no columns; Network.load and predict"
                + " take rows of its 3 inputs\n");
    assertThat(predict(data, data).err()).contains("it is no safetensors file");
    assertThat(predict(model, folder.resolve("none.csv")).code()).isEqualTo(2);
  }

  /** With {@code --out}, which is always needed. */
  private void refused(String message, Object... arguments) {
    List<Object> words = new ArrayList<>(List.of(arguments));
    words.addAll(List.of("--out", model));
    if (words.contains(data)) {
      words.addAll(List.of("--target", "price"));
    }
    Run run = train(words.toArray());
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).startsWith("bench/train: ").contains(message);
  }
}
