package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.kernel.Subsample;
import dev.krongauss.kernel.argument.Part;
import dev.krongauss.testing.TestDevice;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lwjgl.system.MemoryUtil;

/** Kernels work on the host's memory where it lies. */
final class HostMemoryTest {
  private static final int ROWS = 65;
  private static final int COLUMNS = 7;

  private final Device device = TestDevice.get();
  private final Stream s = device.stream();

  @Test
  void kernelsReadAndWriteRegisteredMemory() {
    FloatBuffer from = MemoryUtil.memAllocFloat(ROWS * COLUMNS);
    FloatBuffer to = MemoryUtil.memAllocFloat(64 * COLUMNS + 2);
    try (HostMemory x = device.register(MemoryUtil.memAddress(from), 4L * from.capacity());
        HostMemory y = device.register(MemoryUtil.memAddress(to), 4L * to.capacity())) {
      for (int i = 0; i < from.capacity(); i++) {
        from.put(i, i);
      }
      to.put(0, -1).put(to.capacity() - 1, -2);
      Matrix wanted = y.matrix(1, 64, COLUMNS, COLUMNS);
      new Subsample(device)
          .take(
              s, new Part(ROWS, 64, List.of(x.matrix(0, ROWS, COLUMNS, COLUMNS)), List.of(wanted)));
      s.synchronize();
      for (int i = 0; i < 64; i++) {
        int row = (int) ((long) (i / 8) * ROWS / 8) + i % 8;
        for (int j = 0; j < COLUMNS; j++) {
          assertThat(to.get(1 + i * COLUMNS + j)).isEqualTo(row * COLUMNS + j);
        }
      }
      assertThat(to.get(0)).isEqualTo(-1);
      assertThat(to.get(to.capacity() - 1)).isEqualTo(-2);
      assertThat(x.bytes()).isEqualTo(4L * ROWS * COLUMNS);
    } finally {
      MemoryUtil.memFree(from);
      MemoryUtil.memFree(to);
    }
  }

  @Test
  void whatCannotBeRegisteredIsSaid() {
    FloatBuffer values = MemoryUtil.memAllocFloat(100);
    long address = MemoryUtil.memAddress(values);
    try {
      assertThatThrownBy(() -> device.register(0, 4))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("0x0");
      assertThatThrownBy(() -> device.register(address + 2, 4))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> device.register(address, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("0 bytes");
      HostMemory first = device.register(address, 400);
      assertThatThrownBy(() -> device.register(address + 40, 4))
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("registered already");
      assertThatThrownBy(() -> first.matrix(1, 10, 10, 10))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("404 of 400");
      assertThatThrownBy(() -> first.matrix(1L << 62, 1, 1, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("of 400 registered bytes");
      first.close();
      first.close();
      assertThatThrownBy(first::pointer)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("register it again");
      device.register(address, 400).close();
    } finally {
      MemoryUtil.memFree(values);
    }
  }
}
