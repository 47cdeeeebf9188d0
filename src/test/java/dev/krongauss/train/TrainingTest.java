package dev.krongauss.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.StepReport;
import dev.krongauss.testing.DriverCalls;
import dev.krongauss.testing.TestDevice;
import dev.krongauss.train.Training.Ending;
import dev.krongauss.train.Training.Result;
import dev.krongauss.train.TrainingFixture.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a training ends, and with which weights. */
final class TrainingTest {
  private static final int PER_EPOCH = 3; // 50 rows in batches of 16

  @Test
  void limitsEndIt() {
    try (TrainingFixture f = new TrainingFixture(Kind.ADAM, 1)) {
      assertThat(run(f.training().updates(5)).ending()).isEqualTo(Ending.UPDATES);
      assertThat(f.batches.position()).isEqualTo(5);
      Result epochs = run(f.training().epochs(4).seconds(1000));
      assertThat(epochs.ending()).isEqualTo(Ending.EPOCHS);
      assertThat(epochs.updates()).isEqualTo(4 * PER_EPOCH);
      assertThat(epochs.best()).isEmpty();
      Result seconds = run(f.training().seconds(0.05).updates(1_000_000));
      assertThat(seconds.ending()).isEqualTo(Ending.SECONDS);
      assertThat(seconds.seconds()).isGreaterThanOrEqualTo(0.05);
      assertThat(seconds.toString()).contains("ended by seconds");
    }
  }

  private static Result run(Training.Builder builder) {
    try (Training training = builder.build()) {
      return training.run();
    }
  }

  /** A network that overfits: the best weights are neither the first nor the last evaluated. */
  @Test
  void patienceEndsItWithTheBestWeights() {
    List<Held> all = new ArrayList<>();
    List<float[][]> weights = new ArrayList<>();
    try (TrainingFixture f = new TrainingFixture(Kind.ADAM, 1);
        Training training =
            f.training()
                .evaluate(f.evaluation)
                .every(4)
                .patience(6)
                .updates(5000)
                .onEvaluation((who, held) -> all.add(held))
                .onEvaluation((who, held) -> weights.add(f.network.weights()))
                .build()) {
      Result result = training.run();
      assertThat(result.ending()).isEqualTo(Ending.PATIENCE);
      int best = all.size() - 1 - 6;
      assertThat(best).as("evaluations before the best").isPositive();
      assertThat(all.subList(best + 1, all.size())).noneMatch(Held::best);
      assertThat(all.get(best).best()).isTrue();
      assertThat(all.get(best).update()).isEqualTo(4L * (best + 1));
      assertThat(result.best()).contains(all.get(best));
      assertThat(f.network.weights()).isDeepEqualTo(weights.get(best));
      assertThat(f.evaluation.scores()).isEqualTo(all.get(best).scores());
      assertThat(training.run().updates()).as("again").isEqualTo(result.updates());
    }
  }

  /** The last weights come back, so that a second run is as if the first had not ended. */
  @Test
  void itGoesOnFromTheLastWeights() {
    float[][] whole;
    try (TrainingFixture f = new TrainingFixture(Kind.AVERAGES, 1);
        Training training = f.training().evaluate(f.evaluation).every(5).updates(30).build()) {
      training.run();
      whole = f.network.weights();
    }
    try (TrainingFixture f = new TrainingFixture(Kind.AVERAGES, 1);
        Training training =
            f.training()
                .evaluate(f.evaluation)
                .every(5)
                .updates(30)
                .onEvaluation(
                    (t, held) -> {
                      if (held.update() == 15) {
                        t.stop();
                      }
                    })
                .build()) {
      Result first = training.run();
      assertThat(first.ending()).isEqualTo(Ending.STOPPED);
      assertThat(first.updates()).isEqualTo(15);
      assertThat(training.run().updates()).isEqualTo(30);
      assertThat(f.network.weights()).isDeepEqualTo(whole);
    }
  }

  @Test
  void averagedWeightsAreKeptWhereTheyAreBetter() {
    try (TrainingFixture f = new TrainingFixture(Kind.AVERAGES, 1);
        Training training =
            f.training().evaluate(f.evaluation).every(3).averagedToo().updates(60).build()) {
      Result result = training.run();
      Held best = result.best().orElseThrow();
      assertThat(best.averaged()).isPresent();
      assertThat(best.averagedIsBetter()).as(best.toString()).isTrue();
      assertThat(best.toString()).contains("(averaged weights)");
      assertThat(best.better().objective()).isLessThan(best.scores().objective());
      assertThat(f.evaluation.scores()).isEqualTo(best.better());
    }
  }

  @Test
  void listenersSeeEveryUpdateAndMayStop() {
    try (TrainingFixture f = new TrainingFixture(Kind.ADAM, 1)) {
      List<Long> seen = new ArrayList<>();
      Result result =
          run(
              f.training()
                  .updates(100)
                  .onUpdate((training, report) -> seen.add(report.update()))
                  .onUpdate(
                      (training, report) -> {
                        if (training.updates() == 7) {
                          training.stop();
                        }
                      }));
      assertThat(result.ending()).isEqualTo(Ending.STOPPED);
      assertThat(seen).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
    }
  }

  /** Weights that are no numbers make every update one that is rejected, and no evaluation good. */
  @Test
  void aDivergenceEndsItWithTheBestWeights() {
    try (TrainingFixture f = new TrainingFixture(Kind.GIVES_UP, 1)) {
      List<float[][]> good = new ArrayList<>();
      Result result =
          run(
              f.training()
                  .evaluate(f.evaluation)
                  .every(100)
                  .updates(200)
                  .onEvaluation(
                      (training, held) -> {
                        if (held.update() == 100) {
                          good.add(f.network.weights());
                          f.network
                              .parameters()
                              .get(2)
                              .upload(notFinite(4 * 13), f.device.stream());
                        }
                      }));
      assertThat(result.ending()).isEqualTo(Ending.DIVERGED);
      assertThat(result.problem()).contains("in a row were rejected");
      assertThat(result.best().orElseThrow().update()).isEqualTo(100);
      assertThat(f.network.weights()).isDeepEqualTo(good.get(0));
    }
  }

  private static float[] notFinite(int count) {
    float[] values = new float[count];
    Arrays.fill(values, Float.POSITIVE_INFINITY);
    return values;
  }

  @Test
  void theIntervalFollowsFromTheSizes() {
    try (TrainingFixture f = new TrainingFixture(Kind.AVERAGES, 1)) {
      long usual = HeldOut.usual(TrainingFixture.HELD, TrainingFixture.BATCH);
      assertThat(usual).isEqualTo(80);
      try (Training training = f.training().evaluate(f.evaluation).updates(1).build()) {
        assertThat(training.evaluatedEvery()).isEqualTo(usual);
        assertThat(training.run().best().orElseThrow().update()).isEqualTo(1);
      }
      try (Training training =
          f.training().evaluate(f.evaluation).averagedToo().updates(1).build()) {
        assertThat(training.evaluatedEvery()).isEqualTo(2 * usual);
      }
      try (Training training = f.training().evaluate(f.evaluation).patience(2).build()) {
        assertThat(training.evaluatedEvery()).as("a pass").isEqualTo(PER_EPOCH);
      }
      try (Training training = f.training().evaluate(f.evaluation).patience(2).every(7).build()) {
        assertThat(training.evaluatedEvery()).isEqualTo(7);
      }
    }
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    try (TrainingFixture f = new TrainingFixture(Kind.ADAM, 1);
        Evaluation batches = Evaluation.of(f.network, TrainingFixture.LOSS)) {
      refused(() -> f.training().build(), "a training without an end");
      refused(() -> f.training().updates(0), "a training of 0 updates");
      refused(() -> f.training().epochs(0), "a training of 0 epochs");
      refused(() -> f.training().seconds(Double.NaN), "a training of NaN seconds");
      refused(() -> f.training().patience(0), "a patience of 0 evaluations");
      refused(() -> f.training().every(0), "evaluations every 0 updates");
      refused(() -> f.training().patience(3).build(), "without an evaluation");
      refused(() -> f.training().evaluate(batches), "an evaluation without rows");
      refused(
          () -> f.training().updates(1).evaluate(f.evaluation).averagedToo().build(),
          "adam has no averaged weights");
      try (TrainingFixture other = new TrainingFixture(Kind.ADAM, 1)) {
        refused(
            () -> f.training().updates(1).evaluate(other.evaluation).build(),
            "the evaluation is of another network than adam trains");
      }
    }
    try (TrainingFixture f = new TrainingFixture(Kind.ADAM, 1);
        Training training = f.training().updates(3).onUpdate((who, report) -> who.run()).build()) {
      assertThatThrownBy(training::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the training is running");
    }
  }

  private static void refused(Runnable work, String message) {
    assertThatThrownBy(work::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private static long captures() {
    return DriverCalls.counted(TestDevice.get()) ? DriverCalls.of("cuStreamBeginCapture") : 0;
  }

  /** Updates are the same, bit for bit, and replayed as before; nothing is captured anew. */
  @Test
  void evaluationsDisturbNothing() {
    List<String> alone = new ArrayList<>();
    float[][] weights;
    long before = captures();
    try (TrainingFixture f = new TrainingFixture(Kind.AVERAGES, 1)) {
      for (int k = 0; k < 40; k++) {
        alone.add(f.optimizer.step(f.batches.next()) + " " + f.optimizer.graphNodes());
      }
      weights = f.network.weights();
    }
    long capturesAlone = captures() - before;
    try (TrainingFixture f = new TrainingFixture(Kind.AVERAGES, 1)) {
      List<String> evaluated = new ArrayList<>();
      GaussNewton optimizer = (GaussNewton) f.optimizer;
      List<Long> stamps = new ArrayList<>();
      before = captures();
      for (int k = 0; k < 40; k++) {
        StepReport report = optimizer.step(f.batches.next());
        evaluated.add(report + " " + optimizer.graphNodes());
        f.evaluation.scores();
        optimizer.averages().with(f.evaluation::scores);
        stamps.add(f.network.captureStamp());
      }
      assertThat(stamps).as("stamps").containsOnly(stamps.get(0));
      assertThat(captures() - before).as("captures").isEqualTo(capturesAlone);
      assertThat(evaluated).isEqualTo(alone);
      assertThat(f.network.weights()).isDeepEqualTo(weights);
      assertThat(optimizer.graphNodes()).as("replayed").isPositive();
    }
  }
}
