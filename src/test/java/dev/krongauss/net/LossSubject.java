package dev.krongauss.net;

import dev.krongauss.model.LossFunction;
import dev.krongauss.testing.Bent;
import dev.krongauss.testing.Gaussian;
import dev.krongauss.testing.HostMixture;
import dev.krongauss.testing.Huber;
import dev.krongauss.testing.Problem;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A loss and what its inputs look like. */
record LossSubject(Supplier<LossFunction> supplier, int outputs, Kind kind, boolean weighted) {
  /** Datapoints. */
  static final int N = 37;

  enum Kind {
    ONE_HOT,
    BITS,
    NUMBERS
  }

  LossFunction loss() {
    LossFunction loss = supplier.get();
    return weighted ? Loss.weighted(loss) : loss;
  }

  double[][] targets(SplittableRandom random) {
    int columns = loss().targets(outputs);
    double[][] T = Problem.random(N, columns, random);
    for (int n = 0; n < N; n++) {
      if (kind == Kind.BITS) {
        Arrays.setAll(T[n], j -> random.nextInt(2));
      } else if (kind == Kind.ONE_HOT) {
        Arrays.fill(T[n], 0);
        T[n][random.nextInt(outputs)] = 1;
      }
      if (weighted) {
        T[n][columns - 1] = n % 5 == 3 ? 0 : (float) (2 * random.nextDouble());
      }
    }
    return T;
  }

  @Override
  public String toString() {
    return loss().name() + " of " + outputs;
  }

  static Stream<LossSubject> all() {
    return both(
        new LossSubject(Loss::squared, 4, Kind.NUMBERS, false),
        new LossSubject(Loss::bernoulli, 4, Kind.BITS, false),
        new LossSubject(Loss::softmax, 4, Kind.ONE_HOT, false),
        new LossSubject(Loss::mixture, 3, Kind.BITS, false),
        new LossSubject(() -> Loss.mixture(Loss.Split.LOGIT), 3, Kind.BITS, false),
        new LossSubject(() -> Loss.onHost(new HostMixture(Loss.Split.LOGIT)), 3, Kind.BITS, false),
        new LossSubject(Gaussian::fromPtx, 2, Kind.NUMBERS, false),
        new LossSubject(Gaussian::diagonal, 2, Kind.NUMBERS, false),
        new LossSubject(() -> Loss.onHost(new Huber(0.5f)), 5, Kind.NUMBERS, false),
        new LossSubject(() -> Loss.residuals(Bent.grouped()), 2, Kind.NUMBERS, false));
  }

  /** Those whose order of summation does not depend on the layout, as that of loss.cu does. */
  static Stream<LossSubject> layoutBlind() {
    return all().filter(s -> !s.loss().name().matches(".*(squared|bernoulli|softmax).*"));
  }

  private static Stream<LossSubject> both(LossSubject... subjects) {
    return Stream.of(subjects)
        .flatMap(s -> Stream.of(s, new LossSubject(s.supplier(), s.outputs(), s.kind(), true)));
  }

  /** Those whose curvature is the Fisher; that of the outcome split is not. */
  static Stream<LossSubject> sampling() {
    return all().filter(s -> s.loss().canSample() && !s.loss().name().contains("outcome"));
  }

  /**
   * Those that know their literal Hessian; Huber's, the one in Java and residuals have a curvature
   * alone.
   */
  static Stream<LossSubject> withHessian() {
    return all().filter(s -> !s.loss().name().matches(".*(huber|Java).*"));
  }
}
