package dev.krongauss.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Matrices and texts in one safetensors file, with the checksums that checkpoints have: what a kind
 * of file such as {@code net.ModelFile} is made of, which says itself which texts and matrices it
 * has.
 *
 * <p>Opened, it has read the head alone; {@link #check} reads all of it. Close it.
 */
public final class TensorFile implements AutoCloseable {
  /** The text by which a checkpoint of training is known. */
  public static final String CHECKPOINT = Sums.FORMAT;

  private static final String FLOATS = "F32";
  private static final int CHUNK_BYTES = 1 << 22;
  private static final int SHOWN_CHANGES = 6;

  private final Path file;
  private final FileChannel channel;
  private final Safetensors head;
  private final long data;

  private TensorFile(Path file, FileChannel channel, Safetensors head, long data) {
    this.file = file;
    this.channel = channel;
    this.head = head;
    this.data = data;
  }

  /**
   * A matrix to be written.
   *
   * @param values {@code [rows][columns]}, compact
   */
  public record Values(String name, int rows, int columns, float[] values) {
    /** Checks the count. */
    public Values {
      if ((long) rows * columns != values.length) {
        throw new IllegalArgumentException(
            "matrix '%s' [%d][%d] has %d values".formatted(name, rows, columns, values.length));
      }
    }
  }

  /**
   * Writes a file that is whole or not there.
   *
   * @param file replaced if it is there
   * @param texts by name, each with a dot in it; names of checksums are the format's own
   * @param matrices of different names
   * @throws IOException if it cannot be written; an older one is then still whole
   */
  public static void save(Path file, Map<String, String> texts, List<Values> matrices)
      throws IOException {
    Map<String, String> about = new LinkedHashMap<>(texts);
    List<Safetensors.Tensor> tensors = new ArrayList<>();
    long at = 0;
    for (Values each : matrices) {
      long end = at + 4L * each.values().length;
      long[] shape = {each.rows(), each.columns()};
      tensors.add(new Safetensors.Tensor(each.name(), FLOATS, shape, at, end));
      about.put(Sums.ofTensor(each.name()), sum(each.values()));
      at = end;
    }
    about.put(Sums.HEAD, Sums.ofHead(new Safetensors(about, tensors)));
    byte[] bytes = new Safetensors(about, tensors).head(Checkpoint.MARK);
    WholeFile.replace(
        file,
        channel -> {
          WholeFile.write(channel, ByteBuffer.wrap(bytes));
          for (Values each : matrices) {
            write(channel, each.values());
          }
        });
  }

  /**
   * Opens a file and reads its head.
   *
   * @param what it should be, for messages: {@code "model file"}
   * @throws CheckpointException if there is no such file, it is no safetensors file, or cut short
   */
  public static TensorFile open(Path file, String what) throws IOException {
    FileChannel channel = channel(file, what);
    try {
      byte[] spelled = Safetensors.readHead(file, channel, what);
      return new TensorFile(
          file, channel, Safetensors.read(file, channel, spelled), spelled.length);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** All texts of the file, checksums and those of other programs among them. */
  public Map<String, String> texts() {
    return Map.copyOf(head.about());
  }

  /** Names of all tensors, in the order of their places. */
  public List<String> names() {
    return head.tensors().stream().map(Safetensors.Tensor::name).toList();
  }

  /**
   * Reads all of the file and compares its checksums.
   *
   * @throws CheckpointException if something is not as it was saved
   */
  public void check() throws IOException {
    List<String> changes = Sums.changes(file, channel, head, data);
    if (!changes.isEmpty()) {
      String all = String.join("; ", changes.subList(0, Math.min(SHOWN_CHANGES, changes.size())));
      String more =
          changes.size() > SHOWN_CHANGES
              ? "; and %d more".formatted(changes.size() - SHOWN_CHANGES)
              : "";
      throw new CheckpointException(
          ("%s is damaged, or another program has changed it since it was saved: %s%s; copy it"
                  + " again, or save it anew")
              .formatted(file, all, more));
    }
  }

  /**
   * The values of a matrix.
   *
   * @return {@code [rows][columns]}, compact
   * @throws CheckpointException if the file has no such matrix, or one of another type or shape
   */
  public float[] floats(String name, int rows, int columns) throws IOException {
    Safetensors.Tensor wanted =
        new Safetensors.Tensor(name, FLOATS, new long[] {rows, columns}, 0, 0);
    Safetensors.Tensor found =
        head.tensors().stream().filter(each -> each.name().equals(name)).findFirst().orElse(null);
    if (found == null || !found.kind().equals(wanted.kind())) {
      throw refused(
          "%s, and '%s' should be %s",
          found == null ? "it has " + names() : "its '%s' is %s".formatted(name, found.kind()),
          name,
          wanted.kind());
    }
    float[] values = new float[Math.multiplyExact(rows, columns)];
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, 4L * values.length));
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    int step = bytes.capacity() / Float.BYTES;
    for (int done = 0; done < values.length; done += step) {
      int count = Math.min(step, values.length - done);
      bytes.clear().limit(Float.BYTES * count);
      Safetensors.fill(file, channel, bytes, data + found.begin() + 4L * done);
      bytes.asFloatBuffer().get(values, done, count);
    }
    return values;
  }

  /**
   * The size of each dimension of a tensor.
   *
   * @return a copy; empty for a single number
   * @throws CheckpointException if the file has no such tensor
   */
  public long[] shape(String name) throws CheckpointException {
    return tensor(name).shape().clone();
  }

  /**
   * The values of a tensor of real numbers, of any shape and of 16, 32 or 64 bits.
   *
   * @return row-major and compact; doubles rounded to floats
   * @throws CheckpointException if the file has no such tensor, or one of another type
   */
  public float[] floats(String name) throws IOException {
    Safetensors.Tensor tensor = tensor(name);
    if (!Elements.TYPES.contains(tensor.type())) {
      throw refused(
          "its '%s' is %s; F32, F64, F16 and BF16 are read: save it as floats",
          name, tensor.kind());
    }
    int size = Elements.bytes(tensor.type());
    if (tensor.bytes() / size > Integer.MAX_VALUE - 8) {
      throw refused(
          "its '%s' is %s, more than a Java array holds: save a part of it", name, tensor.kind());
    }
    float[] values = new float[(int) (tensor.bytes() / size)];
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, tensor.bytes()));
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    for (int done = 0; done < values.length; ) {
      int count = Math.min(CHUNK_BYTES / size, values.length - done);
      bytes.clear().limit(size * count);
      Safetensors.fill(file, channel, bytes, data + tensor.begin() + (long) size * done);
      for (int i = 0; i < count; i++) {
        values[done++] = Elements.at(tensor.type(), bytes, size * i);
      }
    }
    return values;
  }

  private Safetensors.Tensor tensor(String name) throws CheckpointException {
    return head.tensors().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow(() -> refused("it has %s, and no '%s'", names(), name));
  }

  /** An exception that says of this file what does not fit, and the way out. */
  public CheckpointException refused(String format, Object... values) {
    return new CheckpointException(file + ": " + String.format(Locale.ROOT, format, values));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** Opens a file for reading. */
  static FileChannel channel(Path file, String what) throws IOException {
    if (Files.isDirectory(file)) {
      throw new CheckpointException("%s is a folder; give the file of a %s".formatted(file, what));
    }
    try {
      return FileChannel.open(file, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw new CheckpointException("there is no %s %s".formatted(what, file), e);
    } catch (AccessDeniedException e) {
      throw new CheckpointException("%s %s may not be read by this user".formatted(what, file), e);
    }
  }

  private static String sum(float[] values) throws IOException {
    CRC32C sum = new CRC32C();
    forEachPart(values, sum::update);
    return Sums.shown(sum);
  }

  private static void write(FileChannel channel, float[] values) throws IOException {
    forEachPart(values, part -> WholeFile.write(channel, part));
  }

  private interface Part {
    void take(ByteBuffer bytes) throws IOException;
  }

  private static void forEachPart(float[] values, Part part) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, 4L * values.length));
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    int step = Math.max(1, bytes.capacity() / Float.BYTES);
    for (int done = 0; done < values.length; done += step) {
      int count = Math.min(step, values.length - done);
      bytes.clear();
      bytes.asFloatBuffer().put(values, done, count);
      part.take(bytes.limit(Float.BYTES * count));
    }
  }
}
