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
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  private final Parts parts;
  private final Map<String, String> texts;
  private final Map<String, Safetensors.Tensor> tensors;
  private final Set<String> asked;
  private final boolean[] looking;

  /**
   * @param data where the tensors' bytes begin
   */
  CheckpointReader(
      Path file, FileChannel channel, Safetensors head, long data, Stream stream, Parts parts) {
    this(
        "",
        file,
        channel,
        data,
        stream,
        parts,
        new HashMap<>(head.about()),
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
      Parts parts,
      Map<String, String> texts,
      Map<String, Safetensors.Tensor> tensors,
      Set<String> asked,
      boolean[] looking) {
    this.prefix = prefix;
    this.file = file;
    this.channel = channel;
    this.data = data;
    this.stream = stream;
    this.parts = parts;
    this.texts = texts;
    this.tensors = tensors;
    this.asked = asked;
    this.looking = looking;
  }

  /**
   * Ends the looking. A tensor without elements has no value.
   *
   * @throws IllegalArgumentException if the file has values that no part has asked for
   */
  void lookedAtAll() {
    Set<String> left = new TreeSet<>(texts.keySet());
    left.removeIf(name -> !Sums.isOfPart(name));
    tensors.values().stream().filter(t -> t.bytes() > 0).forEach(t -> left.add(t.name()));
    left.removeAll(asked);
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          "it also has %s, for which there is no place here; were other settings in force?"
              .formatted(left));
    }
  }

  /** From here on values are taken. */
  void take() {
    looking[0] = false;
  }

  @Override
  public void matrix(String name, Matrix values) {
    if (formerDiagonal(name, values)) {
      return;
    }
    Safetensors.Tensor tensor = tensor(name, "F32", values.rows(), values.columns());
    if (!looking[0]) {
      fill(parts.of(values), tensor);
    }
  }

  /** Whether the file has a whole matrix, but a diagonal one, where its diagonal is kept here. */
  private boolean formerDiagonal(String name, Matrix values) {
    Safetensors.Tensor found = tensors.get(prefix + name);
    if (!FormerDiagonal.may(found, values)) {
      return false;
    }
    Optional<float[]> diagonal = FormerDiagonal.read(file, channel, data, found);
    diagonal.ifPresent(
        elements -> {
          asked.add(found.name());
          if (!looking[0]) {
            values.upload(elements, stream);
          }
        });
    return diagonal.isPresent();
  }

  @Override
  public void buffer(String name, Buffer words) {
    Safetensors.Tensor tensor = tensor(name, "I32", words.bytes() / 4);
    if (!looking[0]) {
      fill(parts.of(words), tensor);
    }
  }

  @Override
  public long number(String name, long value) {
    long number = parsed(name);
    return looking[0] ? value : number;
  }

  @Override
  public long count(String name, long value) {
    long number = parsed(name);
    if (number < 0) {
      throw new IllegalArgumentException(
          "'%s' is %d and should be 0 or more".formatted(prefix + name, number));
    }
    return looking[0] ? value : number;
  }

  private long parsed(String name) {
    String found = found(name);
    try {
      return Long.parseLong(found);
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
  public String text(String name, String value, String former) {
    texts.putIfAbsent(prefix + name, former);
    return text(name, value);
  }

  @Override
  public String kind(String name, String value, Collection<String> known, String former) {
    texts.putIfAbsent(prefix + name, former);
    oneOf(name, value, known);
    return found(name);
  }

  @Override
  public String oneOf(String name, String value, Collection<String> known) {
    String found = found(name);
    if (!known.contains(found)) {
      throw new IllegalArgumentException(
          "'%s' is '%s' and should be one of %s".formatted(prefix + name, found, known));
    }
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
  public void same(String name, String value, String former) {
    if (texts.containsKey(prefix + name) || !value.equals(former)) {
      texts.putIfAbsent(prefix + name, former);
      same(name, value);
    }
  }

  @Override
  public boolean replaces() {
    return !looking[0];
  }

  @Override
  public boolean reads() {
    return true;
  }

  @Override
  public State of(String part) {
    return new CheckpointReader(
        prefix + part + ".", file, channel, data, stream, parts, texts, tensors, asked, looking);
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

  private void fill(Parts.Whole whole, Safetensors.Tensor tensor) {
    long[] position = {data + tensor.begin()};
    try {
      whole.forEach(
          part -> {
            float[] values = new float[part.rows() * part.columns()];
            ByteBuffer bytes =
                ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            Safetensors.fill(file, channel, bytes, position[0]);
            bytes.asFloatBuffer().get(values);
            part.upload(values, stream);
            position[0] += bytes.limit();
          });
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static Map<String, Safetensors.Tensor> byName(List<Safetensors.Tensor> tensors) {
    Map<String, Safetensors.Tensor> map = new HashMap<>();
    tensors.forEach(each -> map.put(each.name(), each));
    return map;
  }
}
