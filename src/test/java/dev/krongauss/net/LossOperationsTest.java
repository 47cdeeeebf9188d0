package dev.krongauss.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.model.LossFunction;
import dev.krongauss.reference.Algebra;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.Huber;
import dev.krongauss.testing.LossProbe;
import dev.krongauss.testing.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The operations of each loss held against one another and against differences of its own value:
 * what any loss must keep, whoever wrote it.
 */
final class LossOperationsTest {
  private static final int N = LossSubject.N;
  private static final float STEP = 0x1p-8f;

  /**
   * Central differences of floats: rounding of values below 8, over the step, and the step's square
   * times a third derivative below 20.
   */
  private static final double DIFFERENCE = 8 * Compare.EPSILON * 10 / STEP + 20 * STEP * STEP;

  private final SplittableRandom random = new SplittableRandom(71);
  private final List<LossProbe> probes = new ArrayList<>();

  private double[][] outputs(int d) {
    double[][] H = Problem.random(N, d, random);
    return Algebra.scale(1.5, H);
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.net.LossSubject#all")
  void gradientsAreDifferencesOfValues(LossSubject subject) {
    double[][] H = outputs(subject.outputs());
    double[][] T = subject.targets(random);
    double[][] gradients = probe(subject, H, T, false).gradients();
    for (int j = 0; j < subject.outputs(); j++) {
      double[] up = probe(subject, moved(H, j, STEP), T, false).values();
      double[] down = probe(subject, moved(H, j, -STEP), T, false).values();
      for (int n = 0; n < N; n++) {
        assertThat(gradients[n][j])
            .as("gradient [%d][%d]", n, j)
            .isCloseTo((up[n] - down[n]) / (2 * STEP), within(DIFFERENCE));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.net.LossSubject#withHessian")
  void theLiteralHessianIsADifferenceOfGradients(LossSubject subject) {
    double[][] H = outputs(subject.outputs());
    double[][] T = subject.targets(random);
    for (int j = 0; j < subject.outputs(); j++) {
      double[][] V = moved(Algebra.zeros(N, subject.outputs()), j, 1);
      double[][] products = probe(subject, H, T, false).hessianVectors(V);
      double[][] up = probe(subject, moved(H, j, STEP), T, false).gradients();
      double[][] down = probe(subject, moved(H, j, -STEP), T, false).gradients();
      for (int n = 0; n < N; n++) {
        for (int i = 0; i < subject.outputs(); i++) {
          assertThat(products[n][i])
              .as("H [%d][%d][%d]", n, i, j)
              .isCloseTo((up[n][i] - down[n][i]) / (2 * STEP), within(DIFFERENCE));
        }
      }
    }
  }

  /** Square roots, their mean, and both products tell of the same matrices. */
  @ParameterizedTest
  @MethodSource("dev.krongauss.net.LossSubject#all")
  void curvatureIsOneThing(LossSubject subject) {
    int d = subject.outputs();
    double[][] H = outputs(d);
    double[][] T = subject.targets(random);
    double[][] V = Problem.random(N, d, random);
    LossProbe probe = probe(subject, H, T, false);
    double[][][] curvatures = probe.curvatures();
    double[][] mean = Algebra.zeros(d, d);
    double[][] products = probe.curvatureVectors(V);
    double[] quadratic = probe.hessianProducts(V);
    for (int n = 0; n < N; n++) {
      mean = Algebra.combine(1, mean, 1.0 / N, curvatures[n]);
      double[] wanted = Algebra.multiply(curvatures[n], V[n]);
      double value = 0;
      // a dozen roundings beside those of C, entries of which are below 8
      double bound = Compare.bound(100, d, Algebra.largest(curvatures[n]) + 1);
      for (int j = 0; j < d; j++) {
        value += wanted[j] * V[n][j];
        assertThat(products[n][j]).as("A v [%d][%d]", n, j).isCloseTo(wanted[j], within(bound));
      }
      assertThat(quadratic[n]).as("vAv [%d]", n).isCloseTo(value, within(bound));
    }
    double[][] got = probe.meanHessian();
    double bound = Compare.bound(100, N, Algebra.largest(mean) + 1);
    for (int i = 0; i < d; i++) {
      assertThat(got[i]).as("mean").usingComparatorWithPrecision(bound).containsExactly(mean[i]);
    }
    if (!subject.loss().diagonalHessian()) {
      return;
    }
    double[] diagonal = probe.meanHessianDiagonal();
    for (int i = 0; i < d; i++) {
      assertThat(diagonal[i]).as("diagonal [%d]", i).isCloseTo(mean[i][i], within(bound));
      for (int j = 0; j < d; j++) {
        assertThat(i == j ? 0 : mean[i][j]).as("mean [%d][%d]", i, j).isZero();
      }
    }
  }

  /** To the bit; loss.cu adds in an order that the layout decides, and has its own cases. */
  @ParameterizedTest
  @MethodSource("dev.krongauss.net.LossSubject#layoutBlind")
  void foreignLayoutsGiveTheSame(LossSubject subject) {
    double[][] H = outputs(subject.outputs());
    double[][] T = subject.targets(random);
    double[][] V = Problem.random(N, subject.outputs(), random);
    LossProbe own = probe(subject, H, T, false);
    LossProbe foreign = probe(subject, H, T, true);
    assertThat(foreign.values()).isEqualTo(own.values());
    assertThat(foreign.gradients()).isDeepEqualTo(own.gradients());
    assertThat(foreign.meanHessian()).isDeepEqualTo(own.meanHessian());
    if (subject.loss().diagonalHessian()) {
      assertThat(foreign.meanHessianDiagonal()).isEqualTo(own.meanHessianDiagonal());
    }
    assertThat(foreign.hessianProducts(V)).isEqualTo(own.hessianProducts(V));
  }

  /**
   * Outer products of sampled gradients average to the Fisher. Of M draws each entry is off by less
   * than 5 standard deviations; a gradient's fourth moment is below 16 here.
   */
  @ParameterizedTest
  @MethodSource("dev.krongauss.net.LossSubject#sampling")
  void sampledGradientsAverageToTheFisher(LossSubject subject) {
    int d = subject.outputs();
    int updates = 200;
    double[][] H = outputs(d);
    double[][] T = subject.targets(random);
    LossProbe probe = probe(subject, H, T, false);
    double[][] sum = Algebra.zeros(d, d);
    for (int k = 0; k < updates; k++) {
      for (double[] g : probe.sampledGradients(99, k)) {
        sum = Algebra.combine(1, sum, 1.0 / (N * updates), Algebra.outer(g, g));
      }
    }
    double[][] wanted = probe.meanHessian();
    double bound = 5 * 4 / Math.sqrt(N * updates);
    for (int i = 0; i < d; i++) {
      assertThat(sum[i])
          .as("Fisher row %d", i)
          .usingComparatorWithPrecision(bound)
          .containsExactly(wanted[i]);
    }
  }

  @Test
  void onlyTheMeanCurvatureIsKnown() {
    double[][] H = outputs(5);
    double[][] T = Problem.random(N, 5, random);
    double[][] V = Problem.random(N, 5, random);
    LossFunction given = Loss.onHost(new Huber.Mean(0.5f));
    LossProbe mean = probe(given, H, T, false);
    LossProbe root = probe(Loss.onHost(new Huber(0.5f)), H, T, false);
    double[][] wanted = root.meanHessian();
    assertThat(given.rank(5)).isZero();
    for (int i = 0; i < 5; i++) {
      assertThat(mean.meanHessian()[i])
          .usingComparatorWithPrecision(1e-6)
          .containsExactly(wanted[i]);
    }
    double[] quadratic = mean.hessianProducts(V);
    for (int n = 0; n < N; n++) {
      double[] Hv = Algebra.multiply(wanted, V[n]);
      double sum = 0;
      for (int i = 0; i < 5; i++) {
        sum += Hv[i] * V[n][i];
      }
      assertThat(quadratic[n]).isCloseTo(sum, within(1e-5)); // E[H] for each datapoint
    }
  }

  @Test
  void whatCannotBeIsAnError() {
    assertThatThrownBy(() -> Loss.weighted(Loss.weighted(Loss.squared())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has weights already");
    LossFunction mean = Loss.weighted(Loss.onHost(new Huber.Mean(1)));
    assertThatThrownBy(() -> mean.targets(2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("mean of its Hessians")
        .hasMessageContaining("give it a square root");
    HostLoss bare =
        new HostLoss() {
          @Override
          public String name() {
            return "bare";
          }

          @Override
          public double evaluate(float[] h, float[] t, float[] gradient) {
            return 0;
          }
        };
    assertThatThrownBy(() -> Loss.onHost(bare))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'bare' has no curvature")
        .hasMessageContaining("HostLoss.MeanHessian");
    assertThatThrownBy(() -> Loss.mixture().targets(4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("takes 3 outputs")
        .hasMessageContaining("not 4");
  }

  private LossProbe probe(LossSubject subject, double[][] H, double[][] T, boolean foreign) {
    return probe(subject.loss(), H, T, foreign);
  }

  private LossProbe probe(LossFunction loss, double[][] H, double[][] T, boolean foreign) {
    LossProbe probe = new LossProbe(loss, H, T, foreign);
    probes.add(probe);
    return probe;
  }

  @AfterEach
  void close() {
    probes.forEach(LossProbe::close);
  }

  private static double[][] moved(double[][] H, int column, double by) {
    double[][] moved = new double[H.length][];
    for (int n = 0; n < H.length; n++) {
      moved[n] = H[n].clone();
      moved[n][column] = (float) moved[n][column] + by;
    }
    return moved;
  }
}
