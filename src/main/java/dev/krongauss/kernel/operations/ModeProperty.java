package dev.krongauss.kernel.operations;

import dev.krongauss.device.Check;
import java.util.Arrays;
import java.util.Optional;

/** Who computes where nobody says otherwise. */
final class ModeProperty {
  private ModeProperty() {}

  /**
   * By {@code -Dkrongauss.operations=auto|kernels|libraries} (default auto).
   *
   * @throws IllegalArgumentException for another value
   */
  static Operations.Mode mode() {
    String value = System.getProperty("krongauss.operations", "auto");
    Optional<Operations.Mode> mode =
        Arrays.stream(Operations.Mode.values())
            .filter(m -> m.name().equalsIgnoreCase(value))
            .findFirst();
    Check.that(
        mode.isPresent(),
        "krongauss.operations is '%s'; it must be auto, kernels or libraries",
        value);
    return mode.orElseThrow();
  }
}
