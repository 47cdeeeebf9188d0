package dev.krongauss.bench.update;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

final class UpdateBenchmarkTest {
  @Test
  void runsForOneTinyIteration() throws RunnerException {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(UpdateBenchmark.class.getName() + ".advance")
                    .param("optimizer", "adam")
                    .forks(0)
                    .warmupIterations(0)
                    .measurementIterations(1)
                    .measurementTime(TimeValue.milliseconds(1))
                    .shouldFailOnError(true)
                    .build())
            .run();
    assertThat(results).hasSize(2); // batches that are sent, and resident ones
    assertThat(results).allMatch(result -> result.getPrimaryResult().getScore() > 0);
  }
}
