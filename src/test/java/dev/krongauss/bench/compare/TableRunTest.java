package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.page.HeldOut;
import dev.krongauss.bench.run.RecordedRun;
import dev.krongauss.bench.run.RunFolder;
import dev.krongauss.data.Dataset;
import dev.krongauss.data.RealData;
import dev.krongauss.net.ModelFile;
import dev.krongauss.table.ColumnPlan;
import dev.krongauss.table.Tabular;
import dev.krongauss.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A comparison on a table of one's own, from the file to the model. */
final class TableRunTest {
  @TempDir private Path folder;

  @Test
  void pricesArePredictedInTheirUnit() throws IOException {
    Path table = TableFile.prices(folder.resolve("prices.csv"), 1000);
    String output =
        compare(table, "--target", "price", "--hidden", "20,10", "--optimizers", "kflr,adam");
    assertThat(output)
        .contains("price", "network: 5-20-10-1, tanh, 341 parameters")
        .contains("repeat it: bench/compare --data " + table)
        .contains("--task regression", "--holdout 0.2", "--data-seed 1")
        .contains("held-out", "RMSE", "kflr reaches the best held-out objective of adam");
    List<Curve> curves = RecordedRun.read(run()).finished();
    assertThat(curves).extracting(Curve::label).containsExactly("kflr", "adam");
    assertThat(updates(curves.get(0))).containsExactly(10L, 10L, 20L, 20L, 30L, 30L, 40L, 40L);
    assertThat(updates(curves.get(1))).containsExactly(10L, 20L, 30L, 40L);
    HeldOut best = curves.get(0).bestHeldOut().orElseThrow();
    // The noise alone leaves 5; the target's own deviation is about 45.
    assertThat(best.rmse()).isBetween(4.0, 12.0);
    assertThat(best.r2()).isGreaterThan(0.9);
    assertThat(best.logLoss()).isNaN();
    theModelIsTheBest(table, best);
    String page = Files.readString(run().resolve(RunFolder.PAGE));
    assertThat(page)
        .contains(
            "Dashed: the objective on held-out rows", "evaluation.csv", "stroke-dasharray:7,5")
        .contains("prices.csv, 5-20-10-1, batch 100", "Tanh, linear output, 341 parameters");
    Map<String, Object> config =
        JSON.std.mapFrom(Files.readString(run().resolve(RunFolder.CONFIG)));
    assertThat(config).containsEntry("rows", 800).containsEntry("heldOutRows", 200);
  }

  /** The file's weights, run in double over the held-out rows, give the RMSE that was written. */
  private void theModelIsTheBest(Path table, HeldOut best) throws IOException {
    ModelFile model = ModelFile.read(run().resolve("checkpoints/kflr-seed1.model.safetensors"));
    ColumnPlan plan = ColumnPlan.ofJson(model.about().get(ModelFile.COLUMNS));
    Tabular read = Tabular.csv(table).target("price").heldOut(0.2).seed(1).read();
    assertThat(plan).isEqualTo(read.plan());
    Dataset held = read.heldOut().orElseThrow();
    double squares = 0;
    for (int n = 0; n < held.size(); n++) {
      double error = output(model, held.inputs(), n) - held.targets()[n];
      squares += error * error;
    }
    double rmse = Math.sqrt(squares / held.size()) * plan.targets().get(0).deviation();
    // Sums of at most 20 products in FP32 through three layers: relative errors below 1e-5.
    assertThat(best.rmse()).isCloseTo(rmse, within(1e-4 * rmse));
    assertThat(Double.parseDouble(model.about().get(ModelFile.RESIDUAL)))
        .isCloseTo(best.rmse(), within(1e-12 * rmse));
    assertThat(model.about()).containsEntry("update", Long.toString(best.update()));
  }

  private static double output(ModelFile model, float[] rows, int n) {
    int[] sizes = model.sizes();
    double[] a = new double[sizes[0]];
    for (int i = 0; i < a.length; i++) {
      a[i] = rows[n * a.length + i];
    }
    for (int l = 1; l < sizes.length; l++) {
      float[] w = model.weights()[l - 1];
      double[] next = new double[sizes[l]];
      for (int i = 0; i < next.length; i++) {
        double h = w[i * (a.length + 1) + a.length];
        for (int j = 0; j < a.length; j++) {
          h += w[i * (a.length + 1) + j] * a[j];
        }
        next[i] = l < sizes.length - 1 ? Math.tanh(h) : h;
      }
      a = next;
    }
    return a[0];
  }

  @Test
  void classesHaveLogLossAndAccuracy() throws IOException {
    Path table = TableFile.kinds(folder.resolve("kinds.csv"), 900, "low", "middle", "high");
    String output = compare(table, "--target", "kind", "--optimizers", "kfra");
    assertThat(output).contains("softmax cross-entropy (nats)", "5-100-50-3", "accuracy", "AUC");
    HeldOut best = RecordedRun.read(run()).finished().get(0).bestHeldOut().orElseThrow();
    assertThat(best.logLoss()).isEqualTo(best.objective()).isLessThan(Math.log(3));
    assertThat(best.accuracy()).isBetween(0.7, 1.0);
    assertThat(best.auc()).isBetween(0.8, 1.0);
    assertThat(best.rmse()).isNaN();
    assertThat(Files.readAllLines(run().resolve(RunFolder.EVALUATION)).get(1))
        .matches("kfra,1,10,[0-9.]+,[0-9.]+,,,[0-9.]+,[0-9.]+,[0-9.]+,last");
  }

  @Test
  void twoClassesMayHaveWeights() throws IOException {
    Path table = TableFile.kinds(folder.resolve("kinds.csv"), 600, "no", "yes");
    String output =
        compare(
            table,
            "--target",
            "kind",
            "--class-weights",
            "yes=3,no=1",
            "--activation",
            "leaky_relu:0.1",
            "--optimizers",
            "kflr");
    assertThat(output).contains("rows weighted by their class", "leaky_relu(0.1)");
    HeldOut best = RecordedRun.read(run()).finished().get(0).bestHeldOut().orElseThrow();
    assertThat(best.accuracy()).isBetween(0.7, 1.0);
    ModelFile model = ModelFile.read(run().resolve("checkpoints/kflr-seed1.model.safetensors"));
    assertThat(model.lossName()).isEqualTo("weighted bernoulli");
  }

  @Test
  void patienceEndsWhatGetsNoBetter() throws IOException {
    Path table = TableFile.noise(folder.resolve("noise.csv"), 300);
    String[] options = {"--patience", "3", "--evaluate-every", "5", "--updates", "4000"};
    compare(table, options);
    for (Curve curve : RecordedRun.read(run()).finished()) {
      assertThat(curve.updates()).as(curve.label()).isLessThan(4000);
      assertThat(curve.evaluationsSinceBest()).isEqualTo(3);
      long best = curve.bestHeldOut().orElseThrow().update();
      assertThat(curve.updates()).isEqualTo(best + 3 * 5);
    }
  }

  /** With an evaluation behind every update the objectives are the same bits as with one in all. */
  @Test
  void evaluationsDisturbNoTraining() throws IOException {
    Path table = TableFile.prices(folder.resolve("prices.csv"), 400);
    String[] methods = {"--optimizers", "kfra,kflr:paper,adam", "--updates", "25"};
    compare(table, methods[0], methods[1], methods[2], methods[3], "--evaluate-every", "1");
    List<String> often = KillableRun.values(run().resolve(RunFolder.METRICS), 3);
    assertThat(Files.readAllLines(run().resolve(RunFolder.EVALUATION)))
        .as("KFRA has averages, too")
        .hasSize(1 + 4 * 25);
    compare(
        table, methods[0], methods[1], methods[2], methods[3], "--evaluate-every", "25", "--force");
    assertThat(KillableRun.values(run().resolve(RunFolder.METRICS), 3)).isEqualTo(often);
    assertThat(Files.readAllLines(run().resolve(RunFolder.EVALUATION))).hasSize(1 + 4);
  }

  @Test
  void withoutHeldOutRowsTheLastWeightsAreTheModel() throws IOException {
    Path table = TableFile.prices(folder.resolve("prices.csv"), 300);
    compare(table, "--holdout", "0", "--optimizers", "adam", "--updates", "3");
    assertThat(Files.readAllLines(run().resolve(RunFolder.EVALUATION))).hasSize(1);
    ModelFile model = ModelFile.read(run().resolve("checkpoints/adam-seed1.model.safetensors"));
    assertThat(model.about())
        .containsEntry("update", "3")
        .containsKey(ModelFile.COLUMNS)
        .doesNotContainKey(ModelFile.RESIDUAL);
  }

  /** What a network leaves of the variance is well below a line's, about 0.36 of it. */
  @Test
  void californiaHousing() throws IOException {
    Path table =
        RealData.folderWith("tabular/california_housing.csv")
            .resolve("tabular/california_housing.csv");
    compare(table, "--optimizers", "kfra,kflr,adam", "--updates", "150", "--hidden", "50,25");
    for (Curve curve : RecordedRun.read(run()).finished()) {
      HeldOut best = curve.bestHeldOut().orElseThrow();
      System.err.printf("%s: RMSE %.0f, R2 %.3f%n", curve.label(), best.rmse(), best.r2());
      assertThat(best.r2()).as(curve.label()).isGreaterThan(0.64);
      assertThat(best.rmse()).as(curve.label()).isBetween(40_000.0, 70_000.0);
    }
  }

  private Path run() {
    return folder.resolve("run");
  }

  private static List<Long> updates(Curve curve) {
    return curve.heldOut().stream().map(HeldOut::update).toList();
  }

  private String compare(Path table, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("--data", table.toString()));
    arguments.addAll(List.of(more));
    for (String[] each :
        new String[][] {
          {"--updates", "40"}, {"--evaluate-every", "10"}, {"--optimizers", "kfra,adam"}
        }) {
      boolean judged = !each[0].equals("--evaluate-every") || !arguments.contains("--holdout");
      if (judged && !arguments.contains(each[0])) {
        arguments.addAll(List.of(each));
      }
    }
    arguments.addAll(List.of("--device", "software", "--no-costs", "--out", run().toString()));
    ChildJvm.Result result = new ChildJvm().run(Compare.class, arguments.toArray(String[]::new));
    assertThat(result.status()).as(result.output()).isZero();
    return result.output();
  }
}
