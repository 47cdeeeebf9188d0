package dev.krongauss.data;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * One kept data set: a header ({@link CacheKey#header}) and the values as little-endian floats.
 *
 * <p>The checksum is CRC32C, which processors have an instruction for and the JVM uses: it costs
 * less than copying the values does, and finds what disks and cut files do. Deceit it does not
 * find; the folder is the user's own.
 */
final class CacheFile {
  /** Read, summed and copied at a time: stays in the processor's cache. */
  private static final int CHUNK_BYTES = 1 << 20;

  private CacheFile() {}

  /**
   * The values, every bit checked.
   *
   * @throws DataException if the file is not whole or not this data set's; the message says how
   * @throws java.nio.file.NoSuchFileException if there is no such file
   * @throws IOException if reading fails
   */
  static float[] read(Path file, CacheKey key) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() != key.fileBytes()) {
        throw new DataException(
            "it has %,d bytes instead of %,d".formatted(channel.size(), key.fileBytes()));
      }
      ByteBuffer header = ByteBuffer.allocate(CacheKey.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      fill(channel, header);
      int wanted = CacheKey.checksum(header);
      if (!header.equals(key.header(wanted))) {
        throw new DataException("its header is damaged or another data set's");
      }
      CRC32C crc = new CRC32C();
      float[] values = values(channel, key, crc);
      if ((int) crc.getValue() != wanted) {
        throw new DataException(
            "its values have the checksum %08x instead of %08x"
                .formatted((int) crc.getValue(), wanted));
      }
      return values;
    }
  }

  private static float[] values(FileChannel channel, CacheKey key, CRC32C crc) throws IOException {
    float[] values = new float[key.rows() * key.width()];
    ByteBuffer chunk = chunk();
    for (int done = 0; done < values.length; done += CHUNK_BYTES / Float.BYTES) {
      int count = Math.min(CHUNK_BYTES / Float.BYTES, values.length - done);
      fill(channel, chunk.clear().limit(count * Float.BYTES));
      chunk.asFloatBuffer().get(values, done, count);
      crc.update(chunk);
    }
    return values;
  }

  private static void fill(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("it was cut short while it was read");
      }
    }
    buffer.flip();
  }

  /**
   * Writes beside, syncs and renames: whoever looks finds the old file, the new one or none.
   *
   * @throws IOException if writing fails; nothing is left behind then
   */
  static void write(Path file, CacheKey key, float[] values) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Path part = folder.resolve(key.filePrefix() + UUID.randomUUID() + DataCache.PART);
    try {
      try (FileChannel channel =
          FileChannel.open(part, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        channel.position(CacheKey.HEADER_BYTES);
        int checksum = writeValues(channel, values);
        drain(channel.position(0), key.header(checksum));
        channel.force(true);
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part); // there only if something failed
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true); // the rename itself
    }
  }

  private static int writeValues(FileChannel channel, float[] values) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer chunk = chunk();
    for (int done = 0; done < values.length; done += CHUNK_BYTES / Float.BYTES) {
      int count = Math.min(CHUNK_BYTES / Float.BYTES, values.length - done);
      chunk.clear().limit(count * Float.BYTES);
      chunk.asFloatBuffer().put(values, done, count);
      crc.update(chunk.duplicate());
      drain(channel, chunk);
    }
    return (int) crc.getValue();
  }

  private static void drain(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static ByteBuffer chunk() {
    return ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }
}
