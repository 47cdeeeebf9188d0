package dev.krongauss.mutation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.kernel.KernelCase;
import dev.krongauss.kernel.KernelCases;
import dev.krongauss.testing.Nvcc;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The quick subset of {@code native/mutants}: a few wrong kernels are stopped, and the kernels that
 * they are made from raise nothing.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MutantsTest {
  private static final int SEEDS = 1;

  private final Path home = Path.of("").toAbsolutePath();
  private Campaign campaign;
  private List<Mutant> all;
  private List<Mutant> quick;

  @BeforeAll
  void open() throws IOException {
    all = Mutants.table(home);
    quick = all.stream().filter(Mutant::quick).toList();
    int jobs = Math.min(2, Runtime.getRuntime().availableProcessors());
    campaign = new Campaign(home, home.resolve("target/mutants-test"), jobs, SEEDS, "all");
  }

  @AfterAll
  void close() {
    campaign.close();
  }

  /** Of all mutants, not the quick ones only: whoever edits a kernel adapts them. */
  @Test
  void everyMutantFitsTheKernels() throws IOException {
    assertThat(campaign.faults(all)).isEmpty();
    assertThat(all).filteredOn(m -> !m.isSample()).hasSizeGreaterThanOrEqualTo(40);
  }

  @Test
  void mutantsAreStopped() throws InterruptedException {
    Nvcc.assume("that wrong kernels are stopped");
    assertThat(quick).isNotEmpty();
    assertThat(campaign.mutants(quick, outcome -> {}))
        .hasSameSizeAs(quick)
        .allSatisfy(
            o -> assertThat(o.verdict().stop().finds()).as("%s stopped? %s", o.name(), o).isTrue());
  }

  @Test
  void cleanKernelsRaiseNothing() throws InterruptedException {
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
    assertThat(campaign.clean(kernels, samples, outcome -> {}))
        .hasSize(kernels.size() + samples.size())
        .allSatisfy(
            o -> assertThat(o.verdict().stop()).as("%s", o).isEqualTo(Verdict.Stop.NOTHING));
  }
}
