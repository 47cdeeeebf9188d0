package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.device.Device;
import dev.krongauss.mutation.SoftwareOptions;
import dev.krongauss.testing.Share;
import dev.krongauss.testing.TestDevice;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Both engines of SoftCUDA, the interpreter and the kernels translated to C++, leave the same bits
 * behind: every {@link KernelCase} in every variant, at the sizes that take no time. Kernels that
 * are not translated run in the interpreter twice, with {@code mvn -B verify -Pthorough}.
 */
final class EnginesTest {
  /** Cases of kernels that are not translated; native/softcuda/translate/README.md says why. */
  private static final List<String> INTERPRETED =
      List.of(
          "matmul",
          "chain",
          "congruence",
          "gradient",
          "gram",
          "kronecker",
          "solve",
          "tangents",
          "cholesky",
          "invert");

  private static final double MOST_FLOPS = 4e6;
  private static final double MOST_BYTES = 4e6;

  private final Device device = TestDevice.get();

  static Stream<KernelTest.Run> translated() {
    return runs().filter(EnginesTest::isTranslated);
  }

  static Stream<KernelTest.Run> interpreted() {
    return runs().filter(r -> !isTranslated(r));
  }

  static List<KernelTest.Run> aShareOfInterpreted() {
    return Share.ofThorough().of(interpreted().toList());
  }

  private static Stream<KernelTest.Run> runs() {
    return KernelTest.runs().filter(r -> isSmall(r.kernel().work(r.size())));
  }

  private static boolean isTranslated(KernelTest.Run run) {
    return INTERPRETED.stream().noneMatch(run.kernel().name()::startsWith);
  }

  private static boolean isSmall(KernelCase.Work work) {
    return work.flops() <= MOST_FLOPS && work.bytes() <= MOST_BYTES;
  }

  @BeforeEach
  void runsWithoutChecks() {
    assumeTrue(device.isSoftware(), "a GPU has one engine");
    set("check", "none");
    set("seed", "0");
    set("count", "none");
  }

  @AfterEach
  void restoreOptions() {
    if (device.isSoftware()) {
      set("check", System.getProperty("krongauss.softcuda.check", "none"));
      set("seed", System.getProperty("krongauss.softcuda.seed", "0"));
      set("count", System.getProperty("krongauss.softcuda.count", "none"));
      set("engine", System.getProperty("krongauss.softcuda.engine", "auto"));
    }
  }

  /** Both comparisons may have nothing to do for one case; not for all. */
  @Test
  void eachEngineHasCases() {
    assumeTrue(
        System.getProperty("krongauss.case", "").isEmpty()
            && System.getProperty("krongauss.variant", "").isEmpty(),
        "some cases alone were asked for");
    assertThat(translated()).isNotEmpty();
    assertThat(interpreted()).isNotEmpty();
  }

  @ParameterizedTest(name = "{0}", allowZeroInvocations = true) // of a krongauss.case
  @MethodSource("translated")
  void leaveTheSameBits(KernelTest.Run run) {
    compare(run, "translated");
  }

  /** The engine that SoftCUDA takes by itself for these is the interpreter. */
  @ParameterizedTest(name = "{0}", allowZeroInvocations = true) // of a krongauss.case
  @MethodSource("aShareOfInterpreted")
  @Tag("thorough")
  void leaveTheSameBitsTwice(KernelTest.Run run) {
    compare(run, "auto");
  }

  private void compare(KernelTest.Run run, String engine) {
    List<int[]> interpreted = bits(run, "interpreter");
    List<int[]> other = bits(run, engine);
    assertThat(other).hasSameSizeAs(interpreted);
    for (int i = 0; i < other.size(); i++) {
      assertThat(other.get(i))
          .as("matrix %s of %s, %s against interpreter", i, run, engine)
          .isEqualTo(interpreted.get(i));
    }
  }

  private List<int[]> bits(KernelTest.Run run, String engine) {
    set("engine", engine);
    try (Trial trial = new Trial(run.kernel(), run.size(), run.variant(), device, run.seed())) {
      run.kernel().run(trial);
      trial.finish();
      return trial.bits();
    }
  }

  private static void set(String option, String value) {
    new SoftwareOptions().set(option, value);
  }
}
