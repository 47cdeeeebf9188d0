package org.example.libtorch;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;
import org.bytedeco.pytorch.global.torch;

/** Handwritten digits: the files of MNIST as they are distributed, IDX in gzip. */
final class Digits {
  static final int PIXELS = 28 * 28;
  private static final int IMAGES = 0x803;
  private static final int LABELS = 0x801;

  private final byte[] images;
  private final byte[] labels;

  private Digits(byte[] images, byte[] labels) {
    this.images = images;
    this.labels = labels;
  }

  /**
   * The folder of the data, which the environment's KRONGAUSS_DATA names; null if there is none.
   */
  static Path folder() {
    String data = System.getenv("KRONGAUSS_DATA");
    Path folder = data == null ? null : Path.of(data, "mnist");
    return folder != null && Files.isDirectory(folder) ? folder : null;
  }

  /**
   * @param set train or t10k
   */
  static Digits read(Path folder, String set) throws IOException {
    byte[] images = idx(folder.resolve(set + "-images-idx3-ubyte.gz"), IMAGES, PIXELS);
    byte[] labels = idx(folder.resolve(set + "-labels-idx1-ubyte.gz"), LABELS, 1);
    if (images.length != labels.length * PIXELS) {
      throw new IOException(
          images.length / PIXELS + " images and " + labels.length + " labels of " + set);
    }
    return new Digits(images, labels);
  }

  private static byte[] idx(Path file, int magic, int bytesEach) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new GZIPInputStream(Files.newInputStream(file)))) {
      int found = in.readInt();
      if (found != magic) {
        throw new IOException(String.format("%s begins with 0x%x, not 0x%x", file, found, magic));
      }
      int count = in.readInt();
      if (magic == IMAGES) {
        in.readInt(); // rows
        in.readInt(); // columns
      }
      byte[] bytes = new byte[Math.multiplyExact(count, bytesEach)];
      in.readFully(bytes);
      return bytes;
    }
  }

  int size() {
    return labels.length;
  }

  /** Rows {@code from} … {@code from + N} as a batch. */
  Training.Batch rows(int from, int N) {
    int[] rows = new int[N];
    for (int n = 0; n < N; n++) {
      rows[n] = from + n;
    }
    return batch(rows);
  }

  /** N rows, drawn anew for each batch. */
  Training.Batches batches(int N, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return () -> batch(random.ints(N, 0, size()).toArray());
  }

  private Training.Batch batch(int[] rows) {
    float[] x = new float[rows.length * PIXELS];
    long[] t = new long[rows.length];
    for (int n = 0; n < rows.length; n++) {
      t[n] = labels[rows[n]];
      for (int i = 0; i < PIXELS; i++) {
        x[n * PIXELS + i] = (images[rows[n] * PIXELS + i] & 255) / 255f;
      }
    }
    return new Training.Batch(torch.tensor(x).reshape(rows.length, PIXELS), torch.tensor(t));
  }
}
