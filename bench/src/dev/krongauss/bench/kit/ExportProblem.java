package dev.krongauss.bench.kit;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.krongauss.bench.TrainingProblem;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Writes what {@code bench/compare} trains as files that any program can read: rows, first weights
 * and the order of the batches. Format: {@code bench/peers/README.md}.
 *
 * <p>Arguments: data, folder of data, scale, batch, folder to write.
 */
final class ExportProblem {
  private static final int EPOCHS = 20;
  private static final long SEED = 1;
  private static final int CHUNK = 1 << 16;

  private ExportProblem() {}

  /** See the class. */
  public static void main(String[] arguments) throws IOException {
    TrainingProblem problem =
        TrainingProblem.load(
            arguments[0], Path.of(arguments[1]), Double.parseDouble(arguments[2]), SEED);
    int batch = Integer.parseInt(arguments[3]);
    Path folder = Files.createDirectories(Path.of(arguments[4]));
    Dataset data = problem.data();
    floats(folder.resolve("rows.f32"), data.inputs());
    try (Device device = Device.open()) {
      floats(folder.resolve("weights.f32"), problem.weights(device, SEED));
      int[] order = order(device, data.size(), batch);
      ints(folder.resolve("order.i32"), order);
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("data", data.name());
      map.put("rows", data.size());
      map.put("width", data.inputWidth());
      map.put("layers", problem.layers());
      map.put("activation", "tanh");
      map.put("loss", "bernoulli");
      map.put("batch", batch);
      map.put("batches", order.length / batch);
      map.put("learningRate", 1e-3);
      map.put("seed", SEED);
      Files.writeString(
          folder.resolve("problem.json"),
          JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(map) + "\n");
    }
  }

  /** The rows of each batch, found by sending batches of row numbers through the same shuffle. */
  private static int[] order(Device device, int rows, int batch) {
    float[] numbers = new float[rows];
    IntStream.range(0, rows).forEach(i -> numbers[i] = i);
    try (Batches batches =
        Batches.of(device, Dataset.autoencoder("row numbers", numbers, 1), batch, SEED)) {
      int count = EPOCHS * batches.batchesPerEpoch();
      int[] order = new int[count * batch];
      for (int i = 0; i < count; i++) {
        float[] values = batches.next().targets().download(device.stream());
        for (int j = 0; j < batch; j++) {
          order[i * batch + j] = (int) values[j];
        }
      }
      return order;
    }
  }

  private static void floats(Path file, float[]... arrays) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (float[] values : arrays) {
        for (int begin = 0; begin < values.length; begin += CHUNK) {
          float[] part = Arrays.copyOfRange(values, begin, Math.min(begin + CHUNK, values.length));
          ByteBuffer bytes = little(part.length);
          bytes.asFloatBuffer().put(part);
          out.write(bytes.array());
        }
      }
    }
  }

  private static void ints(Path file, int[] values) throws IOException {
    ByteBuffer bytes = little(values.length);
    bytes.asIntBuffer().put(values);
    Files.write(file, bytes.array());
  }

  private static ByteBuffer little(int count) {
    return ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
  }
}
