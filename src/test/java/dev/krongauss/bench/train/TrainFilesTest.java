package dev.krongauss.bench.train;

import static dev.krongauss.bench.train.TableFixture.predict;
import static dev.krongauss.bench.train.TableFixture.train;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.krongauss.bench.train.TableFixture.Run;
import dev.krongauss.net.Loss;
import dev.krongauss.net.ModelFile;
import dev.krongauss.net.Network;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that a training must not touch, and what becomes of those that it cannot write. */
final class TrainFilesTest {
  @TempDir private Path folder;

  private Path data;
  private Path model;

  @BeforeEach
  void table() throws IOException {
    data = TableFixture.houses(folder.resolve("houses.csv"), 120);
    model = folder.resolve("model.safetensors");
  }

  @Test
  void theTableItselfIsNeverOverwritten() throws IOException {
    byte[] before = Files.readAllBytes(data);
    Path link = Files.createSymbolicLink(folder.resolve("link.csv"), data);
    String cause = "the rows are read from this file, and it would be overwritten";
    refused(run(data, 1, "--force"), "--out " + data + ": " + cause);
    refused(run(model, 1, "--force", "--onnx", data), "--onnx " + data + ": " + cause);
    refused(run(model, 1, "--force", "--save-holdout", link), "--save-holdout " + link);
    assertThat(Files.readAllBytes(data)).isEqualTo(before);
    assertThat(link).isSymbolicLink();
    Path own = Files.move(data, folder.resolve("model.safetensors.checkpoint"));
    refused(
        train("--data", own, "--target", "price", "--out", model, "--force"),
        "the checkpoint of --out " + own + ": " + cause);
    assertThat(Files.readAllBytes(own)).isEqualTo(before);
  }

  @Test
  void aRefusedResumeLeavesTheHeldOutRows() throws IOException {
    Path held = Files.writeString(folder.resolve("held.csv"), "mine");
    Files.writeString(Path.of(model + ".checkpoint"), "no checkpoint");
    Run run = run(model, 2, "--resume", "--save-holdout", held);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains(".checkpoint");
    assertThat(held).hasContent("mine");
  }

  @Test
  void aCheckpointThatCannotBeWrittenIsSaidAndTrainingGoesOn() throws IOException {
    Path part = Files.createDirectory(Path.of(model + ".checkpoint.part"));
    Files.writeString(part.resolve("here"), "");
    Run run = run(model, 2, "--checkpoint-seconds", 1e-9);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("bench/train: checkpoint " + model + ".checkpoint cannot be written: ")
        .contains("training goes on");
    assertThat(model).isNotEmptyFile();
  }

  @Test
  void aFolderThatTakesNoFileIsFoundBeforeTraining() {
    Path proc = Path.of("/proc/self");
    assumeThat(proc).isDirectory();
    refused(run(proc.resolve("m.safetensors"), 1), "no file can be made in /proc/self");
  }

  @Test
  void heldOutRowsAreNoArchive() {
    refused(
        run(model, 1, "--save-holdout", folder.resolve("held.csv.gz")),
        "held.csv.gz: it is written as plain text; give a name without .gz");
  }

  @Test
  void twoTrainingsNeverWriteOneModel() throws IOException {
    OutLock lock = OutLock.of(model);
    Run second = run(model, 1);
    lock.close();
    assertThat(second.code()).isEqualTo(1);
    assertThat(second.err()).contains("--out " + model + ": another training is going to write it");
    assertThat(run(model, 1).code()).isZero();
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactlyInAnyOrder(data, model);
    }
  }

  @Test
  void aTrainingThatDivergedLeavesNoModel() {
    Run run = run(model, 30, "--optimizer", "adam:rate=1e20");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .contains("the training by adam:rate=1e20 diverged, and no model is written");
    assertThat(model).doesNotExist();
  }

  @Test
  void residualsThatAreNoNumbersMakeNoInterval() throws IOException {
    assertThat(run(model, 1).code()).isZero();
    try (Network net = Network.load(TestDevice.get(), model)) {
      Map<String, String> about = new HashMap<>(ModelFile.read(model).about());
      about.put(ModelFile.RESIDUAL, "NaN");
      ModelFile.of(net, Loss.squared(), about).write(model);
    }
    Run run = predict(model, data);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("prediction\n").doesNotContain("NaN");
    assertThat(run.err()).contains("no interval: the model's residuals are no finite numbers");
  }

  @Test
  void whatIsNoPlainFileIsSaid() throws IOException {
    refused(
        train("--data", folder, "--out", model), "--data " + folder + ": it is a folder; give a");
    refused(train("--data", "/dev/null", "--out", model), "/dev/null: it is a pipe or a device");
    Path none = folder.resolve("none");
    refused(
        train("--inputs", none, "--targets", data, "--out", model),
        "--inputs " + none + ": there is no such file");
    refused(predict(data, folder), folder + ": it is a folder");
    refused(predict(data, "/dev/null"), "/dev/null: it is a pipe or a device");
  }

  private Run run(Path out, int updates, Object... more) {
    List<Object> words = new ArrayList<>(List.of("--data", data, "--target", "price"));
    words.addAll(List.of("--hidden", "5", "--batch", 24, "--updates", updates, "--out", out));
    words.addAll(List.of(more));
    return train(words.toArray());
  }

  private static void refused(Run run, String message) {
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }
}
