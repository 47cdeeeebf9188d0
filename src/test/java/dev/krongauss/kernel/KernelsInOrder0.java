package dev.krongauss.kernel;

import org.junit.jupiter.api.Tag;

/**
 * {@link KernelTest} in the natural order of warps, blocks and streams: {@code mvn -B verify
 * -Pthorough}.
 */
@Tag("thorough")
final class KernelsInOrder0 extends KernelTest {
  @Override
  long order() {
    return 0;
  }
}
