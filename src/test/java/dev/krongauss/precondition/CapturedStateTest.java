package dev.krongauss.precondition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.DeviceException;
import dev.krongauss.device.Graph;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.io.Checkpoint;
import dev.krongauss.kernel.TraceDamping;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.Resumable;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nothing counts that was captured and not launched; what was launched is state as any other. */
final class CapturedStateTest {
  private static final int DATAPOINTS = 17;

  @TempDir private Path folder;

  private final Device device = TestDevice.get();

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void aFailedCaptureEntersNothing(Operations.Mode mode) {
    try (CapturedTrainer direct = new CapturedTrainer(device, mode, DATAPOINTS);
        CapturedTrainer trainer = new CapturedTrainer(device, mode, DATAPOINTS);
        Stream s = device.newStream()) {
      direct.load(1, s);
      trainer.load(1, s);
      direct.accumulate(s);
      for (Runnable fails : new Runnable[] {s::synchronize, CapturedStateTest::fail}) {
        assertThatThrownBy(
                () ->
                    s.capture(
                        () -> {
                          trainer.accumulate(s);
                          fails.run();
                        }))
            .isInstanceOfAny(DeviceException.class, IllegalStateException.class);
      }
      assertThatThrownBy(() -> trainer.preconditioner.refresh(s))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("layer 0 has no factors yet");
      trainer.accumulate(s);
      assertThat(trainer.results(s)).isDeepEqualTo(direct.results(s));
      trainer.preconditioner.refresh(s);
    }
  }

  @Test
  void whatWasOnlyCapturedIsNotThere() {
    try (CapturedTrainer trainer = new CapturedTrainer(device, Problem.modes().get(0), DATAPOINTS);
        Stream s = device.newStream()) {
      trainer.load(1, s);
      Graph accumulate = s.capture(() -> trainer.accumulate(s));
      Graph refresh = s.capture(() -> trainer.preconditioner.refresh(s));
      assertThatThrownBy(() -> trainer.preconditioner.refresh(s))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("layer 0 has no factors yet", "launch the graph");
      assertThatThrownBy(() -> trainer.apply(s))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("first refresh", "captured", "launch it first");
      assertThat(trainer.preconditioner.failure(s))
          .contains("there was no refresh", "captured", "launch it first");
      refresh.launch(s);
      assertThat(trainer.preconditioner.failure(s))
          .contains("factor Q of layer 1", "no batch", "launch");
      accumulate.launch(s);
      refresh.launch(s);
      assertThat(trainer.preconditioner.failure(s)).isEmpty();
      trainer.apply(s);
      trainer.preconditioner.restart();
      assertThat(trainer.preconditioner.failure(s)).as("of the last refresh").isEmpty();
      assertThatThrownBy(() -> trainer.preconditioner.refresh(s))
          .hasMessageContaining("layer 0 has no factors yet");
    }
  }

  /** γ is where the caller has it, 0 too. */
  @Test
  void aLaunchedRefreshWithoutDampingIsOne() {
    try (Arena arena = device.newArena("no damping");
        Stream s = device.newStream();
        Preconditioner p =
            Preconditioner.on(device)
                .layer(1, 1)
                .gammaAt(arena.floats(1, "gamma").pointer())
                .build()) {
      Matrix two = arena.matrix(1, 1, "two");
      Matrix direction = arena.matrix(1, 1, "direction");
      two.upload(new float[] {2}, s);
      Graph graph =
          s.capture(
              () -> {
                p.accumulate(0, two, two, s);
                p.refresh(s);
              });
      assertThatThrownBy(() -> p.apply(0, two, direction, s)).hasMessageContaining("launch it");
      graph.launch(s);
      p.apply(0, two, direction, s);
      assertThat(direction.download(s)).containsExactly(-2f / 4 / 4);
    }
  }

  @Test
  void aStateBeforeTheFirstRefreshTakesBackWhatWasLaunched() throws Exception {
    Path file = folder.resolve("fresh.safetensors");
    try (CapturedTrainer trainer = new CapturedTrainer(device, Problem.modes().get(0), DATAPOINTS);
        Stream s = device.newStream()) {
      DampingCandidates candidates =
          trainer.preconditioner.candidates(new TraceDamping.Candidates(2, 0.5f, 0, 1e9f));
      Checkpoint.save(file, s, Map.of("p", trainer.preconditioner));
      trainer.load(1, s);
      Graph graph =
          s.capture(
              () -> {
                trainer.accumulate(s);
                candidates.refresh(s);
              });
      graph.launch(s);
      trainer.apply(s);
      Checkpoint.load(file, s, Map.of("p", trainer.preconditioner));
      assertThatThrownBy(() -> trainer.apply(s)).hasMessageContaining("launch it first");
      graph.launch(s);
      trainer.apply(s);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void aCheckpointBetweenLaunchesGoesOn(Operations.Mode mode) throws Exception {
    try (CapturedTrainer whole = new CapturedTrainer(device, mode, DATAPOINTS);
        CapturedTrainer first = new CapturedTrainer(device, mode, DATAPOINTS);
        CapturedTrainer second = new CapturedTrainer(device, mode, DATAPOINTS);
        Stream s = device.newStream()) {
      Graph before = s.capture(() -> first.accumulate(s));
      Graph after = s.capture(() -> second.accumulate(s));
      for (int k = 1; k <= 5; k++) {
        whole.load(k, s);
        whole.accumulate(s);
        (k <= 2 ? first : second).load(k, s);
        (k <= 2 ? before : after).launch(s);
        if (k == 2) {
          Path file = folder.resolve("between.safetensors");
          Checkpoint.save(file, s, parts(first));
          assertThat(Checkpoint.texts(file))
              .containsEntry("p.factors.batchesOfQ1", "2")
              .containsEntry("p.factors.batchesOfG2", "2")
              .containsEntry("p.refreshed", "0");
          Checkpoint.load(file, s, parts(second));
        }
      }
      second.preconditioner.refresh(s);
      whole.preconditioner.refresh(s);
      second.apply(s);
      whole.load(5, s); // gradients, as the other's
      whole.apply(s);
      assertThat(second.results(s)).isDeepEqualTo(whole.results(s));
    }
  }

  private static Map<String, Resumable> parts(CapturedTrainer trainer) {
    return Map.of("p", trainer.preconditioner);
  }

  private static void fail() {
    throw new IllegalStateException("of the trainer's own");
  }
}
