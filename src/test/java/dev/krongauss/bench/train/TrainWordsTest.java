package dev.krongauss.bench.train;

import static dev.krongauss.bench.train.TableFixture.predict;
import static dev.krongauss.bench.train.TableFixture.train;
import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.bench.predict.Predict;
import dev.krongauss.bench.train.TableFixture.Run;
import dev.krongauss.table.Column;
import dev.krongauss.table.ColumnPlan;
import dev.krongauss.table.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What both commands say. */
final class TrainWordsTest {
  @TempDir private Path folder;

  @Test
  void helpIsAFormatWithoutValues() {
    for (CommandLine each :
        List.of(Train.commandLine(System.out), Predict.commandLine(System.out, System.err))) {
      for (String line : each.getCommandSpec().usageMessage().description()) {
        assertThat(String.format(Locale.ROOT, line)).isNotNull();
      }
    }
    assertThat(Predict.commandLine(System.out, System.err).getUsageMessage())
        .contains("a 95 % interval", ".npy");
    assertThat(Train.commandLine(System.out).getUsageMessage()).contains("exact");
  }

  @Test
  void anotherTableIsToldByItsFirstDifference() {
    Column price = Column.number("price", 5, 2, false);
    Column area = Column.number("area", 1.5, 0.5, true);
    Column town = Column.category("town", List.of("a", "b"), false);
    ColumnPlan begun = plan(Task.REGRESSION, List.of(area, town), price);
    assertThat(PlanDifference.of(begun, plan(Task.REGRESSION, List.of(area, town), price)))
        .isEmpty();
    Column other = Column.number("area", 1.25, 0.5, true);
    assertThat(PlanDifference.of(begun, plan(Task.REGRESSION, List.of(other, town), price)))
        .hasValue(
            "its input 'area' has mean 1.5 and deviation 0.5 and a value for missing cells, and"
                + " here has mean 1.25 and deviation 0.5 and a value for missing cells");
    assertThat(PlanDifference.of(begun, plan(Task.REGRESSION, List.of(area), price)))
        .hasValue("its input 'town' is none here");
    assertThat(PlanDifference.of(plan(Task.REGRESSION, List.of(area), price), begun))
        .hasValue("the input 'town' here is none of its own");
    assertThat(PlanDifference.of(begun, plan(Task.BINARY, List.of(area), town)))
        .hasValue("it was begun as regression, and this is binary");
  }

  private static ColumnPlan plan(Task task, List<Column> inputs, Column target) {
    return ColumnPlan.of(task, inputs, List.of(target), List.of());
  }

  @Test
  void targetsOfTwoUnitsHaveNoErrorInCommon() throws IOException {
    Path data = TableFixture.houses(folder.resolve("houses.csv"), 120);
    Path model = folder.resolve("m.safetensors");
    Run run = train(words(data, model, "area,price"));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("; RMSE of area ", "; RMSE of price ").doesNotContain(", RMSE ");
    Run predicted = predict(model, data);
    assertThat(predicted.err()).contains("rows: RMSE of area ", ", RMSE of price ", ", R2 ");
  }

  @Test
  void oneIsNotPlural() throws IOException {
    Path data = TableFixture.houses(folder.resolve("houses.csv"), 120);
    Path model = folder.resolve("m.safetensors");
    assertThat(train(words(data, model, "price")).code()).isZero();
    Path one = folder.resolve("one.csv");
    Files.write(one, Files.readAllLines(data).subList(0, 2));
    assertThat(predict(model, one).err()).contains("1 prediction\n", "scores of 1 row: RMSE ");
  }

  @Test
  void scoresByWeightedRowsSaySo() throws IOException {
    Path data = TableFixture.points(folder.resolve("points.csv"), 200, List.of("left", "right"));
    Path model = folder.resolve("m.safetensors");
    Run run =
        train(
            "--data",
            data,
            "--hidden",
            4,
            "--updates",
            1,
            "--class-weights",
            "balanced",
            "--out",
            model);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("held-out rows (weighted by class): objective ");
  }

  @Test
  void namesWithACommaAreGivenInQuotes() throws IOException {
    Path data = TableFixture.houses(folder.resolve("houses.csv"), 120);
    Path model = folder.resolve("m.safetensors");
    Run run = train(words(data, model, "\"place, town\""));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("--target '\"place, town\"'");
    Run weighted =
        train(
            Stream.concat(
                    Stream.of(words(data, folder.resolve("w.safetensors"), "\"place, town\"")),
                    Stream.of("--class-weights", "north, old=2,south=1,the \"west\"=1"))
                .toArray());
    assertThat(weighted.code()).as(weighted.err()).isZero();
    assertThat(train(words(data, folder.resolve("x"), "price,\"place, town\"")).err())
        .contains("place, town");
  }

  private static Object[] words(Path data, Path model, String target) {
    return new Object[] {
      "--data", data, "--target", target, "--hidden", 4, "--updates", 1, "--out", model
    };
  }
}
