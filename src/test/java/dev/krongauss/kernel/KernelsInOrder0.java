package dev.krongauss.kernel;

import dev.krongauss.testing.Share;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/**
 * {@link KernelTest} in the natural order of warps, blocks and streams: {@code mvn -B verify
 * -Pthorough}.
 */
@Tag("thorough")
final class KernelsInOrder0 extends KernelTest {
  static Stream<Run> runs() {
    return Share.ofThorough().of(KernelTest.runs().toList()).stream();
  }

  @Override
  long order() {
    return 0;
  }
}
