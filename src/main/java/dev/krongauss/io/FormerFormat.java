package dev.krongauss.io;

import dev.krongauss.model.Resumable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Format 1, which had one checksum over the file as it was written. Where another program has
 * written it again, the order of old is that of the walk over the parts, which came in any order.
 */
final class FormerFormat {
  /** Orders of so many parts are tried: 24, and the file is read for each. */
  private static final int MOST_PARTS = 4;

  private final Path file;
  private final FileChannel channel;
  private final Safetensors head;
  private final long data;

  /**
   * @param data where the tensors' bytes begin
   */
  FormerFormat(Path file, FileChannel channel, Safetensors head, long data) {
    this.file = file;
    this.channel = channel;
    this.head = head;
    this.data = data;
  }

  /**
   * Whether a head looks as this library wrote it, with its own texts before those of the parts.
   */
  static boolean wrote(Safetensors head, byte[] spelled) throws CheckpointException {
    List<String> first = head.about().keySet().stream().limit(2).toList();
    return first.equals(List.of(Sums.FORMAT, Sums.HEAD)) && head.isSpelled(spelled, 0);
  }

  /** What of the file is not as it was saved, in words; empty if all of it is. */
  List<String> changes(Map<String, Resumable> parts) throws IOException {
    String wanted = head.about().get(Sums.HEAD);
    String found = sum(new ArrayList<>(head.about().keySet()), head.tensors());
    if (found.equals(wanted) || fitsInAnyOrder(wanted, parts)) {
      return List.of();
    }
    return List.of("its checksum is %s, saved was %s".formatted(found, wanted));
  }

  private boolean fitsInAnyOrder(String wanted, Map<String, Resumable> parts) throws IOException {
    if (parts.size() > MOST_PARTS) {
      return false;
    }
    for (List<String> order : orders(new ArrayList<>(parts.keySet()))) {
      CheckpointWriter walk = new CheckpointWriter(Parts.USUAL);
      order.forEach(name -> parts.get(name).exchange(walk.of(name)));
      List<String> texts = new ArrayList<>(List.of(Sums.FORMAT, Sums.HEAD));
      texts.addAll(walk.texts().keySet());
      if (head.about().keySet().containsAll(texts) && wanted.equals(sum(texts, walk.tensors()))) {
        return true;
      }
    }
    return false;
  }

  /** The checksum that a file of these texts and tensors in this order would have. */
  private String sum(List<String> texts, List<Safetensors.Tensor> order) throws IOException {
    Map<String, String> about = new LinkedHashMap<>();
    texts.forEach(name -> about.put(name, head.about().get(name)));
    about.put(Sums.HEAD, Sums.NONE);
    CRC32C sum = new CRC32C();
    sum.update(new Safetensors(about, order).head(0));
    Map<String, Safetensors.Tensor> places = new HashMap<>();
    head.tensors().forEach(each -> places.put(each.name(), each));
    for (Safetensors.Tensor each : order) {
      Safetensors.Tensor place = places.get(each.name());
      if (place != null) {
        Sums.update(sum, file, channel, data + place.begin(), place.bytes());
      }
    }
    return Sums.shown(sum);
  }

  private static List<List<String>> orders(List<String> names) {
    if (names.isEmpty()) {
      return List.of(List.of());
    }
    List<List<String>> all = new ArrayList<>();
    for (String first : names) {
      List<String> others = new ArrayList<>(names);
      others.remove(first);
      for (List<String> rest : orders(others)) {
        List<String> order = new ArrayList<>(List.of(first));
        order.addAll(rest);
        all.add(order);
      }
    }
    return all;
  }
}
