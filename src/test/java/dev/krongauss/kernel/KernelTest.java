package dev.krongauss.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.krongauss.device.Device;
import dev.krongauss.testing.TestDevice;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs every {@link KernelCase} at every size and in every variant.
 *
 * <p>{@code -Dkrongauss.case=gram} runs the cases whose name starts so, {@code
 * -Dkrongauss.variant=VIEW} one variant; {@code -Dkrongauss.seed=N} replaces the seed; {@code
 * -Dkrongauss.long=true} brings the sizes that take minutes in software.
 */
public class KernelTest {
  /** One run, printed as the test's name. */
  public record Run(KernelCase kernel, Size size, KernelCase.Variant variant) {
    @Override
    public String toString() {
      return kernel.name() + " " + size + " " + variant;
    }

    /** The seed: the same for the same run in every JVM, different between runs. */
    long seed() {
      return Long.getLong("krongauss.seed", toString().hashCode() & 0xffffffffL);
    }
  }

  static Stream<Run> runs() {
    String prefix = System.getProperty("krongauss.case", "");
    String variant = System.getProperty("krongauss.variant", "");
    return KernelCases.all().stream()
        .filter(c -> c.name().startsWith(prefix))
        .flatMap(
            c ->
                c.sizes().stream()
                    .flatMap(
                        size ->
                            c.variants().stream()
                                .filter(v -> v.name().startsWith(variant))
                                .map(v -> new Run(c, size, v))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("runs")
  void computesWithinItsBound(Run run) {
    execute(run, TestDevice.get());
  }

  @Test
  void namesAreUnique() {
    Set<String> seen = new HashSet<>();
    List<String> twice =
        KernelCases.all().stream().map(KernelCase::name).filter(n -> !seen.add(n)).toList();
    assertEquals(List.of(), twice);
  }

  /** One run, on a device that may be the caller's own; throws what stopped it. */
  public static void execute(Run run, Device device) {
    try (Trial trial = new Trial(run.kernel(), run.size(), run.variant(), device, run.seed())) {
      run.kernel().run(trial);
      trial.finish();
    }
  }
}
