package dev.krongauss.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.krongauss.device.Device;
import dev.krongauss.mutation.SoftwareOptions;
import dev.krongauss.testing.TestDevice;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs every {@link KernelCase} at every size and in every variant, on SoftCUDA with warps, blocks
 * and streams in a random order: one made of the run and of {@code krongauss.softcuda.seed} (1
 * where that is 0). {@link KernelsInOrder0} and {@link KernelsInOrder2} repeat it in other orders.
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
      return Long.getLong("krongauss.seed", hash());
    }

    /** The {@code order}-th random order of SoftCUDA for this run: it repeats alone. */
    long order(long order) {
      return (hash() << 16) + order;
    }

    private long hash() {
      return toString().hashCode() & 0xffffffffL;
    }
  }

  private final Device device = TestDevice.get();

  /** Picks an order of warps, blocks and streams for each run; 0 is the natural one. */
  long order() {
    return seed() == 0 ? 1 : seed();
  }

  private static long seed() {
    return Long.getLong("krongauss.softcuda.seed", 0);
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
    setOrder(order() == 0 ? 0 : run.order(order()));
    execute(run, device);
  }

  @AfterEach
  void restoreOrder() {
    setOrder(seed());
  }

  private void setOrder(long seed) {
    if (device.isSoftware()) {
      new SoftwareOptions().set("seed", Long.toString(seed));
    }
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
