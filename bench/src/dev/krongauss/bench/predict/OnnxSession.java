package dev.krongauss.bench.predict;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;

/** ONNX Runtime on the CPU, from Java arrays to Java arrays, through one direct buffer. */
final class OnnxSession implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final String input;
  private FloatBuffer staged = FloatBuffer.allocate(0);

  /**
   * @param threads that share an operator
   */
  OnnxSession(Path file, int threads) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      session = environment.createSession(file.toString(), options);
    }
    input = session.getInputNames().iterator().next();
  }

  /**
   * Runs rows.
   *
   * @param rows [n][width]
   * @param batch rows a run
   * @param results [n][outputs], filled
   */
  void run(float[] rows, int n, int width, int batch, float[] results) throws OrtException {
    int outputs = results.length / n;
    for (int first = 0; first < n; first += batch) {
      int count = Math.min(batch, n - first);
      FloatBuffer buffer = staged(count * width);
      buffer.put(rows, first * width, count * width).flip();
      try (OnnxTensor tensor =
              OnnxTensor.createTensor(environment, buffer, new long[] {count, width});
          OrtSession.Result result = session.run(Map.of(input, tensor))) {
        ((OnnxTensor) result.get(0))
            .getFloatBuffer()
            .get(results, first * outputs, count * outputs);
      }
    }
  }

  private FloatBuffer staged(int count) {
    if (staged.capacity() < count) {
      staged =
          ByteBuffer.allocateDirect(Float.BYTES * count)
              .order(ByteOrder.nativeOrder())
              .asFloatBuffer();
    }
    return staged.clear().limit(count);
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
