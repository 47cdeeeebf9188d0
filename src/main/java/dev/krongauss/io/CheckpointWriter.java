package dev.krongauss.io;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.State;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The walk that notes what is to be written; a tensor leaves the device only as it is written. */
final class CheckpointWriter implements State {
  private final String prefix;
  private final Stream stream;
  private final Map<String, String> texts;
  private final List<Safetensors.Tensor> tensors;
  private final List<Supplier<ByteBuffer>> contents;

  CheckpointWriter(Stream stream) {
    this("", stream, new LinkedHashMap<>(), new ArrayList<>(), new ArrayList<>());
  }

  private CheckpointWriter(
      String prefix,
      Stream stream,
      Map<String, String> texts,
      List<Safetensors.Tensor> tensors,
      List<Supplier<ByteBuffer>> contents) {
    this.prefix = prefix;
    this.stream = stream;
    this.texts = texts;
    this.tensors = tensors;
    this.contents = contents;
  }

  Map<String, String> texts() {
    return texts;
  }

  List<Safetensors.Tensor> tensors() {
    return tensors;
  }

  /** Bytes of each tensor, little-endian, ready to be read. */
  List<Supplier<ByteBuffer>> contents() {
    return contents;
  }

  @Override
  public void matrix(String name, Matrix values) {
    add(name, "F32", values.rows(), values.columns());
    contents.add(
        () -> {
          float[] floats = values.download(stream);
          ByteBuffer bytes = little(floats.length);
          bytes.asFloatBuffer().put(floats);
          return bytes;
        });
  }

  @Override
  public void buffer(String name, Buffer words) {
    int count = Math.toIntExact(words.bytes() / 4);
    add(name, "I32", count);
    contents.add(
        () -> {
          ByteBuffer bytes = little(count);
          bytes.asIntBuffer().put(words.downloadInts(count, stream));
          return bytes;
        });
  }

  @Override
  public long number(String name, long value) {
    text(name, Long.toString(value));
    return value;
  }

  @Override
  public String text(String name, String value) {
    String key = prefix + name;
    if (texts.put(key, value) != null) {
      throw new IllegalStateException("two values of the state are named '%s'".formatted(key));
    }
    return value;
  }

  @Override
  public void same(String name, String value) {
    text(name, value);
  }

  @Override
  public boolean replaces() {
    return false;
  }

  @Override
  public State of(String part) {
    return new CheckpointWriter(prefix + part + ".", stream, texts, tensors, contents);
  }

  private void add(String name, String type, long... shape) {
    long begin = tensors.isEmpty() ? 0 : tensors.get(tensors.size() - 1).end();
    long bytes = 4;
    for (long size : shape) {
      bytes *= size;
    }
    tensors.add(new Safetensors.Tensor(prefix + name, type, shape, begin, begin + bytes));
  }

  private static ByteBuffer little(int words) {
    return ByteBuffer.allocate(Math.multiplyExact(4, words)).order(ByteOrder.LITTLE_ENDIAN);
  }
}
