package dev.krongauss.data;

import java.util.function.DoubleUnaryOperator;

/** Means over a data set's inputs. */
final class Statistics {
  private Statistics() {}

  /** Mean over all rows of the sum over a row's values of {@code f(value)}. */
  static double meanOfRowSums(Dataset data, DoubleUnaryOperator f) {
    double sum = 0;
    for (float value : data.inputs()) {
      sum += f.applyAsDouble(value);
    }
    return sum / data.size();
  }

  /** The smallest reachable Bernoulli loss: the targets' entropy, in nats a row. */
  static double entropyFloor(Dataset data) {
    return meanOfRowSums(data, p -> -plog(p) - plog(1 - p));
  }

  private static double plog(double p) {
    return p > 0 ? p * Math.log(p) : 0;
  }
}
