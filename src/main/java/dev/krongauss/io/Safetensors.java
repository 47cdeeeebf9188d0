package dev.krongauss.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
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

  /** The format's own bound: a longer head is a damaged length. */
  private static final long MAX_HEAD = 100_000_000;

  /**
   * One tensor.
   *
   * @param type F32 or I32
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
  }

  /** Bytes behind the head. */
  long dataBytes() {
    return tensors.isEmpty() ? 0 : tensors.get(tensors.size() - 1).end();
  }

  /** Length and text, padded by spaces so that the data begin at a multiple of eight. */
  byte[] head() {
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
    int length = (text.length + 7) / 8 * 8;
    ByteBuffer bytes =
        ByteBuffer.allocate(LENGTH_BYTES + length).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    bytes.put(text);
    while (bytes.hasRemaining()) {
      bytes.put((byte) ' ');
    }
    return bytes.array();
  }

  /**
   * Reads a file's head.
   *
   * @throws CheckpointException if it is none, or does not fit the file's size
   */
  static Safetensors read(Path file, FileChannel channel) throws IOException {
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    fill(file, channel, length);
    long bytes = length.getLong(0);
    if (bytes < 2 || bytes > MAX_HEAD) {
      throw new CheckpointException(
          ("%s says that its head has %,d bytes, which is impossible: it is no safetensors file, or"
                  + " damaged")
              .formatted(file, bytes));
    }
    ByteBuffer text = ByteBuffer.allocate((int) bytes);
    fill(file, channel, text);
    Safetensors head;
    try {
      head = parsed(new String(text.array(), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException | ClassCastException | ArithmeticException e) {
      throw new CheckpointException(
          "%s: its head is no safetensors head (%s); it is another file, or damaged"
              .formatted(file, e.getMessage()),
          e);
    }
    long wanted = LENGTH_BYTES + bytes + head.dataBytes();
    if (channel.size() != wanted) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s has %,d bytes, but its head speaks of %,d: it is cut short, or damaged",
              file,
              channel.size(),
              wanted));
    }
    return head;
  }

  /** Fills a buffer from the channel, or says that the file ends too early. */
  static void fill(Path file, FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new CheckpointException(
            String.format(
                Locale.ROOT,
                "%s is cut short: it ends after %,d bytes, %,d more were to come",
                file,
                channel.size(),
                buffer.remaining()));
      }
    }
    buffer.flip();
  }

  private static Safetensors parsed(String json) {
    Map<String, String> about = new LinkedHashMap<>();
    List<Tensor> tensors = new ArrayList<>();
    for (Map.Entry<String, Object> each : Json.object(json).entrySet()) {
      Map<?, ?> value = (Map<?, ?>) each.getValue();
      if (each.getKey().equals(METADATA)) {
        value.forEach((name, text) -> about.put((String) name, (String) text));
      } else {
        tensors.add(tensor(each.getKey(), value));
      }
    }
    tensors.sort((a, b) -> Long.compare(a.begin(), b.begin()));
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
    long bytes = 4;
    for (long size : shape) {
      bytes = Math.multiplyExact(bytes, size);
    }
    if (!type.equals("F32") && !type.equals("I32")) {
      throw new IllegalArgumentException(
          "tensor '%s' is of type %s; F32 and I32 are read here".formatted(name, type));
    }
    if (place.length != 2 || place[0] < 0 || place[1] - place[0] != bytes) {
      throw new IllegalArgumentException(
          "the place of tensor '%s' does not fit its shape".formatted(name));
    }
    return new Tensor(name, type, shape, place[0], place[1]);
  }
}
