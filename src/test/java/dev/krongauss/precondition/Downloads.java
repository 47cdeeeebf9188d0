package dev.krongauss.precondition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.State;
import java.util.Map;

/** A walk that downloads matrices and buffers of a state, but for the scalars. */
record Downloads(Map<String, float[]> matrices, Stream s) implements State {
  @Override
  public void matrix(String name, Matrix values) {
    matrices.put(name, values.download(s));
  }

  @Override
  public void buffer(String name, Buffer words) {
    if (!name.equals("scalars")) {
      matrices.put(name, words.downloadFloats((int) (words.bytes() / 4), s));
    }
  }

  @Override
  public long number(String name, long value) {
    return value;
  }

  @Override
  public String text(String name, String value) {
    return value;
  }

  @Override
  public void same(String name, String value) {
    assertThat(value).as(name).isNotEmpty();
  }

  @Override
  public boolean replaces() {
    return false;
  }

  @Override
  public State of(String part) {
    return this;
  }
}
