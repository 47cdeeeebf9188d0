package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.curvature.Method;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Loss;
import dev.krongauss.testing.Gaussian;
import dev.krongauss.testing.Problem;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What weights of datapoints mean: a datapoint of weight 2 is two of it, one of weight 0 is none.
 */
final class WeightedLossTest {
  private static final int N = 24;

  /**
   * Each way to average Hessians with weights: direct, for one column, and through square roots.
   */
  enum Base {
    SQUARED(Loss::squared, 3),
    BERNOULLI(Loss::bernoulli, 3),
    SOFTMAX(Loss::softmax, 3),
    MIXTURE(Loss::mixture, 3),
    GAUSSIAN(Gaussian::fromPtx, 2);

    private final Supplier<LossFunction> loss;
    private final int outputs;

    Base(Supplier<LossFunction> loss, int outputs) {
      this.loss = loss;
      this.outputs = outputs;
    }

    double[][] targets(int rows, SplittableRandom random) {
      int columns = loss.get().targets(outputs);
      double[][] T = Problem.random(rows, columns, random);
      for (double[] t : T) {
        switch (this) {
          case SOFTMAX -> {
            Arrays.fill(t, 0);
            t[random.nextInt(columns)] = 1;
          }
          case BERNOULLI, MIXTURE -> Arrays.setAll(t, j -> random.nextInt(2));
          case SQUARED, GAUSSIAN -> {}
        }
      }
      return T;
    }
  }

  static Stream<Arguments> all() {
    return Stream.of(Method.KFRA, Method.KFLR, Method.KFAC, Runs.ADAM)
        .flatMap(m -> Stream.of(Base.values()).map(b -> Arguments.of(Optional.ofNullable(m), b)));
  }

  /** Without KFAC, whose draws differ between a datapoint and its copy. */
  static Stream<Arguments> exact() {
    return all().filter(a -> !Optional.of(Method.KFAC).equals(a.get()[0]));
  }

  /** Without Adam, which has no λ, and whose ε has no factor. */
  static Stream<Arguments> secondOrder() {
    return all().filter(a -> !Optional.empty().equals(a.get()[0]));
  }

  private final SplittableRandom random = new SplittableRandom(83);
  private final double[][] X = Problem.random(N, Runs.INPUTS, random);

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("all")
  void onesChangeNoBit(Optional<Method> method, Base base) {
    double[][] T = base.targets(N, random);
    double[] ones = new double[N];
    Arrays.fill(ones, 1);
    Runs.Result plain = plain(method, base, X, T);
    Runs.Result weighted = weighted(method, base, X, T, ones, 1);
    assertThat(weighted.losses()).isEqualTo(plain.losses());
    assertThat(weighted.weights()).isDeepEqualTo(plain.weights());
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("exact")
  void twiceIsTwoAndZeroIsNone(Optional<Method> method, Base base) {
    double[][] T = base.targets(N, random);
    double[] w = new double[N];
    int[] rows = new int[N]; // as many as before: the objective is the same
    int next = 0;
    for (int n = 0; n < N; n++) {
      w[n] = n % 3;
      for (int copy = 0; copy < n % 3; copy++) {
        rows[next++] = n;
      }
    }
    double[][] copies = Arrays.stream(rows).mapToObj(n -> X[n]).toArray(double[][]::new);
    double[][] targets = Arrays.stream(rows).mapToObj(n -> T[n]).toArray(double[][]::new);
    Runs.Result plain = plain(method, base, copies, targets);
    Runs.compare(plain, weighted(method, base, X, T, w, 1), N, 1);
  }

  /** Their targets are NaN, and so is their loss. */
  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("all")
  void absentDatapointsAreNotSeen(Optional<Method> method, Base base) {
    double[][] T = base.targets(N, random);
    double[] w = new double[N];
    Arrays.fill(w, 0, N / 2, 2);
    Runs.Result plain = plain(method, base, Arrays.copyOf(X, N / 2), Arrays.copyOf(T, N / 2));
    for (int n = N / 2; n < N; n++) {
      Arrays.fill(T[n], Double.NaN);
    }
    Runs.compare(plain, weighted(method, base, X, T, w, 1), N, 1);
  }

  /** λ and η carry the factor, too. */
  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("secondOrder")
  void oneWeightForAllIsAFactor(Optional<Method> method, Base base) {
    double[][] T = base.targets(N, random);
    double[] w = new double[N];
    Arrays.fill(w, 3);
    Runs.compare(plain(method, base, X, T), weighted(method, base, X, T, w, 3), N, 3);
  }

  private static Runs.Result plain(Optional<Method> method, Base base, double[][] X, double[][] T) {
    return Runs.of(method.orElse(Runs.ADAM), base.loss.get(), base.outputs, X, T, 1);
  }

  private static Runs.Result weighted(
      Optional<Method> method, Base base, double[][] X, double[][] T, double[] w, double factor) {
    double[][] targets = new double[T.length][];
    for (int n = 0; n < T.length; n++) {
      targets[n] = Arrays.copyOf(T[n], T[n].length + 1);
      targets[n][T[n].length] = w[n];
    }
    LossFunction loss = Loss.weighted(base.loss.get());
    return Runs.of(method.orElse(Runs.ADAM), loss, base.outputs, X, targets, factor);
  }
}
