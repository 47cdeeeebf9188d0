package dev.krongauss.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.testing.Bent;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.LossProbe;
import dev.krongauss.testing.Nvcc;
import dev.krongauss.testing.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Residuals in CUDA against the same in Java, which compute in double. */
final class CudaResidualsTest {
  private static final int N = 300; // more than two blocks

  private static final Residuals BENT = Residuals.of(new Bent());
  private static final Residuals LINE = Residuals.of(new Bent.Difference());
  private static final CudaResiduals FIRST = CudaResiduals.named("bent", 2, 2).group(3);

  private final SplittableRandom random = new SplittableRandom(179);
  private final double[][] H = Problem.random(N, 2, random);
  private final double[][] T = Problem.random(N, 2, random);

  static Stream<Arguments> pairs() {
    return Stream.of(
        Arguments.of(Residuals.groups(BENT, LINE), FIRST.group(2)),
        Arguments.of(Bent.grouped(), FIRST.weight(0.5).cauchy(2).group(2).huber(0.5)),
        Arguments.of(
            Residuals.groups(BENT.softL1(0.25), LINE.weight(3).arctan(0.75)),
            FIRST.softL1(0.25).group(2).weight(3).arctan(0.75)));
  }

  /** Some twenty roundings of values and entries below 16. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("pairs")
  void areThoseInJava(Residuals java, CudaResiduals settings) {
    Nvcc.assume("that residuals in CUDA are those in Java");
    CudaLoss cuda = settings.source(Bent.CUDA);
    assertThat(cuda.rank(2)).isEqualTo(5);
    try (LossProbe own = new LossProbe(cuda, H, T, true);
        LossProbe wanted = new LossProbe(Loss.residuals(java), H, T, false)) {
      double bound = Compare.bound(1, 20, 16);
      double[] values = wanted.values();
      double[][] gradients = wanted.gradients();
      double[] ownValues = own.values();
      double[][] ownGradients = own.gradients();
      double[][][] curvatures = wanted.curvatures();
      for (int n = 0; n < N; n++) {
        assertThat(ownValues[n]).as("E %d", n).isCloseTo(values[n], within(bound));
        for (int j = 0; j < 2; j++) {
          assertThat(ownGradients[n][j]).isCloseTo(gradients[n][j], within(bound));
        }
      }
      double[][][] got = own.curvatures();
      for (int n = 0; n < N; n++) {
        for (int j = 0; j < 2; j++) {
          assertThat(got[n][j])
              .as("C C^T %d", n)
              .usingComparatorWithPrecision(bound)
              .containsExactly(curvatures[n][j]);
        }
      }
    }
  }

  @Test
  void filesAndPtxServeAsWell(@TempDir Path folder) throws IOException {
    Nvcc.assume("residuals from files");
    Files.writeString(folder.resolve("bent.cuh"), Bent.CUDA);
    Path file = Files.writeString(folder.resolve("bent.cu"), "#include \"bent.cuh\"\n");
    CudaResiduals settings = FIRST.cauchy(2).group(2);
    CudaLoss ptx = settings.ptx(CudaSource.compile("elsewhere", settings.cuda(Bent.CUDA), null));
    try (LossProbe one = new LossProbe(settings.source(file), H, T, false);
        LossProbe other = new LossProbe(ptx, H, T, false)) {
      assertThat(one.values()).isEqualTo(other.values());
      assertThat(one.gradients()).isDeepEqualTo(other.gradients());
    }
  }

  @Test
  void theCompilersMessagesHaveTheUsersLines() {
    Nvcc.assume("messages of the compiler on residuals");
    assertThatThrownBy(() -> FIRST.group(2).source(Bent.CUDA.replace("sinf(h[1])", "sin_of(h[1])")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nvcc refuses the source of loss 'bent'")
        .hasMessageContaining("residuals(3)")
        .hasMessageContaining("sin_of");
  }

  @Test
  void whatCannotBeIsAnError() {
    refused(() -> CudaResiduals.named("none", 0, 1), "0 outputs and 1 targets");
    refused(() -> CudaResiduals.named("none", 1, 1).huber(1), "no group", ".group(count)");
    refused(() -> CudaResiduals.named("none", 1, 1).cuda(Bent.CUDA), "no group");
    refused(() -> FIRST.group(0), "a group of 0 residuals");
    refused(() -> FIRST.weight(-1), "weight -1.0");
    refused(() -> FIRST.arctan(0), "arctan with scale 0.0");
    refused(() -> FIRST.huber(1e30), "scale 1.0E30", "nearer to 1");
    refused(() -> FIRST.weight(1e-60), "weight 1.0E-60", "nearer to 1");
    assertThat(FIRST.group(2).cuda(Bent.CUDA)).contains("constexpr int COUNT = 5;");
  }

  private static void refused(Runnable call, String... parts) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(parts);
  }
}
