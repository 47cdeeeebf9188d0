package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.curvature.Factors;
import dev.krongauss.curvature.Method;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which shape G of the last layer has, and where KFAC takes it from. */
final class ExpectedTopTest {
  private final Stream s = TestDevice.get().stream();

  static java.util.stream.Stream<Arguments> cases() {
    return Setups.inModes(Setups.small());
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void kfacTakesItFromTheLossWhereThatIsAskedFor(Problem.Setup setup, Operations.Mode mode) {
    List<float[]> sampled = factors(setup, mode, Method.KFAC, false);
    List<float[]> expected = factors(setup, mode, Method.KFAC, true);
    List<float[]> kfra = factors(setup, mode, Method.KFRA, false);
    int top = sampled.size() - 1;
    int d = setup.sizes()[setup.sizes().length - 1];
    boolean diagonal = setup.loss() != ReferenceLoss.SOFTMAX;
    assertThat(sampled.get(top)).hasSize(d * d);
    assertThat(kfra.get(top)).hasSize(diagonal ? d : d * d);
    assertThat(expected.get(top)).isEqualTo(kfra.get(top));
    for (int l = 0; l < top; l++) {
      assertThat(expected.get(l)).as("G of layer %d, sampled", l).isEqualTo(sampled.get(l));
    }
  }

  /** G of each layer after one update, lower triangles. */
  private List<float[]> factors(
      Problem.Setup setup, Operations.Mode mode, Method method, boolean expectedTop) {
    try (Problem problem = setup.open(mode);
        GaussNewton optimizer =
            (method == Method.KFAC ? GaussNewton.kfac() : GaussNewton.kfra())
                .operations(mode)
                .expectedTop(expectedTop)
                .build(problem.network(), problem.loss())) {
      assertThat(optimizer.step(problem.batch()).accepted()).isTrue();
      Factors factors = optimizer.preconditioner().factors();
      List<float[]> all = new ArrayList<>();
      for (int l = 0; l < factors.layers(); l++) {
        float[] G = factors.G(l).download(s);
        int d = factors.G(l).columns();
        for (int i = 0; i < factors.G(l).rows() && G.length > d; i++) {
          Arrays.fill(G, i * d + i + 1, (i + 1) * d, 0);
        }
        all.add(G);
      }
      return all;
    }
  }
}
