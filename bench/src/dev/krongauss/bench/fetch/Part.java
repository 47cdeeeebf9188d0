package dev.krongauss.bench.fetch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A download on its way, {@code NAME.part}, and beside it {@code NAME.part.from}: the address, the
 * server's mark of the version (empty: it gave none) and the whole length (-1: not said). What was
 * begun can be resumed by a later process only where all of that is known.
 */
final class Part implements AutoCloseable {
  /** What the bytes are the beginning of. */
  record Origin(String uri, String mark, long total) {}

  private final Path file;
  private final Path from;
  private final FileChannel channel;
  private Origin origin;

  private Part(Path file, Path from, FileChannel channel, Origin origin) {
    this.file = file;
    this.from = from;
    this.channel = channel;
    this.origin = origin;
  }

  /** Opens what an earlier attempt left, or an empty file. */
  static Part open(Path file) throws IOException {
    Path from = file.resolveSibling(file.getFileName() + ".from");
    Origin origin = readOrigin(from);
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    channel.position(channel.size());
    return new Part(file, from, channel, origin);
  }

  private static Origin readOrigin(Path from) throws IOException {
    if (!Files.exists(from)) {
      return null;
    }
    List<String> lines = Files.readAllLines(from);
    boolean whole = lines.size() == 3 && lines.get(2).matches("-?\\d{1,18}");
    return whole
        ? new Origin(lines.get(0), lines.get(1), Long.parseLong(lines.get(2)))
        : null; // cut short by a crash: begin anew
  }

  Path file() {
    return file;
  }

  long length() throws IOException {
    return channel.size();
  }

  /** What the bytes are of; null: not known, or there are none. */
  Origin origin() {
    return origin;
  }

  /** Whether there are bytes of this address that another answer can go on with. */
  boolean isOf(String uri) throws IOException {
    return origin != null && origin.uri().equals(uri) && length() > 0;
  }

  /** Begins anew with the bytes of an answer. */
  void start(Origin answer) throws IOException {
    clear();
    Files.write(from, List.of(answer.uri(), answer.mark(), Long.toString(answer.total())));
    origin = answer;
  }

  /** Forgets everything received. */
  void clear() throws IOException {
    Files.deleteIfExists(from);
    origin = null;
    channel.truncate(0).position(0);
  }

  void append(byte[] bytes, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, count);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** Has the bytes on the disk, not only on their way to it. */
  void sync() throws IOException {
    channel.force(true);
  }

  /** Removes file and origin; to be closed all the same. */
  void delete() throws IOException {
    Files.deleteIfExists(from);
    Files.deleteIfExists(file);
  }

  /** An empty part says nothing and is removed; any other stays for the next attempt. */
  @Override
  public void close() throws IOException {
    boolean empty = channel.size() == 0;
    channel.close();
    if (empty) {
      delete();
    }
  }
}
