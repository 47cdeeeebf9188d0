package dev.krongauss.io;

import dev.krongauss.device.Stream;
import dev.krongauss.model.Resumable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/**
 * The state of a run in one safetensors file.
 *
 * <p>A file is written whole or not at all ({@link WholeFile}). A CRC-32C over the head and the
 * tensors stands in the head, so that a damaged file is told from a good one.
 */
public final class Checkpoint {
  private static final String FORMAT = "krongauss.format";
  private static final String VERSION = "1";
  private static final String CHECKSUM = "krongauss.crc32c";
  private static final String NO_CHECKSUM = "00000000";
  private static final Set<String> OWN = Set.of(FORMAT, CHECKSUM);
  private static final int CHUNK = 1 << 20;

  private Checkpoint() {}

  /**
   * Writes the state of parts, waiting for the device.
   *
   * @param file replaced if it is there
   * @param stream on which the parts' work was enqueued
   * @param parts by name, for instance weights, optimizer, batches
   * @throws IOException if the file cannot be written; an older one is then still whole
   */
  public static void save(Path file, Stream stream, Map<String, Resumable> parts)
      throws IOException {
    CheckpointWriter writer = new CheckpointWriter(stream);
    parts.forEach((name, part) -> part.exchange(writer.of(name)));
    Map<String, String> about = new LinkedHashMap<>();
    about.put(FORMAT, VERSION);
    about.put(CHECKSUM, NO_CHECKSUM);
    about.putAll(writer.texts());
    WholeFile.replace(file, channel -> write(channel, about, writer));
  }

  /** The head is written twice: its checksum is known only behind the tensors. */
  private static void write(FileChannel channel, Map<String, String> about, CheckpointWriter writer)
      throws IOException {
    byte[] head = new Safetensors(about, writer.tensors()).head();
    WholeFile.write(channel, ByteBuffer.wrap(head));
    CRC32C sum = new CRC32C();
    sum.update(head);
    for (Supplier<ByteBuffer> each : writer.contents()) {
      ByteBuffer bytes = each.get();
      sum.update(bytes.duplicate());
      WholeFile.write(channel, bytes);
    }
    about.put(CHECKSUM, "%08x".formatted(sum.getValue()));
    channel.position(0);
    WholeFile.write(channel, ByteBuffer.wrap(new Safetensors(about, writer.tensors()).head()));
  }

  /**
   * Puts the state of parts back, waiting for the device. Nothing is changed unless all of the file
   * fits.
   *
   * @param parts as they were given to {@link #save}, with the same settings
   * @throws CheckpointException if there is no such file, it is none, is damaged, or does not fit
   */
  public static void load(Path file, Stream stream, Map<String, Resumable> parts)
      throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      Safetensors head = Safetensors.read(file, channel);
      long data = channel.position();
      checkFormat(file, head);
      checkSum(file, channel, head);
      CheckpointReader reader = new CheckpointReader(file, channel, head, data, stream);
      parts.forEach((name, part) -> part.exchange(reader.of(name)));
      reader.lookedAtAll(OWN);
      parts.forEach((name, part) -> part.exchange(reader.of(name)));
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(
          "checkpoint %s does not fit: %s".formatted(file, e.getMessage()), e);
    } catch (NoSuchFileException e) {
      throw new CheckpointException("there is no checkpoint %s".formatted(file), e);
    }
  }

  /**
   * The texts and numbers of a checkpoint, by part and name as in {@code batches.position}.
   *
   * @throws CheckpointException if there is no such file, or it is none
   */
  public static Map<String, String> texts(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      Safetensors head = Safetensors.read(file, channel);
      checkFormat(file, head);
      Map<String, String> texts = new LinkedHashMap<>(head.about());
      texts.keySet().removeAll(OWN);
      return texts;
    } catch (NoSuchFileException e) {
      throw new CheckpointException("there is no checkpoint %s".formatted(file), e);
    }
  }

  private static void checkFormat(Path file, Safetensors head) throws CheckpointException {
    String version = head.about().get(FORMAT);
    if (!VERSION.equals(version)) {
      throw new CheckpointException(
          version == null
              ? "%s is a safetensors file, but no checkpoint of this library".formatted(file)
              : "%s has checkpoint format %s, this library reads %s"
                  .formatted(file, version, VERSION));
    }
  }

  private static void checkSum(Path file, FileChannel channel, Safetensors head)
      throws IOException {
    CRC32C sum = new CRC32C();
    Map<String, String> about = new LinkedHashMap<>(head.about());
    String wanted = about.replace(CHECKSUM, NO_CHECKSUM);
    sum.update(new Safetensors(about, head.tensors()).head());
    long left = head.dataBytes();
    while (left > 0) {
      ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK, left));
      left -= chunk.capacity();
      Safetensors.fill(file, channel, chunk);
      sum.update(chunk);
    }
    String found = "%08x".formatted(sum.getValue());
    if (!found.equals(wanted)) {
      throw new CheckpointException(
          "%s is damaged: its checksum is %s, its head says %s".formatted(file, found, wanted));
    }
  }
}
