package dev.krongauss.net;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.io.CheckpointException;
import dev.krongauss.io.TensorFile;
import dev.krongauss.model.LossFunction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A trained network as one safetensors file: weights, architecture, activations, loss, and texts of
 * others. Reading needs no device; {@link #network} makes a network of it. Immutable.
 *
 * <p>Tensors are {@code W1} … {@code WL}, {@code [d_l][d_{l-1} + 1]} in FP32, row-major, the last
 * column the bias. The metadata, all of them strings, are
 *
 * <ul>
 *   <li>{@code krongauss.model}: the version of the format, 1
 *   <li>{@code krongauss.model.sizes}: d_0 … d_L, with commas
 *   <li>{@code krongauss.model.activations}: f_1 … f_L, with commas, as {@link Activation#text}
 *   <li>{@code krongauss.model.loss}: see {@link #lossName}
 *   <li>{@code krongauss.about.NAME}: the text NAME of {@link #about}
 *   <li>{@code krongauss.crc32c} and {@code krongauss.crc32c.NAME}: checksums as in checkpoints
 * </ul>
 *
 * <p>A program that writes the file again must keep the metadata. A file is written whole or not at
 * all.
 */
public final class ModelFile {
  /** The text of {@link #about} that holds the columns of a table, as {@code table} writes them. */
  public static final String COLUMNS = "columns";

  /**
   * The text of {@link #about} that holds the root mean square of the residuals of rows held out,
   * one number a target, with commas.
   */
  public static final String RESIDUAL = "residual";

  private static final String VERSION = "1";
  private static final String WHAT = "model file";

  private final Architecture architecture;
  private final String lossName;
  private final float[][] weights;
  private final Map<String, String> about;

  private ModelFile(
      Architecture architecture, String lossName, float[][] weights, Map<String, String> about) {
    this.architecture = architecture;
    this.lossName = lossName;
    this.weights = weights;
    this.about = about;
  }

  /**
   * What a file of a network would hold; waits for the device.
   *
   * @param about texts of the caller's, by name; read back as they are
   * @throws IllegalArgumentException if the loss cannot take the network's outputs, a weight is not
   *     finite, or a text cannot be written as UTF-8
   */
  public static ModelFile of(Network net, LossFunction loss, Map<String, String> about) {
    Objects.requireNonNull(loss, "loss");
    Architecture architecture = new Architecture(net.sizes(), net.activations());
    loss.targets(architecture.rows(architecture.layers()));
    float[][] weights = net.weights();
    for (int l = 0; l < weights.length; l++) {
      architecture.checkFinite(weights[l], l + 1);
    }
    about.forEach(ModelTexts::check);
    return new ModelFile(architecture, LossNames.of(loss), weights, new LinkedHashMap<>(about));
  }

  /**
   * Writes a network, see {@link #of} and {@link #write}.
   *
   * @param file replaced if it is there
   * @throws IllegalArgumentException as {@link #of}
   * @throws IOException if the file cannot be written; an older one is then still whole
   */
  public static void save(Path file, Network net, LossFunction loss, Map<String, String> about)
      throws IOException {
    of(net, loss, about).write(file);
  }

  /**
   * Writes the file, whole or not at all.
   *
   * @param file replaced if it is there
   * @throws IOException if it cannot be written; an older one is then still whole
   */
  public void write(Path file) throws IOException {
    List<TensorFile.Values> matrices = new ArrayList<>();
    for (int l = 1; l <= weights.length; l++) {
      int rows = architecture.rows(l);
      matrices.add(new TensorFile.Values("W" + l, rows, architecture.columns(l), weights[l - 1]));
    }
    TensorFile.save(file, ModelTexts.of(VERSION, architecture, lossName, about), matrices);
  }

  /**
   * Reads a file and checks all of it.
   *
   * @throws CheckpointException if there is no such file; it is no model file, or one of another
   *     version, or names an activation or a loss that is not known here; it is damaged or was
   *     changed by another program; shapes do not fit, or a weight is not finite
   * @throws IOException if it cannot be read
   */
  public static ModelFile read(Path file) throws IOException {
    try (TensorFile in = TensorFile.open(file, WHAT)) {
      ModelTexts.checkKind(in, VERSION);
      in.check();
      try {
        return read(in);
      } catch (IllegalArgumentException e) {
        throw in.refused(
            "%s; save it anew, or load it with the version that saved it", e.getMessage());
      }
    }
  }

  private static ModelFile read(TensorFile in) throws IOException {
    ModelTexts texts = new ModelTexts(in.texts());
    Architecture architecture = texts.architecture();
    String lossName = texts.loss();
    Response.named(lossName).columns(architecture.rows(architecture.layers()));
    float[][] weights = new float[architecture.layers()][];
    for (int l = 1; l <= weights.length; l++) {
      weights[l - 1] = in.floats("W" + l, architecture.rows(l), architecture.columns(l));
      architecture.checkFinite(weights[l - 1], l);
    }
    Check.that(
        in.names().size() == weights.length,
        "it has tensors %s, and a network of %d layers has W1 to W%d",
        in.names(),
        weights.length,
        weights.length);
    return new ModelFile(architecture, lossName, weights, texts.about());
  }

  /** d_0 … d_L. */
  public int[] sizes() {
    return architecture.sizes().clone();
  }

  /** f_1 … f_L; the last one is the identity. */
  public List<Activation> activations() {
    return architecture.activations();
  }

  /**
   * The loss' name: {@code squared}, {@code bernoulli}, {@code softmax}, {@code mixture (outcome)},
   * {@code mixture (logit)}, each also behind {@code weighted}, or {@code own:NAME} of a loss of a
   * user's own.
   */
  public String lossName() {
    return lossName;
  }

  /** Copies of W_1 … W_L, each {@code [d_l][d_{l-1} + 1]} in compact rows. */
  public float[][] weights() {
    float[][] copies = new float[weights.length][];
    for (int l = 0; l < weights.length; l++) {
      copies[l] = weights[l].clone();
    }
    return copies;
  }

  /** Texts of others, by name, in no order: {@link #COLUMNS}, {@link #RESIDUAL}, any more. */
  public Map<String, String> about() {
    return Map.copyOf(about);
  }

  /**
   * The loss.
   *
   * @throws IllegalStateException for one of a user's own, whose code the file does not hold
   */
  public LossFunction loss() {
    return LossNames.loss(lossName);
  }

  /** What the loss makes of the network's outputs; of a user's own it is the identity. */
  public Response response() {
    return Response.named(lossName);
  }

  /**
   * A network with these weights, which the caller closes.
   *
   * @throws dev.krongauss.device.DeviceException if the device has no memory for it
   */
  public Network network(Device device) {
    Network.Builder builder = Network.input(architecture.sizes()[0]);
    for (int l = 1; l <= weights.length; l++) {
      builder.dense(architecture.rows(l), architecture.activations().get(l - 1));
    }
    return device.allOrNothing(
        () -> {
          Network network = builder.build(device, 1);
          network.setWeights(weights);
          return network;
        });
  }

  /** As {@code 784-100-10, tanh and identity, softmax}. */
  @Override
  public String toString() {
    return architecture + ", " + lossName;
  }
}
