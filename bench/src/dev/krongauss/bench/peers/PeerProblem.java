package dev.krongauss.bench.peers;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.LossNames;
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
import java.util.Optional;
import java.util.Set;

/**
 * What is trained, as files that any program can read: rows, targets, held-out ones, first weights
 * and the order of the batches. Format: {@code bench/peers/README.md}. Not every peer trains every
 * problem: {@link PeerKind#check}.
 *
 * @param data whose targets are its inputs, or others
 * @param heldOut rows to evaluate, of the same widths
 * @param evaluateEvery updates between evaluations; 0 without held-out rows
 * @param layers d_0 .. d_L
 * @param activation of the hidden layers: tanh, relu, logistic, softplus, or leaky_relu:SLOPE
 * @param weights W_1 .. W_L, each {@code [d_l][d_{l-1} + 1]} in compact rows, the bias last
 * @param loss bernoulli, squared or softmax, or one of these weighted
 * @param batch rows a batch
 * @param seed of the batches' order; also written into the peers' CSV
 */
public record PeerProblem(
    Dataset data,
    Optional<Dataset> heldOut,
    long evaluateEvery,
    int[] layers,
    String activation,
    float[][] weights,
    LossFunction loss,
    int batch,
    long seed) {
  private static final Set<String> LOSSES = Set.of("bernoulli", "softmax", "squared");
  private static final String ACTIVATIONS =
      "tanh|relu|logistic|softplus|leaky_relu:-?\\d+(\\.\\d+)?([eE]-?\\d+)?";
  private static final String ROWS = "rows.f32";
  private static final String TARGETS = "targets.f32";
  private static final String WEIGHTED = "weighted ";
  private static final String HELD = "held_";
  private static final String WEIGHTS = "weights.f32";
  private static final String ORDER = "order.i32";
  private static final long MOST_ORDER_BYTES = 64 << 20;
  private static final int CHUNK = 1 << 16;

  /**
   * Without held-out rows, with tanh.
   *
   * @throws IllegalArgumentException as with them
   */
  public PeerProblem(
      Dataset data, int[] layers, float[][] weights, LossFunction loss, int batch, long seed) {
    this(data, Optional.empty(), 0, layers, "tanh", weights, loss, batch, seed);
  }

  /**
   * Checks that it is one.
   *
   * @throws IllegalArgumentException if peers do not know the loss or the activation, or widths,
   *     weights, batch or interval do not fit
   */
  public PeerProblem {
    check(
        LOSSES.contains(unweighted(loss)),
        "peers have the losses bernoulli, squared and softmax, each also weighted, not %s",
        loss.name());
    check(
        activation.matches(ACTIVATIONS),
        "peers have the activations tanh, relu, logistic, softplus and leaky_relu:SLOPE, not %s",
        activation);
    widths(data, layers, weighted(loss));
    heldOut.ifPresent(rows -> widths(rows, layers, weighted(loss)));
    check(
        heldOut.isPresent() ? evaluateEvery >= 1 : evaluateEvery == 0,
        "evaluations every %,d updates %s held-out rows; give 1 or more with them, 0 without",
        evaluateEvery,
        heldOut.isPresent() ? "with" : "without");
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
    remove(folder);
    pairs(folder, "", data);
    if (heldOut.isPresent()) {
      pairs(folder, HELD, heldOut.get());
    }
    floats(folder.resolve(WEIGHTS), weights);
    double fit = MOST_ORDER_BYTES / (4.0 * batch);
    long batches = (long) Math.max(1, Math.min(limits.mostUpdates(), fit));
    writeOrder(folder.resolve(ORDER), batches);
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("data", data.name());
    map.put("rows", data.size());
    map.put("width", data.inputWidth());
    if (!data.isAutoencoder()) {
      map.put("targetWidth", data.targetWidth());
    }
    if (heldOut.isPresent()) {
      map.put("heldRows", heldOut.get().size());
      map.put("evaluateEvery", evaluateEvery);
    }
    map.put("layers", layers);
    map.put("activation", activation);
    map.put("loss", unweighted(loss));
    if (weighted(loss)) {
      map.put("weighted", true);
    }
    map.put("batch", batch);
    map.put("batches", batches);
    map.put("seed", seed);
    Files.writeString(
        folder.resolve("problem.json"),
        JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(map) + "\n");
  }

  /** Removes the large files that {@link #write} has made; the rest of the folder stays. */
  public static void remove(Path folder) throws IOException {
    for (String name : List.of(ROWS, TARGETS, HELD + ROWS, HELD + TARGETS, WEIGHTS, ORDER)) {
      Files.deleteIfExists(folder.resolve(name));
    }
  }

  private static void pairs(Path folder, String prefix, Dataset rows) throws IOException {
    floats(folder.resolve(prefix + ROWS), rows.inputs());
    if (!rows.isAutoencoder()) {
      floats(folder.resolve(prefix + TARGETS), rows.targets());
    }
  }

  private static boolean weighted(LossFunction loss) {
    return LossNames.of(loss).startsWith(WEIGHTED);
  }

  private static String unweighted(LossFunction loss) {
    String name = LossNames.of(loss); // own:NAME for one of a user's own
    return weighted(loss) ? name.substring(WEIGHTED.length()) : name;
  }

  private static void widths(Dataset rows, int[] layers, boolean weighted) {
    int targets = layers[layers.length - 1] + (weighted ? 1 : 0);
    check(
        rows.inputWidth() == layers[0] && rows.targetWidth() == targets,
        "%s has %,d inputs and %,d targets, weights among them; the layers are %s",
        rows.name(),
        rows.inputWidth(),
        rows.targetWidth(),
        Arrays.toString(layers));
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
