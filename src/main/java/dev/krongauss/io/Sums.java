package dev.krongauss.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Checksums that stand among the texts of a checkpoint, and what they say of a file.
 *
 * <p>Each tensor has a CRC-32C over its bytes, and one more goes over texts, types and shapes in
 * the order of their names: none depends on how a program orders and spells the head or where it
 * puts the tensors. Tensors without elements and texts without a dot in their names, such as
 * PyTorch's {@code format}, are not the checkpoint's and count for nothing.
 */
final class Sums {
  /** Begins the names of texts that no part asks for. */
  static final String OWN = "krongauss.";

  /** The text with the format's version. */
  static final String FORMAT = OWN + "format";

  /** The text with the version of a model file, which is no checkpoint. */
  static final String MODEL = OWN + "model";

  /** The text with the checksum over texts, types and shapes; in format 1 over the file. */
  static final String HEAD = OWN + "crc32c";

  /** Stands for a checksum until it is known. */
  static final String NONE = "00000000";

  private static final int CHUNK = 1 << 20;

  private Sums() {}

  /** The text with the checksum over a tensor's bytes. */
  static String ofTensor(String name) {
    return HEAD + "." + name;
  }

  /** Whether a text is a part's, and not the format's or another program's. */
  static boolean isOfPart(String text) {
    return text.contains(".") && !text.startsWith(OWN);
  }

  /** A checksum as it stands in a file. */
  static String shown(CRC32C sum) {
    return "%08x".formatted(sum.getValue());
  }

  /** The checksum over texts, but for itself, and over types and shapes. */
  static String ofHead(Safetensors head) {
    CRC32C sum = new CRC32C();
    new TreeMap<>(head.about())
        .forEach(
            (name, text) -> {
              if (name.contains(".") && !name.equals(HEAD)) {
                update(sum, Json.quoted(name) + ':' + Json.quoted(text) + '\n');
              }
            });
    Map<String, Safetensors.Tensor> tensors = new TreeMap<>();
    head.tensors().forEach(each -> tensors.put(each.name(), each));
    for (Safetensors.Tensor each : tensors.values()) {
      if (each.bytes() > 0) {
        update(sum, Json.quoted(each.name()) + ':' + each.kind() + '\n');
      }
    }
    return shown(sum);
  }

  /**
   * What of a file of today's format is not as it was saved, in words; empty if all of it is.
   *
   * @param data where the tensors' bytes begin
   */
  static List<String> changes(Path file, FileChannel channel, Safetensors head, long data)
      throws IOException {
    List<String> changes = new ArrayList<>();
    Map<String, String> sums = new LinkedHashMap<>();
    head.about()
        .forEach(
            (name, text) -> {
              if (name.startsWith(ofTensor(""))) {
                sums.put(name, text);
              }
            });
    for (Safetensors.Tensor each : head.tensors()) {
      if (each.bytes() == 0) {
        continue;
      }
      String wanted = sums.remove(ofTensor(each.name()));
      CRC32C sum = new CRC32C();
      update(sum, file, channel, data + each.begin(), each.bytes());
      if (wanted == null) {
        changes.add("'%s' is new".formatted(each.name()));
      } else if (!wanted.equals(shown(sum))) {
        changes.add(
            "the checksum of '%s' is %s, saved was %s".formatted(each.name(), shown(sum), wanted));
      }
    }
    sums.keySet()
        .forEach(
            name -> changes.add("'%s' is gone".formatted(name.substring(ofTensor("").length()))));
    String found = ofHead(head);
    String wanted = head.about().get(HEAD);
    if (!found.equals(wanted)) {
      changes.add(
          "the checksum of names, shapes and texts is %s, saved was %s".formatted(found, wanted));
    }
    return changes;
  }

  /** Adds bytes of a file. */
  static void update(CRC32C sum, Path file, FileChannel channel, long position, long bytes)
      throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK, bytes));
    for (long done = 0; done < bytes; done += chunk.limit()) {
      chunk.clear().limit((int) Math.min(CHUNK, bytes - done));
      Safetensors.fill(file, channel, chunk, position + done);
      sum.update(chunk.duplicate());
    }
  }

  private static void update(CRC32C sum, String text) {
    sum.update(text.getBytes(StandardCharsets.UTF_8));
  }
}
