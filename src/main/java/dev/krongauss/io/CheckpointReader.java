package dev.krongauss.io;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The walk that takes values from a file. It is made twice: the first time it only looks, so that a
 * file that does not fit changes nothing.
 */
final class CheckpointReader implements State {
  private final String prefix;
  private final Path file;
  private final FileChannel channel;
  private final long data;
  private final Stream stream;
  private final Map<String, String> texts;
  private final Map<String, Safetensors.Tensor> tensors;
  private final Set<String> asked;
  private final boolean[] looking;

  /**
   * @param data where the tensors' bytes begin
   */
  CheckpointReader(Path file, FileChannel channel, Safetensors head, long data, Stream stream) {
    this(
        "",
        file,
        channel,
        data,
        stream,
        Map.copyOf(head.about()),
        byName(head.tensors()),
        new HashSet<>(),
        new boolean[] {true});
  }

  private CheckpointReader(
      String prefix,
      Path file,
      FileChannel channel,
      long data,
      Stream stream,
      Map<String, String> texts,
      Map<String, Safetensors.Tensor> tensors,
      Set<String> asked,
      boolean[] looking) {
    this.prefix = prefix;
    this.file = file;
    this.channel = channel;
    this.data = data;
    this.stream = stream;
    this.texts = texts;
    this.tensors = tensors;
    this.asked = asked;
    this.looking = looking;
  }

  /**
   * Ends the looking: from here on values are taken.
   *
   * @param known texts that no part asks for
   * @throws IllegalArgumentException if the file has values that no part has asked for
   */
  void lookedAtAll(Set<String> known) {
    Set<String> left = new TreeSet<>(texts.keySet());
    left.addAll(tensors.keySet());
    left.removeAll(asked);
    left.removeAll(known);
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          "it also has %s, for which there is no place here; were other settings in force?"
              .formatted(left));
    }
    looking[0] = false;
  }

  @Override
  public void matrix(String name, Matrix values) {
    Safetensors.Tensor tensor = tensor(name, "F32", values.rows(), values.columns());
    if (!looking[0]) {
      float[] floats = new float[Math.multiplyExact(values.rows(), values.columns())];
      bytes(tensor).asFloatBuffer().get(floats);
      values.upload(floats, stream);
    }
  }

  @Override
  public void buffer(String name, Buffer words) {
    int count = Math.toIntExact(words.bytes() / 4);
    Safetensors.Tensor tensor = tensor(name, "I32", count);
    if (!looking[0]) {
      int[] values = new int[count];
      bytes(tensor).asIntBuffer().get(values);
      words.uploadInts(values, stream);
    }
  }

  @Override
  public long number(String name, long value) {
    String found = found(name);
    try {
      long number = Long.parseLong(found);
      return looking[0] ? value : number;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'%s' is '%s' and should be a whole number".formatted(prefix + name, found), e);
    }
  }

  @Override
  public String text(String name, String value) {
    String found = found(name);
    return looking[0] ? value : found;
  }

  @Override
  public void same(String name, String value) {
    String found = found(name);
    if (!found.equals(value)) {
      throw new IllegalArgumentException(
          "its '%s' is %s, but here it is %s".formatted(prefix + name, found, value));
    }
  }

  @Override
  public boolean replaces() {
    return !looking[0];
  }

  @Override
  public State of(String part) {
    return new CheckpointReader(
        prefix + part + ".", file, channel, data, stream, texts, tensors, asked, looking);
  }

  private String found(String name) {
    String key = prefix + name;
    asked.add(key);
    String value = texts.get(key);
    if (value == null) {
      throw new IllegalArgumentException(
          "it has no '%s', which is needed here; were other settings in force?".formatted(key));
    }
    return value;
  }

  private Safetensors.Tensor tensor(String name, String type, long... shape) {
    String key = prefix + name;
    asked.add(key);
    Safetensors.Tensor found = tensors.get(key);
    Safetensors.Tensor wanted = new Safetensors.Tensor(key, type, shape, 0, 0);
    if (found == null) {
      throw new IllegalArgumentException(
          "it has no '%s' %s, which is needed here; were other settings in force?"
              .formatted(key, wanted.kind()));
    }
    if (!found.kind().equals(wanted.kind())) {
      throw new IllegalArgumentException(
          "its '%s' is %s, but here it is %s; is it another network's?"
              .formatted(key, found.kind(), wanted.kind()));
    }
    return found;
  }

  private ByteBuffer bytes(Safetensors.Tensor tensor) {
    int count = Math.toIntExact(tensor.end() - tensor.begin());
    ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    try {
      channel.position(data + tensor.begin());
      Safetensors.fill(file, channel, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
    return bytes;
  }

  private static Map<String, Safetensors.Tensor> byName(List<Safetensors.Tensor> tensors) {
    Map<String, Safetensors.Tensor> map = new HashMap<>();
    tensors.forEach(each -> map.put(each.name(), each));
    return map;
  }
}
