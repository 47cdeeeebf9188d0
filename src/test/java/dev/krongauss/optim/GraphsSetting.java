package dev.krongauss.optim;

import java.util.function.Supplier;

/** The system property {@code krongauss.graphs} for the time of a call. */
final class GraphsSetting {
  private GraphsSetting() {}

  static <T> T with(String graphs, Supplier<T> body) {
    String before = System.getProperty("krongauss.graphs");
    System.setProperty("krongauss.graphs", graphs);
    try {
      return body.get();
    } finally {
      if (before == null) {
        System.clearProperty("krongauss.graphs");
      } else {
        System.setProperty("krongauss.graphs", before);
      }
    }
  }
}
