package dev.krongauss.io;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.model.State;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The walk that notes what is to be written; a tensor leaves the device only as it is written. */
final class CheckpointWriter implements State {
  private final String prefix;
  private final Parts parts;
  private final Map<String, String> texts;
  private final List<Safetensors.Tensor> tensors;
  private final Set<String> names;
  private final List<Contents> contents;

  CheckpointWriter(Parts parts) {
    this("", parts, new LinkedHashMap<>(), new ArrayList<>(), new HashSet<>(), new ArrayList<>());
  }

  private CheckpointWriter(
      String prefix,
      Parts parts,
      Map<String, String> texts,
      List<Safetensors.Tensor> tensors,
      Set<String> names,
      List<Contents> contents) {
    this.prefix = prefix;
    this.parts = parts;
    this.texts = texts;
    this.tensors = tensors;
    this.names = names;
    this.contents = contents;
  }

  Map<String, String> texts() {
    return texts;
  }

  List<Safetensors.Tensor> tensors() {
    return tensors;
  }

  /** What each tensor is written of, in the same order. */
  List<Contents> contents() {
    return contents;
  }

  @Override
  public void matrix(String name, Matrix values) {
    add(name, "F32", values.rows(), values.columns());
    contents.add(Contents.of(parts.of(values)));
  }

  @Override
  public void symmetric(String name, Matrix values) {
    if (values.rows() != values.columns()) {
      matrix(name, values);
      return;
    }
    add(name, "F32", values.rows(), values.columns());
    contents.add(new SymmetricContents(values, parts.of(values)));
  }

  @Override
  public void buffer(String name, Buffer words) {
    add(name, "I32", words.bytes() / 4);
    contents.add(Contents.of(parts.of(words)));
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

  /** What a file without it stands for is not written, so that files stay what they were. */
  @Override
  public void same(String name, String value, String former) {
    if (!value.equals(former)) {
      same(name, value);
    }
  }

  @Override
  public boolean replaces() {
    return false;
  }

  @Override
  public State of(String part) {
    return new CheckpointWriter(prefix + part + ".", parts, texts, tensors, names, contents);
  }

  private void add(String name, String type, long... shape) {
    if (!names.add(prefix + name)) {
      throw new IllegalStateException(
          "two tensors of the state are named '%s'".formatted(prefix + name));
    }
    long begin = tensors.isEmpty() ? 0 : tensors.get(tensors.size() - 1).end();
    long bytes = 4;
    for (long size : shape) {
      bytes = Math.multiplyExact(bytes, size);
    }
    tensors.add(new Safetensors.Tensor(prefix + name, type, shape, begin, begin + bytes));
  }
}
