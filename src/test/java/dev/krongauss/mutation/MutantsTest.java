package dev.krongauss.mutation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.kernel.KernelCase;
import dev.krongauss.kernel.KernelCases;
import dev.krongauss.testing.Nvcc;
import dev.krongauss.testing.Share;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * {@code native/mutants} as tests: the few wrong kernels that are marked quick are stopped; {@code
 * mvn -B verify -Pthorough} goes through the rest of the table, or {@linkplain Share a share} of
 * it, and shows that the kernels which the few are made from raise nothing.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MutantsTest {
  private static final int QUICK_SEEDS = 1;
  private static final int SEEDS = 20;

  private final Path home = Path.of("").toAbsolutePath();
  private List<Mutant> all;
  private List<Mutant> quick;

  @BeforeAll
  void readTheTable() throws IOException {
    all = Mutants.table(home);
    quick = all.stream().filter(Mutant::quick).toList();
  }

  /** Of all mutants, not the quick ones only: whoever edits a kernel adapts them. */
  @Test
  void everyMutantFitsTheKernels() throws IOException {
    try (Campaign campaign = campaign(QUICK_SEEDS)) {
      assertThat(campaign.faults(all)).isEmpty();
    }
    assertThat(all).filteredOn(m -> !m.isSample()).hasSizeGreaterThanOrEqualTo(40);
  }

  @Test
  void mutantsAreStopped() throws IOException, InterruptedException {
    Nvcc.assume("that wrong kernels are stopped");
    assertThat(quick).isNotEmpty();
    areStopped(quick, QUICK_SEEDS);
  }

  @Test
  @Tag("thorough")
  void theOtherMutantsAreStopped() throws IOException, InterruptedException {
    Nvcc.assume("that the other wrong kernels are stopped");
    List<Mutant> others = all.stream().filter(m -> !m.quick()).toList();
    List<Mutant> share = Share.ofThorough().of(others);
    assertThat(share).isNotEmpty();
    areStopped(share, SEEDS);
  }

  /** A repetition: {@code KernelTest} runs these kernels with all checks, too. */
  @Test
  @Tag("thorough")
  void cleanKernelsRaiseNothing() throws IOException, InterruptedException {
    Nvcc.assume("that the samples of native/mutants raise nothing");
    List<KernelCase> kernels =
        KernelCases.all().stream()
            .filter(
                k ->
                    quick.stream()
                        .flatMap(m -> m.cases().stream())
                        .anyMatch(s -> Worker.selects(s, k)))
            .toList();
    List<String> samples =
        quick.stream().filter(Mutant::isSample).map(Mutant::sample).distinct().toList();
    try (Campaign campaign = campaign(QUICK_SEEDS)) {
      assertThat(campaign.clean(kernels, samples, outcome -> {}))
          .hasSize(kernels.size() + samples.size())
          .allSatisfy(
              o -> assertThat(o.verdict().stop()).as("%s", o).isEqualTo(Verdict.Stop.NOTHING));
    }
  }

  private void areStopped(List<Mutant> mutants, int seeds)
      throws IOException, InterruptedException {
    try (Campaign campaign = campaign(seeds)) {
      assertThat(campaign.mutants(mutants, outcome -> {}))
          .hasSameSizeAs(mutants)
          .allSatisfy(
              o ->
                  assertThat(o.verdict().stop().finds())
                      .as("%s stopped? %s", o.name(), o)
                      .isTrue());
    }
  }

  private Campaign campaign(int seeds) throws IOException {
    int jobs = Math.min(2, Runtime.getRuntime().availableProcessors());
    return new Campaign(home, home.resolve("target/mutants-test"), jobs, seeds, "all,same");
  }
}
