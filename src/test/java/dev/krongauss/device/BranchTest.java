package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.kernel.Update;
import dev.krongauss.testing.DriverOptions;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forks and joins, enqueued and captured, in every order that they leave open. */
final class BranchTest {
  private final Device device = TestDevice.get();
  private final Update update = new Update(device);

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4, 5})
  void workBehindTheJoinSeesBothSides(long seed) {
    try (DriverOptions order = DriverOptions.seed(device, seed);
        Branch branch = new Branch(device);
        Arena arena = device.newArena("branch");
        Stream s = device.newStream()) {
      Sides sides = new Sides(arena, s);
      sides.work(branch, s);
      assertThat(sides.A.download(s)).as("enqueued, %s", order).containsOnly(6f);
      Graph graph = s.capture(() -> sides.work(branch, s));
      assertThat(graph.nodes()).isEqualTo(4);
      graph.launch(s);
      graph.launch(s);
      // A, B, C = 6, 2, 2; 22, 8, 8; 82, 30, 30.
      assertThat(sides.A.download(s)).as("replayed, %s", order).containsOnly(82f);
      sides.work(branch, s);
      assertThat(sides.A.download(s)).as("enqueued again, %s", order).containsOnly(306f);
    }
  }

  @Test
  void aForkWithoutItsJoinIsNoGraph() {
    try (Branch branch = new Branch(device);
        Arena arena = device.newArena("branch");
        Stream s = device.newStream()) {
      Sides sides = new Sides(arena, s);
      assertThatThrownBy(() -> s.capture(() -> sides.fork(branch, s)))
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("not joined");
      assertThat(s.capturing()).isFalse();
      sides.work(branch, s);
      assertThat(sides.A.download(s)).containsOnly(6f);
    }
  }

  @Test
  void workThatFailsOnTheBranchLeavesBothStreamsUsable() {
    try (Branch branch = new Branch(device);
        Arena arena = device.newArena("branch");
        Stream s = device.newStream()) {
      Sides sides = new Sides(arena, s);
      Function function = device.function("update", "update_f32");
      assertThatThrownBy(
              () -> s.capture(() -> branch.fork(s, other -> function.on(other).grid(0, 1, 1))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("grid (0, 1, 1)");
      assertThat(s.capturing()).isFalse();
      sides.work(branch, s);
      assertThat(sides.A.download(s)).containsOnly(6f);
    }
  }

  /** A = 2, B = C = 0; then B += A on the branch and C += A beside it, and A += B + C. */
  private final class Sides {
    private final Matrix A;
    private final Matrix B;
    private final Matrix C;
    private final Buffer one;

    Sides(Arena arena, Stream s) {
      A = arena.matrix(3, 5, "A");
      B = arena.matrix(3, 5, "B");
      C = arena.matrix(3, 5, "C");
      one = arena.floats(1, "one");
      A.upload(filled(2), s);
      B.upload(filled(0), s);
      C.upload(filled(0), s);
      one.upload(new float[] {1}, s);
    }

    void fork(Branch branch, Stream s) {
      branch.fork(s, other -> add(B, A, other));
      add(C, A, s);
    }

    void work(Branch branch, Stream s) {
      fork(branch, s);
      branch.join(s);
      add(A, B, s);
      add(A, C, s);
    }

    private void add(Matrix to, Matrix what, Stream s) {
      update.apply(s, List.of(to), List.of(what), one.pointer(), 0);
    }

    private float[] filled(float value) {
      float[] all = new float[15];
      Arrays.fill(all, value);
      return all;
    }
  }
}
