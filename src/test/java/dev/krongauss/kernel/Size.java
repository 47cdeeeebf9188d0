package dev.krongauss.kernel;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Named dimensions of one launch, in the order given: {@code Size.of("M", 65, "d", 31)}. */
public final class Size {
  private final Map<String, Integer> dimensions = new LinkedHashMap<>();

  private Size() {}

  /** Names and values in turn. */
  public static Size of(Object... namesAndValues) {
    Size size = new Size();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      size.dimensions.put((String) namesAndValues[i], (Integer) namesAndValues[i + 1]);
    }
    return size;
  }

  /** The dimension of this name; an unknown name is a mistake in the case. */
  public int get(String name) {
    Integer value = dimensions.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no dimension '" + name + "' in " + this);
    }
    return value;
  }

  /** The dimensions' names, in the order given. */
  public Set<String> names() {
    return Collections.unmodifiableSet(dimensions.keySet());
  }

  @Override
  public String toString() {
    return dimensions.toString();
  }
}
