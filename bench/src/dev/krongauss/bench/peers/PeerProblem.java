package dev.krongauss.bench.peers;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.model.LossFunction;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is trained, as files that any program can read: rows, first weights and the order of the
 * batches. Format: {@code bench/peers/README.md}.
 *
 * @param data whose targets are its inputs
 * @param layers d_0 .. d_L, tanh on the hidden ones
 * @param weights W_1 .. W_L, each {@code [d_l][d_{l-1} + 1]} in compact rows, the bias last
 * @param loss bernoulli or squared
 * @param batch rows a batch
 * @param seed of the batches' order; also written into the peers' CSV
 */
public record PeerProblem(
    Dataset data, int[] layers, float[][] weights, LossFunction loss, int batch, long seed) {
  private static final Set<String> LOSSES = Set.of("bernoulli", "squared");
  private static final String ROWS = "rows.f32";
  private static final String WEIGHTS = "weights.f32";
  private static final String ORDER = "order.i32";
  private static final long MOST_ORDER_BYTES = 64 << 20;
  private static final int CHUNK = 1 << 16;

  /**
   * Checks that peers can train it.
   *
   * @throws IllegalArgumentException if the data has targets of its own, or weights, loss or batch
   *     do not fit
   */
  public PeerProblem {
    check(
        data.isAutoencoder(),
        "peers train autoencoders only, and %s has targets of its own",
        data.name());
    check(
        LOSSES.contains(loss.name()),
        "peers have the losses bernoulli and squared, not %s",
        loss.name());
    check(
        batch >= 1 && batch <= data.size(),
        "batch %d does not fit %s with %,d rows",
        batch,
        data.name(),
        data.size());
    check(
        weights.length == layers.length - 1,
        "weights of %d layers for the sizes %s",
        weights.length,
        Arrays.toString(layers));
    for (int l = 1; l < layers.length; l++) {
      check(
          weights[l - 1].length == layers[l] * (layers[l - 1] + 1),
          "layer %d has %,d weights; %d units of %d inputs and a bias need others",
          l,
          weights[l - 1].length,
          layers[l],
          layers[l - 1]);
    }
  }

  /**
   * Writes the files. The order is as long as the limits need, but at most 64 MiB; peers begin
   * again after it and say so.
   *
   * @param folder is made where there is none
   */
  public void write(Path folder, Limits limits) throws IOException {
    Files.createDirectories(folder);
    floats(folder.resolve(ROWS), data.inputs());
    floats(folder.resolve(WEIGHTS), weights);
    double fit = MOST_ORDER_BYTES / (4.0 * batch);
    long batches = (long) Math.max(1, Math.min(limits.mostUpdates(), fit));
    writeOrder(folder.resolve(ORDER), batches);
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("data", data.name());
    map.put("rows", data.size());
    map.put("width", data.inputWidth());
    map.put("layers", layers);
    map.put("activation", "tanh");
    map.put("loss", loss.name());
    map.put("batch", batch);
    map.put("batches", batches);
    map.put("seed", seed);
    Files.writeString(
        folder.resolve("problem.json"),
        JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(map) + "\n");
  }

  /** Removes the large files that {@link #write} has made; the rest of the folder stays. */
  public static void remove(Path folder) throws IOException {
    for (String name : List.of(ROWS, WEIGHTS, ORDER)) {
      Files.deleteIfExists(folder.resolve(name));
    }
  }

  private void writeOrder(Path file, long batches) throws IOException {
    int perEpoch = data.size() / batch;
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (long done = 0; done < batches; done += perEpoch) {
        int[] order = Batches.permutation(data.size(), seed, done / perEpoch);
        int count = batch * (int) Math.min(perEpoch, batches - done);
        ByteBuffer bytes = little(count);
        bytes.asIntBuffer().put(order, 0, count);
        out.write(bytes.array());
      }
    }
  }

  private static void floats(Path file, float[]... arrays) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (float[] values : arrays) {
        for (int begin = 0; begin < values.length; begin += CHUNK) {
          int count = Math.min(CHUNK, values.length - begin);
          ByteBuffer bytes = little(count);
          bytes.asFloatBuffer().put(values, begin, count);
          out.write(bytes.array());
        }
      }
    }
  }

  private static ByteBuffer little(int count) {
    return ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void check(boolean good, String message, Object... values) {
    if (!good) {
      throw new IllegalArgumentException(message.formatted(values));
    }
  }
}
