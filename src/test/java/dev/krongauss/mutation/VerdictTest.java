package dev.krongauss.mutation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.DeviceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a report means, and that it survives the pipe. */
final class VerdictTest {
  @ParameterizedTest
  @CsvSource({
    "gram_f32: race in shared memory: load of 16 bytes at 0x10, RACE",
    "matmul_f32__nt: same value stored twice in shared memory: store of 4 bytes at 0xc0, RACE",
    "gram_f32: illegal address: store of 4 bytes at 0x10, MEMORY",
    "gram_f32: misaligned address: load of 16 bytes at 0x14, MEMORY",
    "gram_f32: uninitialised shared memory: load of 4 bytes at 0x10, INIT",
    "gram_f32: barrier: 8 of the block's 256 threads have ended, BARRIER",
    "gram_f32: deadlock in kernel gram_f32, DEADLOCK",
    "gram_f32: the kernel executed a trap, TRAP",
    "PTX line 7: instruction 'tex.2d' is not known to the software device, BROKEN"
  })
  void aReportHasAKind(String report, Verdict.Stop kind) {
    assertThat(Verdict.classify(new DeviceException("launch failed: (719)\n" + report + "\n  at")))
        .isEqualTo(kind);
  }

  @Test
  void aComparisonIsABoundOrAProofOfWhatIsUntouched() {
    assertThat(Verdict.classify(new AssertionError("S is wrong in 1 of 4 elements")))
        .isEqualTo(Verdict.Stop.BOUND);
    assertThat(Verdict.classify(new AssertionError("padding of matrix 1 was overwritten at")))
        .isEqualTo(Verdict.Stop.UNTOUCHED);
    assertThat(Verdict.classify(new IllegalStateException("boom"))).isEqualTo(Verdict.Stop.BROKEN);
  }

  @Test
  void aLineHoldsTheWholeVerdict() {
    Verdict verdict =
        new Verdict(Verdict.Stop.RACE, "gram/fresh {M=1}", 3, 17, "a\tb\nC:\\n \\ end\n");
    assertThat(verdict.encode()).doesNotContain("\n");
    assertThat(Verdict.isEncoded(verdict.encode())).isTrue();
    assertThat(Verdict.decode(verdict.encode())).isEqualTo(verdict);
    assertThat(Verdict.isEncoded("# A fatal error has been detected")).isFalse();
  }
}
