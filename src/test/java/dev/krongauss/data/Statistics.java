package dev.krongauss.data;

import java.nio.ByteBuffer;
import java.util.function.DoubleUnaryOperator;
import java.util.zip.CRC32;

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

  /** CRC-32 of the inputs as big-endian floats. */
  static String checksum(Dataset data) {
    CRC32 crc = new CRC32();
    ByteBuffer bytes = ByteBuffer.allocate(data.inputWidth() * Float.BYTES);
    for (int row = 0; row < data.size(); row++) {
      bytes.asFloatBuffer().put(data.inputs(), row * data.inputWidth(), data.inputWidth());
      crc.update(bytes.array());
    }
    return "%08x".formatted(crc.getValue());
  }

  private static double plog(double p) {
    return p > 0 ? p * Math.log(p) : 0;
  }
}
