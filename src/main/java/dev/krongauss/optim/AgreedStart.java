package dev.krongauss.optim;

import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.dist.Agreement;
import dev.krongauss.dist.Collective;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * That all ranks begin with the same settings, weights and batches: before the first update, and
 * before the next one after a state was read or the batch size has changed.
 */
final class AgreedStart {
  private final Chunks chunks;
  private final Model model;
  private final Map<String, String> settings = new LinkedHashMap<>();
  private int lastN;

  /**
   * @param options whose fields are the settings
   */
  AgreedStart(Chunks chunks, Model model, LossFunction loss, String method, Object options) {
    this.chunks = chunks;
    this.model = model;
    String version = AgreedStart.class.getPackage().getImplementationVersion();
    settings.put("version", version == null ? "unpackaged" : version);
    settings.putAll(Arithmetic.of(model.device()));
    settings.put("method", method);
    settings.put("loss", loss.name());
    settings.put("chunks", Integer.toString(chunks.count()));
    boolean any = chunks.ranks() != null && chunks.ranks().anyOrder();
    settings.put("sums", any ? "in any order" : "in one tree");
    settings.put("rows of a block", Integer.toString(model.rowBlock()));
    for (Class<?> of = options.getClass(); of != Object.class; of = of.getSuperclass()) {
      for (Field field : of.getDeclaredFields()) {
        enter(field, options);
      }
    }
  }

  /** Of a rank alone there is nothing to compare. */
  private Collective ranks() {
    return chunks.ranks();
  }

  private void enter(Field field, Object options) {
    if (Modifier.isStatic(field.getModifiers()) || field.getType() == CutRanks.class) {
      return;
    }
    try {
      field.setAccessible(true);
      settings.put(field.getName(), String.valueOf(field.get(options)));
    } catch (IllegalAccessException e) {
      throw new AssertionError(e); // of this module
    }
  }

  /** A state was read: the next update compares anew. */
  void again() {
    lastN = 0;
  }

  /**
   * Compares, where that is due; waits for the device and for all ranks then.
   *
   * @param batch this rank's part of the next one
   * @param N datapoints of the batch of all ranks
   * @param update the next one
   * @throws dev.krongauss.dist.DisagreementException on every rank where something differs, which
   *     it names
   */
  void check(Batch batch, int N, long update) {
    if (ranks() == null || N == lastN) {
      return;
    }
    Map<String, String> all = new LinkedHashMap<>(settings);
    all.put("batch size", Integer.toString(N));
    all.put("update", Long.toString(update));
    all.put("weights", weights());
    all.putAll(batch.origin());
    Agreement.check(ranks(), all);
    lastN = N;
  }

  private String weights() {
    Device device = model.device();
    CRC32C sum = new CRC32C();
    StringBuilder text = new StringBuilder();
    for (Matrix W : model.parameters()) {
      float[] values = W.download(device.stream());
      ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
      bytes.asFloatBuffer().put(values);
      sum.update(bytes);
      text.append(" [").append(W.rows()).append("][").append(W.columns()).append(']');
    }
    return Long.toHexString(sum.getValue()) + text;
  }
}
