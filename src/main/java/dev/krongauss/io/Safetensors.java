package dev.krongauss.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The head of a safetensors file: eight bytes that give the length of a JSON text, little-endian;
 * the text, which names each tensor's type, shape and place; then the tensors' bytes, little-endian
 * and row-major. Source: the format's description by its authors, Hugging Face.
 *
 * @param about texts that are no tensors
 * @param tensors in the order of their places
 */
record Safetensors(Map<String, String> about, List<Tensor> tensors) {
  static final int LENGTH_BYTES = 8;
  private static final String METADATA = "__metadata__";

  /** Bits of an element of each type. */
  private static final Map<String, Integer> BITS =
      Map.ofEntries(
          Map.entry("F4", 4),
          Map.entry("F6_E2M3", 6),
          Map.entry("F6_E3M2", 6),
          Map.entry("BOOL", 8),
          Map.entry("U8", 8),
          Map.entry("I8", 8),
          Map.entry("F8_E4M3", 8),
          Map.entry("F8_E5M2", 8),
          Map.entry("F8_E8M0", 8),
          Map.entry("U16", 16),
          Map.entry("I16", 16),
          Map.entry("F16", 16),
          Map.entry("BF16", 16),
          Map.entry("U32", 32),
          Map.entry("I32", 32),
          Map.entry("F32", 32),
          Map.entry("U64", 64),
          Map.entry("I64", 64),
          Map.entry("F64", 64),
          Map.entry("C64", 64));

  private static final String WAY_OUT = "; copy it again, or go on from an older one";

  /** The format's own bound: a longer head is a damaged length. */
  private static final long MAX_HEAD = 100_000_000;

  /**
   * One tensor.
   *
   * @param type F32, I32, or another of the format's
   * @param begin of its bytes behind the head
   */
  record Tensor(String name, String type, long[] shape, long begin, long end) {
    /** Type and shape as messages show them. */
    String kind() {
      StringBuilder text = new StringBuilder(type);
      for (long size : shape) {
        text.append('[').append(size).append(']');
      }
      return text.toString();
    }

    long bytes() {
      return end - begin;
    }
  }

  /** Bytes behind the head. */
  long dataBytes() {
    return tensors.isEmpty() ? 0 : tensors.get(tensors.size() - 1).end();
  }

  /**
   * Length and text, padded by spaces so that the data begin at a multiple of eight.
   *
   * @param spaces more of them, a multiple of eight
   * @throws CheckpointException if it is longer than the format allows
   */
  byte[] head(int spaces) throws CheckpointException {
    StringBuilder json = new StringBuilder("{");
    json.append(Json.quoted(METADATA)).append(":{");
    String comma = "";
    for (Map.Entry<String, String> each : about.entrySet()) {
      json.append(comma).append(Json.quoted(each.getKey())).append(':');
      json.append(Json.quoted(each.getValue()));
      comma = ",";
    }
    json.append('}');
    for (Tensor each : tensors) {
      json.append(',').append(Json.quoted(each.name()));
      json.append(":{\"dtype\":").append(Json.quoted(each.type())).append(",\"shape\":[");
      for (int i = 0; i < each.shape().length; i++) {
        json.append(i == 0 ? "" : ",").append(each.shape()[i]);
      }
      json.append("],\"data_offsets\":[").append(each.begin()).append(',');
      json.append(each.end()).append("]}");
    }
    byte[] text = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    int length = (text.length + 7) / 8 * 8 + spaces;
    if (length > MAX_HEAD) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "the names, shapes and texts of %,d tensors take %,d bytes; a safetensors file holds"
                  + " %,d",
              tensors.size(),
              length,
              MAX_HEAD));
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(LENGTH_BYTES + length).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    bytes.put(text);
    while (bytes.hasRemaining()) {
      bytes.put((byte) ' ');
    }
    return bytes.array();
  }

  /** Whether a head is spelled exactly as {@link #head} would. */
  boolean isSpelled(byte[] bytes, int spaces) throws CheckpointException {
    return Arrays.equals(bytes, head(spaces));
  }

  /**
   * Reads a file's head, length and text.
   *
   * @param what it should be, for messages
   * @throws CheckpointException if the file is shorter, or the length impossible
   */
  static byte[] readHead(Path file, FileChannel channel, String what) throws IOException {
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    fill(file, channel, length, 0);
    long bytes = length.getLong(0);
    if (bytes < 2 || bytes > MAX_HEAD) {
      throw new CheckpointException(
          ("%s is no %s: it is no safetensors file, or damaged in its first bytes; give the file that"
                  + " was saved"
                  + WAY_OUT)
              .formatted(file, what));
    }
    if (LENGTH_BYTES + bytes > channel.size()) {
      throw cutShort(file, channel, LENGTH_BYTES + bytes);
    }
    ByteBuffer head = ByteBuffer.allocate(LENGTH_BYTES + (int) bytes);
    fill(file, channel, head, 0);
    return head.array();
  }

  /**
   * Takes a head apart.
   *
   * @param bytes as {@link #readHead} gives them
   * @throws CheckpointException if it is none, or does not fit the file's size
   */
  static Safetensors read(Path file, FileChannel channel, byte[] bytes) throws IOException {
    Safetensors head;
    long wanted;
    try {
      ByteBuffer text = ByteBuffer.wrap(bytes, LENGTH_BYTES, bytes.length - LENGTH_BYTES);
      head = parsed(StandardCharsets.UTF_8.newDecoder().decode(text).toString());
      wanted = Math.addExact(bytes.length, head.dataBytes());
    } catch (IllegalArgumentException | ArithmeticException | CharacterCodingException e) {
      throw new CheckpointException(
          "%s: its head is no safetensors head (%s); it is another file, or damaged%s"
              .formatted(
                  file,
                  e instanceof CharacterCodingException ? "no UTF-8" : e.getMessage(),
                  WAY_OUT),
          e);
    }
    if (channel.size() != wanted) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s has %,d bytes, but its head speaks of %,d: it is cut short, or damaged" + WAY_OUT,
              file,
              channel.size(),
              wanted));
    }
    return head;
  }

  /** Fills a buffer from a place of the file, or says that the file ends too early. */
  static void fill(Path file, FileChannel channel, ByteBuffer buffer, long position)
      throws IOException {
    long at = position;
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, at);
      if (read < 0) {
        throw cutShort(file, channel, at + buffer.remaining());
      }
      at += read;
    }
    buffer.flip();
  }

  private static CheckpointException cutShort(Path file, FileChannel channel, long wanted)
      throws IOException {
    return new CheckpointException(
        String.format(
            Locale.ROOT,
            "%s is cut short: it ends after %,d bytes, %,d more were to come" + WAY_OUT,
            file,
            channel.size(),
            wanted - channel.size()));
  }

  private static Safetensors parsed(String json) {
    Map<String, String> about = new LinkedHashMap<>();
    List<Tensor> tensors = new ArrayList<>();
    for (Map.Entry<String, Object> each : Json.object(json).entrySet()) {
      if (!(each.getValue() instanceof Map<?, ?> value)) {
        throw new IllegalArgumentException("'%s' is no object".formatted(each.getKey()));
      }
      if (each.getKey().equals(METADATA)) {
        value.forEach((name, text) -> about.put((String) name, text((String) name, text)));
      } else {
        tensors.add(tensor(each.getKey(), value));
      }
    }
    tensors.sort(Comparator.comparingLong(Tensor::begin).thenComparingLong(Tensor::end));
    long at = 0;
    for (Tensor each : tensors) {
      if (each.begin() != at) {
        throw new IllegalArgumentException(
            "tensor '%s' begins at %d instead of %d".formatted(each.name(), each.begin(), at));
      }
      at = each.end();
    }
    return new Safetensors(about, tensors);
  }

  private static Tensor tensor(String name, Map<?, ?> fields) {
    long[] shape = Json.numbers(fields.get("shape"), "shape of tensor '" + name + "'");
    long[] place = Json.numbers(fields.get("data_offsets"), "data_offsets of '" + name + "'");
    String type = String.valueOf(fields.get("dtype"));
    if (place.length != 2 || place[1] < place[0]) {
      throw new IllegalArgumentException("the place of tensor '%s' is none".formatted(name));
    }
    long elements = 1;
    for (long size : shape) {
      elements = Math.multiplyExact(elements, size);
    }
    Integer bits = BITS.get(type); // null for a type that came later: its place is believed
    if (bits != null
        && Math.multiplyExact(bits, elements) != Math.multiplyExact(8, place[1] - place[0])) {
      throw new IllegalArgumentException(
          "the place of tensor '%s' does not fit its shape".formatted(name));
    }
    return new Tensor(name, type, shape, place[0], place[1]);
  }

  private static String text(String name, Object value) {
    if (!(value instanceof String text)) {
      throw new IllegalArgumentException(
          "'%s' in %s is %s, and should be a string".formatted(name, METADATA, value));
    }
    return text;
  }
}
