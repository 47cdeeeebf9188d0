package dev.krongauss.optim;

import static dev.krongauss.optim.GraphsSetting.with;
import static dev.krongauss.testing.Compare.bound;
import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.argument.Count;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Refreshes that come as the drift of the factors has it. */
final class RefreshScheduleTest {
  private static final int UPDATES = 60;
  private static final Problem.Setup SETUP = Setups.all().get(4);

  private final Device device = TestDevice.get();

  /** Whether it is the update of this report that said when factors are refreshed next. */
  private static boolean refreshed(StepReport report) {
    return next(report) - report.peek(Control.REFRESH_EVERY) == report.number();
  }

  private static long next(StepReport report) {
    return Count.of(report.peek(Control.NEXT_REFRESH), report.peek(Control.NEXT_REFRESH_HIGH));
  }

  private static GaussNewton kfra(Problem problem) {
    return GaussNewton.kfra()
        .operations(Operations.Mode.KERNELS)
        .mostRejected(UPDATES)
        .build(problem.network(), problem.loss());
  }

  /** T follows the traces, transcribed; the traces are those of the factors. */
  @ParameterizedTest(name = "decay {0}")
  @ValueSource(doubles = {0, 0.6})
  void theNextRefreshFollowsTheDriftOfTheTraces(double decay) {
    try (Problem problem = SETUP.open(Operations.Mode.KERNELS);
        GaussNewton optimizer =
            GaussNewton.kfra()
                .operations(Operations.Mode.KERNELS)
                .decay(decay)
                .build(problem.network(), problem.loss())) {
      float[] before = null;
      int every = 5;
      long due = 1;
      List<Integer> intervals = new ArrayList<>();
      for (int k = 1; k <= UPDATES; k++) {
        double[][][] drawn = problem.draw(40 + k % 7, k);
        StepReport report;
        try (DeviceBatch batch = DeviceBatch.foreign(device, drawn[0], drawn[1])) {
          report = optimizer.step(batch);
          assertThat(report.accepted()).as(report::toString).isTrue();
        }
        assertThat(refreshed(report)).as("update %d", k).isEqualTo(k == due);
        if (k == due) {
          float[] traces = traces(optimizer, before == null ? 2 : before.length / 2);
          if (before != null) {
            every = interval(every, traces, before);
          }
          before = traces;
          due = k + every;
          intervals.add(every);
          assertThat(report.peek(Control.REFRESH_EVERY)).isEqualTo(every);
        }
        assertThat(next(report)).isEqualTo(due);
      }
      assertThat(intervals).allMatch(t -> t >= 5 && t <= 10).hasSizeGreaterThan(2);
      assertThat(intervals.stream().distinct().count()).as("%s", intervals).isGreaterThan(1);
    }
  }

  private float[] traces(GaussNewton optimizer, int layers) {
    long address = optimizer.preconditioner().traces();
    float[] traces = Matrix.wrap(address, 1, 2 * layers, 2 * layers).download(device.stream());
    for (int l = 0; l < layers; l++) {
      compareTrace(optimizer.preconditioner().factors().Q(l), traces[2 * l]);
      compareTrace(optimizer.preconditioner().factors().G(l), traces[2 * l + 1]);
    }
    return traces;
  }

  private void compareTrace(Matrix factor, float got) {
    int n = factor.rows();
    float[] values = factor.download(device.stream());
    double trace = 0;
    for (int i = 0; i < n; i++) {
      trace += values[i * n + i];
    }
    Compare.scalar("trace", 0, trace, got, bound(1, n / 256.0 + 13, trace));
  }

  private static int interval(int every, float[] now, float[] before) {
    float drift = 1e-9f;
    for (int k = 0; k < now.length; k++) {
      drift = Math.max(drift, Math.abs(now[k] / before[k] - 1));
    }
    return (int) Math.max(5, Math.min(Math.rint(every * 0.15f / drift), 10));
  }

  /** What an update does depends neither on who looks at reports nor on whether it is replayed. */
  @Test
  void itIsTheSameHoweverFarTheDeviceIsBehind() {
    float[][] wanted = weights("off", true);
    for (String graphs : new String[] {"off", "on"}) {
      for (boolean waits : new boolean[] {false, true}) {
        assertThat(weights(graphs, waits)).isDeepEqualTo(wanted);
      }
    }
  }

  private float[][] weights(String graphs, boolean waits) {
    try (Problem problem = SETUP.open(Operations.Mode.KERNELS);
        GaussNewton optimizer = with(graphs, () -> kfra(problem))) {
      for (int k = 0; k < UPDATES; k++) {
        optimizer.step(problem.batch());
        if (waits) {
          device.synchronize();
        }
      }
      assertThat(optimizer.graphNodes(true, false) > 0).isEqualTo(graphs.equals("on"));
      return problem.network().weights();
    }
  }

  /** A rejected refresh is followed by one as late as was usual; at once if somebody knows. */
  @ParameterizedTest(name = "looks {0}")
  @ValueSource(booleans = {false, true})
  void afterARejectedRefresh(boolean looks) {
    try (Problem problem = SETUP.open(Operations.Mode.KERNELS);
        GaussNewton optimizer = kfra(problem)) {
      double[][][] drawn = problem.draw(20, 3);
      Arrays.fill(drawn[0][7], Double.NaN);
      List<StepReport> reports = new ArrayList<>();
      try (DeviceBatch bad = DeviceBatch.foreign(device, drawn[0], drawn[1])) {
        for (int k = 1; k <= 6; k++) {
          reports.add(optimizer.step(k == 6 ? bad : problem.batch()));
        }
        if (looks) {
          assertThat(reports.get(5).accepted()).isFalse();
        }
        for (int k = 7; k <= 11; k++) {
          reports.add(optimizer.step(problem.batch()));
        }
      }
      List<Long> refreshes =
          reports.stream().filter(RefreshScheduleTest::refreshed).map(StepReport::number).toList();
      assertThat(reports.get(5).peek(Control.REASON) & Control.REASON_FACTOR).isNotZero();
      assertThat(refreshes).isEqualTo(looks ? List.of(1L, 6L, 7L) : List.of(1L, 6L, 11L));
      assertThat(reports.get(looks ? 6 : 10).accepted()).isTrue();
    }
  }

  /** A count that has jumped past the next refresh refreshes, and goes on from there. */
  @ParameterizedTest
  @ValueSource(longs = {1000, (1L << 31) - 3, (1L << 32) - 3, 5L << 40})
  void aRefreshThatIsLongDueComesAtOnce(long begun) {
    try (Problem problem = SETUP.open(Operations.Mode.KERNELS);
        GaussNewton optimizer = kfra(problem)) {
      for (int k = 0; k < 3; k++) {
        optimizer.step(problem.batch());
      }
      optimizer.exchange(new CountsState(device, begun));
      StepReport first = optimizer.step(problem.batch());
      assertThat(first.number()).isEqualTo(begun + 1);
      assertThat(refreshed(first)).isTrue();
      long due = next(first);
      for (long update = begun + 2; update <= due; update++) {
        StepReport report = optimizer.step(problem.batch());
        assertThat(refreshed(report)).as("update %d", update).isEqualTo(update == due);
      }
    }
  }

  /** The host does not ask whom it has been told. */
  @ParameterizedTest
  @EnumSource
  void countsStayCounts(Counted kind) {
    try (Problem problem = SETUP.open(Operations.Mode.KERNELS);
        GaussNewton optimizer = kind.build(problem)) {
      List<Long> refreshes = new ArrayList<>();
      for (long k = 1; k <= 13; k++) {
        long update = k;
        optimizer.step(
            problem.batch(),
            phase -> {
              if (phase == Phase.FACTORISE) {
                refreshes.add(update);
              }
            });
      }
      assertThat(refreshes).isEqualTo(kind.wanted);
    }
  }

  /** Settings with an interval of their own. */
  enum Counted {
    SCALAR(List.of(1L, 6L, 11L)) {
      @Override
      GaussNewton build(Problem problem) {
        return GaussNewton.kfra().scalarStep().build(problem.network(), problem.loss());
      }
    },
    EVERY(List.of(1L, 4L, 7L, 10L, 13L)) {
      @Override
      GaussNewton build(Problem problem) {
        return GaussNewton.kfra().refreshEvery(3).build(problem.network(), problem.loss());
      }
    };

    final List<Long> wanted;

    Counted(List<Long> wanted) {
      this.wanted = wanted;
    }

    abstract GaussNewton build(Problem problem);
  }
}
