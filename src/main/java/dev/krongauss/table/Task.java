package dev.krongauss.table;

import java.util.Locale;

/** What a table's targets are, and so which loss fits. */
public enum Task {
  /** Numbers; trained on (t - mean) / deviation with {@code Loss.squared()}. */
  REGRESSION("squared"),

  /** Two classes; one output, the logit of the second, trained on 0/1 with {@code bernoulli()}. */
  BINARY("bernoulli"),

  /** Classes; one output a class, one-hot targets, {@code Loss.softmax()}. */
  CLASSES("softmax");

  private final String lossName;

  Task(String lossName) {
    this.lossName = lossName;
  }

  /**
   * The built-in loss that fits.
   *
   * @return {@code squared}, {@code bernoulli} or {@code softmax}
   */
  public String lossName() {
    return lossName;
  }

  /**
   * The task of a name.
   *
   * @param name in any case
   * @return the task
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Task of(String name) {
    for (Task task : values()) {
      if (task.toString().equals(name.toLowerCase(Locale.ROOT))) {
        return task;
      }
    }
    throw new IllegalArgumentException(
        "task %s: there is none of that name; take regression, binary or classes".formatted(name));
  }

  /** The name in lower case, as texts and files have it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
