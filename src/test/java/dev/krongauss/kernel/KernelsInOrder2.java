package dev.krongauss.kernel;

import org.junit.jupiter.api.Tag;

/**
 * {@link KernelTest} in a second random order of warps, blocks and streams: {@code mvn -B verify
 * -Pthorough}.
 */
@Tag("thorough")
final class KernelsInOrder2 extends KernelTest {
  @Override
  long order() {
    return 2;
  }
}
