package dev.krongauss.bench.train;

import static dev.krongauss.bench.train.TableFixture.predict;
import static dev.krongauss.bench.train.TableFixture.train;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.bench.train.TableFixture.Run;
import dev.krongauss.net.ModelFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From a generated table to predictions, through both commands. */
final class TrainAndPredictTest {
  @TempDir private Path folder;

  @Test
  void aRegressionGivesItsScoresAgain() throws IOException {
    Path data = TableFixture.houses(folder.resolve("houses.csv"), 400);
    Path model = folder.resolve("houses.safetensors");
    Path held = folder.resolve("held.csv");
    Run trained =
        train(
            "--data",
            data,
            "--target",
            "price",
            "--hidden",
            "8",
            "--updates",
            60,
            "--batch",
            80,
            "--out",
            model,
            "--save-holdout",
            held);
    assertThat(trained.err()).isEmpty();
    assertThat(trained.code()).isZero();
    assertThat(trained.out())
        .contains("to repeat this: bench/train --data " + data, "--holdout 0.2", "--seed 1")
        .contains("held-out rows: 80 in " + held);
    Run predicted = predict(model, held);
    assertThat(predicted.code()).as(predicted.err()).isZero();
    assertThat(predicted.err()).contains("80 predictions", "scores of 80 rows: RMSE ");
    double rmse = number(last(trained.out(), "held-out rows: objective"), "RMSE ");
    assertThat(number(predicted.err(), "RMSE ")).isCloseTo(rmse, within(1e-4 * rmse));
    // The spread of the prices is some 35,000.
    assertThat(rmse).as("it has learnt something").isLessThan(10_000);
    assertThat(ModelFile.read(model).about()).containsKeys("columns", "residual", "optimizer");

    List<String> lines = predicted.out().lines().toList();
    assertThat(lines).hasSize(81);
    assertThat(lines.get(0)).isEqualTo("prediction,low,high");
    double[] row =
        Arrays.stream(lines.get(1).split(",")).mapToDouble(Double::parseDouble).toArray();
    assertThat(row[1] + row[2]).isCloseTo(2 * row[0], within(1e-6 * Math.abs(row[0])));
    assertThat(row[2] - row[0]).isCloseTo(1.959964 * rmse, within(1e-3 * rmse));
  }

  @Test
  void columnsMayComeInAnyOrderAndPacked() throws IOException {
    Path data = TableFixture.houses(folder.resolve("houses.csv"), 200);
    Path model = model(data, "price");
    Path few = folder.resolve("few.csv");
    Files.write(few, List.of("area,\"place, town\",age", "70,south,NA", "90,\"east\",3"));
    Path other = folder.resolve("other.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(other))) {
      out.write("more;age;place, town;area\n1;;south;70\n2;3;east;90\n".getBytes());
    }
    Run one = predict(model, few);
    assertThat(one.code()).as(one.err()).isZero();
    assertThat(one.err()).contains("east").contains("2 predictions").doesNotContain("scores");
    Run two = predict(model, other);
    assertThat(two.code()).as(two.err()).isZero();
    assertThat(two.out()).isEqualTo(one.out());
    Files.write(few, List.of("area,age", "70,1"));
    Run lacking = predict(model, few);
    assertThat(lacking.code()).isEqualTo(1);
    assertThat(lacking.err()).startsWith("bench/predict: ").contains("place, town");
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void classesHaveProbabilities(int count) throws IOException {
    List<String> classes = List.of("left", "right", "third one").subList(0, count);
    Path data = TableFixture.points(folder.resolve("points.csv"), 300, classes);
    Path model = folder.resolve("points.safetensors");
    Path held = folder.resolve("held.csv");
    Run trained =
        train(
            "--data",
            data,
            "--target",
            "kind",
            "--hidden",
            "10",
            "--updates",
            60,
            "--optimizer",
            "kflr",
            "--out",
            model,
            "--save-holdout",
            held);
    assertThat(trained.code()).as(trained.err()).isZero();
    Run predicted = predict(model, held);
    assertThat(predicted.code()).as(predicted.err()).isZero();
    String scores = last(trained.out(), "held-out rows: objective");
    assertThat(number(predicted.err(), "accuracy "))
        .isCloseTo(number(scores, "accuracy "), within(1e-4))
        .isGreaterThan(0.8);
    double loss = number(scores, "log loss ");
    assertThat(number(predicted.err(), "log loss ")).isCloseTo(loss, within(1e-4 * loss + 1e-6));
    assertThat(number(predicted.err(), "AUC ")).isCloseTo(number(scores, "AUC "), within(1e-4));
    List<String> lines = predicted.out().lines().toList();
    assertThat(lines.get(0).split(","))
        .startsWith("prediction", "probability kind=left", "probability kind=right")
        .hasSize(1 + count);
    int right = 0;
    List<String> targets = Files.readAllLines(held);
    for (int i = 1; i < lines.size(); i++) {
      String[] cells = lines.get(i).split(",");
      double sum = 0;
      int best = 0;
      for (int k = 0; k < count; k++) {
        sum += Double.parseDouble(cells[1 + k]);
        best = Double.parseDouble(cells[1 + k]) > Double.parseDouble(cells[1 + best]) ? k : best;
      }
      assertThat(sum).isCloseTo(1, within(1e-6));
      assertThat(cells[0]).isEqualTo(classes.get(best));
      right += targets.get(i).endsWith(";" + cells[0]) ? 1 : 0;
    }
    assertThat(right / (lines.size() - 1.0))
        .isCloseTo(number(predicted.err(), "accuracy "), within(1e-5));
  }

  /** What is held out is as it stood in the file, quotes and all. */
  @Test
  void rowsHeldOutAreCopiedAsTheyStand() throws IOException {
    Path data = TableFixture.houses(folder.resolve("houses.csv"), 100);
    List<String> lines = new ArrayList<>(Files.readAllLines(data));
    lines.set(5, lines.get(5).replace("\"south\"", "\"south\"")); // as it is
    lines.add(40, ""); // no record
    Files.write(data, lines);
    Path held = folder.resolve("held.csv");
    Run run =
        train(
            "--data",
            data,
            "--target",
            "price",
            "--hidden",
            "3",
            "--updates",
            2,
            "--in-order",
            "--out",
            folder.resolve("m.safetensors"),
            "--save-holdout",
            held);
    assertThat(run.code()).as(run.err()).isZero();
    lines.remove(40);
    List<String> wanted = new ArrayList<>(List.of(lines.get(0)));
    wanted.addAll(lines.subList(lines.size() - 20, lines.size()));
    assertThat(Files.readAllLines(held)).isEqualTo(wanted);
  }

  @Test
  void withoutRowsHeldOutThereIsNoInterval() throws IOException {
    Path data = TableFixture.houses(folder.resolve("houses.csv"), 100);
    Path model = folder.resolve("m.safetensors");
    Path onnx = folder.resolve("m.onnx");
    Run run =
        train(
            "--data",
            data,
            "--target",
            "price",
            "--hidden",
            "3",
            "--epochs",
            1,
            "--holdout",
            0,
            "--optimizer",
            "adam:rate=2^-9",
            "--out",
            model,
            "--onnx",
            onnx);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(onnx).isNotEmptyFile();
    Run predicted = predict(model, data);
    assertThat(predicted.out()).startsWith("prediction\n");
    assertThat(predicted.err()).contains("no interval: the model keeps no residual");
  }

  private Path model(Path data, String target) {
    Path model = folder.resolve("model.safetensors");
    Run run =
        train("--data", data, "--target", target, "--hidden", 4, "--updates", 5, "--out", model);
    assertThat(run.code()).as(run.err()).isZero();
    return model;
  }

  private static String last(String text, String start) {
    List<String> lines = text.lines().filter(line -> line.startsWith(start)).toList();
    assertThat(lines).as(text).isNotEmpty();
    return lines.get(lines.size() - 1);
  }

  private static double number(String text, String before) {
    Matcher matcher = Pattern.compile(Pattern.quote(before) + "([-+.eE\\d]+)").matcher(text);
    assertThat(matcher.find()).as("%s in %s", before, text).isTrue();
    return Double.parseDouble(matcher.group(1));
  }
}
