package dev.krongauss.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.io.Checkpoint;
import dev.krongauss.train.Training.Result;
import dev.krongauss.train.TrainingFixture.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A training that goes on from a checkpoint is the one that never stopped, bit for bit. */
final class ResumedTrainingTest {
  private static final int EVERY = 4;
  private static final int PATIENCE = 8;

  @TempDir private Path folder;

  private record Told(long update, Scores scores, Optional<Scores> averaged, boolean best) {
    static Told of(Held held) {
      return new Told(held.update(), held.scores(), held.averaged(), held.best());
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "GIVES_UP")
  void goesOnAsIfNeverStopped(Kind kind) throws IOException {
    List<Told> whole = new ArrayList<>();
    List<Long> saved = List.of(1L, 4L, 10L, 24L, 33L);
    Result result;
    float[][] weights;
    try (TrainingFixture f = new TrainingFixture(kind, 1);
        Training training =
            builder(f, kind)
                .onEvaluation((t, held) -> whole.add(Told.of(held)))
                .onEvaluation((t, held) -> save(f, t, "evaluated" + held.update()))
                .onUpdate((t, report) -> save(f, t, "updated" + t.updates()))
                .build()) {
      result = training.run();
      weights = f.network.weights();
    }
    assertThat(result.updates()).as(result.toString()).isGreaterThan(33);
    for (long at : saved) {
      for (String name : List.of("updated" + at, "evaluated" + at)) {
        if (at % EVERY != 0 && name.startsWith("evaluated")) {
          continue;
        }
        long told = name.startsWith("evaluated") ? at + 1 : at; // was told of that one before
        List<Told> rest = new ArrayList<>();
        // Other weights and batches elsewhere: all of that must be replaced.
        try (TrainingFixture f = new TrainingFixture(kind, 2);
            Training training =
                builder(f, kind).onEvaluation((t, held) -> rest.add(Told.of(held))).build()) {
          f.optimizer.step(f.batches.next());
          Checkpoint.load(folder.resolve(name), f.device.stream(), f.parts(training));
          assertThat(training.updates()).isEqualTo(at);
          Result again = training.run();
          assertThat(rest).as(name).isEqualTo(after(whole, told));
          assertThat(again.updates()).isEqualTo(result.updates());
          assertThat(again.ending()).isEqualTo(result.ending());
          assertThat(Told.of(again.best().orElseThrow()))
              .isEqualTo(Told.of(result.best().orElseThrow()));
          assertThat(f.network.weights()).isDeepEqualTo(weights);
        }
      }
    }
  }

  private static List<Told> after(List<Told> whole, long first) {
    return whole.stream().filter(told -> told.update() >= first).toList();
  }

  private static Training.Builder builder(TrainingFixture f, Kind kind) {
    Training.Builder builder =
        f.training().evaluate(f.evaluation).every(EVERY).patience(PATIENCE).updates(80);
    return kind == Kind.AVERAGES ? builder.averagedToo() : builder;
  }

  private void save(TrainingFixture f, Training training, String name) {
    try {
      Checkpoint.save(folder.resolve(name), f.device.stream(), f.parts(training));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The best weights are in the network then, and the last ones in the training's part. */
  @Test
  void goesOnFromBehindTheEnd() throws IOException {
    float[][] best;
    float[][] on;
    Path file = folder.resolve("ended");
    try (TrainingFixture f = new TrainingFixture(Kind.ADAM, 1);
        Training training = builder(f, Kind.ADAM).updates(24).build()) {
      training.run();
      best = f.network.weights();
      Checkpoint.save(file, f.device.stream(), f.parts(training));
    }
    try (TrainingFixture f = new TrainingFixture(Kind.ADAM, 1);
        Training training = builder(f, Kind.ADAM).updates(36).build()) {
      training.run();
      on = f.network.weights();
    }
    try (TrainingFixture f = new TrainingFixture(Kind.ADAM, 2);
        Training training = builder(f, Kind.ADAM).updates(36).build()) {
      Checkpoint.load(file, f.device.stream(), f.parts(training));
      assertThat(f.network.weights()).isDeepEqualTo(best);
      assertThat(training.best().orElseThrow().update()).isLessThanOrEqualTo(24);
      training.run();
      assertThat(f.network.weights()).isDeepEqualTo(on);
    }
  }
}
