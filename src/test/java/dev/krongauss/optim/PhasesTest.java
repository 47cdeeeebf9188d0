package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Device;
import dev.krongauss.device.Event;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Updates whose phases are listened to: the same updates, told of completely and in order. */
final class PhasesTest {
  private static final int STEPS = 13;

  private static final Set<Phase> FIRST_ORDER =
      Set.of(Phase.BATCH, Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, Phase.UPDATE);

  private final Set<Phase> seen = new TreeSet<>();

  @ParameterizedTest
  @EnumSource(names = {"KFRA_OPTIONS", "AUTO", "NESTEROV", "ADAM"})
  void listeningTellsThePhasesAndChangesNoBit(ReplayedKind kind) {
    float[][] replayed = weightsAfter(kind, STEPS + 1);
    assertThat(seen).as("not listened to").isEmpty();
    assertThat(weightsAfter(kind, 1)).as("always listened to").isDeepEqualTo(replayed);
    assertThat(seen).isEqualTo(expected(kind));
    assertThat(weightsAfter(kind, 3)).as("now and then").isDeepEqualTo(replayed);
  }

  /** Events that a listener records between phases are in order, and nobody waits for them. */
  @Test
  void aListenerThatDoesNotWaitTimesPhasesByEvents() {
    Operations.Mode mode = Problem.modes().get(1);
    List<Phase> phases = new ArrayList<>();
    List<Event> events = new ArrayList<>();
    try (Problem problem = Setups.all().get(4).open(mode);
        Optimizer optimizer =
            ReplayedKind.KFRA_OPTIONS.build(problem.network(), problem.loss(), mode)) {
      Device device = problem.network().device();
      StepReport report =
          optimizer.step(
              problem.batch(),
              new Ahead(
                  phase -> {
                    phases.add(phase);
                    Event event = device.newEvent();
                    event.record(device.stream());
                    events.add(event);
                  }));
      assertThat(report.update()).isEqualTo(1); // waits
      checkOrder(phases);
      for (int k = 1; k < events.size(); k++) {
        assertThat(events.get(k).millisecondsSince(events.get(k - 1))).isNotNegative();
      }
      events.forEach(Event::close);
    }
    float[][] watched = weightsAfter(ReplayedKind.KFRA_OPTIONS, 1);
    assertThat(weightsWithoutWaits()).isDeepEqualTo(watched);
  }

  private static float[][] weightsWithoutWaits() {
    Operations.Mode mode = Problem.modes().get(1);
    try (Problem problem = Setups.all().get(4).open(mode);
        Optimizer optimizer =
            ReplayedKind.KFRA_OPTIONS.build(problem.network(), problem.loss(), mode)) {
      for (int k = 0; k < STEPS; k++) {
        optimizer.step(problem.batch(), new Ahead(phase -> {}));
      }
      return problem.network().weights();
    }
  }

  private static Set<Phase> expected(ReplayedKind kind) {
    Set<Phase> phases = new TreeSet<>(FIRST_ORDER);
    if (kind != ReplayedKind.ADAM && kind != ReplayedKind.NESTEROV) {
      phases.addAll(
          Set.of(Phase.FACTORS, Phase.FACTORISE, Phase.SOLVE, Phase.RESCALE, Phase.REDUCTION));
    }
    if (kind.choosesGamma()) {
      phases.addAll(Set.of(Phase.GAMMA, Phase.DIAGNOSTICS));
    }
    return phases;
  }

  /**
   * @param every of how many updates one is listened to
   */
  private float[][] weightsAfter(ReplayedKind kind, int every) {
    Operations.Mode mode = Problem.modes().get(1);
    try (Problem problem = Setups.all().get(4).open(mode);
        Optimizer optimizer = kind.build(problem.network(), problem.loss(), mode)) {
      for (int k = 1; k <= STEPS; k++) {
        if (k % every == 0) {
          List<Phase> phases = new ArrayList<>();
          StepReport report = optimizer.step(problem.batch(), phases::add);
          assertThat(report.update()).isEqualTo(k);
          assertThat(optimizer.graphNodes()).isZero();
          seen.addAll(phases);
          checkOrder(phases);
        } else {
          optimizer.step(problem.batch());
        }
      }
      // The last one refreshes, where there are factors.
      boolean captured = !expected(kind).contains(Phase.FACTORS) || Problem.replaysRefreshes(mode);
      assertThat(optimizer.graphNodes() > 0)
          .as("the last one replayed")
          .isEqualTo(every != 1 && captured);
      return problem.network().weights();
    }
  }

  private static void checkOrder(List<Phase> phases) {
    if (Collections.frequency(phases, Phase.RESCALE) == 2) {
      phases.remove(Phase.RESCALE); // its first part; what is measured in between follows it
    }
    assertThat(phases).isSorted().doesNotHaveDuplicates().startsWith(Phase.BATCH, Phase.FORWARD);
  }

  /** Does not let the device be waited for. */
  private record Ahead(PhaseListener told) implements PhaseListener {
    @Override
    public void finished(Phase phase) {
      told.finished(phase);
    }

    @Override
    public boolean waits() {
      return false;
    }
  }
}
