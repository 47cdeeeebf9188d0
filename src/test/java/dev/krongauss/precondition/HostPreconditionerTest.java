package dev.krongauss.precondition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Stream;
import dev.krongauss.device.Usage;
import dev.krongauss.io.Checkpoint;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.precondition.HeldRows.Memory;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What comes from the host gives what device memory gives, bit for bit, and leaves no garbage. */
final class HostPreconditionerTest {

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir private Path folder;

  private final Device device = TestDevice.get();

  @ParameterizedTest
  @EnumSource(Memory.class)
  void theHostsMemoryGivesWhatDeviceMemoryGives(Memory memory) {
    for (Operations.Mode mode : Problem.modes()) {
      try (HostInputs in = new HostInputs(device, memory);
          Preconditioner wanted = HostInputs.layers(Preconditioner.on(device), mode).build();
          HostPreconditioner p =
              HostInputs.layers(HostPreconditioner.on(device), mode)
                  .rows(HostInputs.N * HostInputs.T)
                  .build()) {
        Stream s = device.stream();
        Buffer lengths = in.arena.ints(HostInputs.N, "lengths");
        lengths.uploadInts(in.lengths, s);
        Buffer indices = in.arena.ints(HostInputs.N * HostInputs.T, "indices");
        indices.uploadInts(in.indices, s);
        Positions some = in.positions.lengths(lengths.pointer());
        PositionStatistics statistics = wanted.positions();
        for (int batch = 0; batch < 3; batch++) { // captured, and launched twice in either place
          statistics.accumulate(0, in.copy(in.a), in.copy(in.C), some, s);
          statistics.embedding(1, indices.pointer(), in.copy(in.C), some, s);
          statistics.scale(2, in.copy(in.x), in.copy(in.Cx), in.positions, s);
          statistics.shift(3, in.copy(in.Cx), some, s);
          in.enter(p);
        }
        wanted.refresh(s);
        wanted.weights().apply(in.onDevice, in.onDevice, s);
        p.refresh();
        assertThat(p.failure()).isEmpty();
        p.apply(in.gradients, in.gradients); // in place
        int next = 4;
        for (LayerWeights w : in.onDevice) {
          assertThat(in.held.get(next).compact()).isEqualTo(w.weights().download(s));
          in.held.get(next++).checkBetween();
          if (w.bias() != null) {
            assertThat(in.held.get(next).compact()).isEqualTo(w.bias().download(s));
            in.held.get(next++).checkBetween();
          }
        }
      }
    }
  }

  /** What was handed over may change as soon as the call returns. */
  @Test
  void arraysMayChangeAtOnce() {
    float[][] results = new float[2][];
    for (int changed = 0; changed < 2; changed++) {
      try (HostPreconditioner p =
          HostPreconditioner.on(device).layer(64, 64).rows(512).gamma(0.1).build()) {
        SplittableRandom own = new SplittableRandom(8);
        float[] a = new float[512 * 64];
        HostRows rows = HostRows.of(a, 512, 64);
        for (int batch = 0; batch < 8; batch++) {
          for (int k = 0; k < a.length; k++) {
            a[k] = (float) own.nextDouble() - 0.5f;
          }
          p.accumulate(0, rows, rows);
          if (changed == 1) {
            Arrays.fill(a, Float.NaN);
          } else {
            assertThat(p.preconditioner().failure(device.stream())).contains("no refresh");
          }
        }
        p.refresh();
        float[] g = new float[64 * 64];
        for (int k = 0; k < g.length; k++) {
          g[k] = k % 7;
        }
        List<HostWeights> gradients = List.of(HostWeights.of(HostRows.of(g, 64, 64)));
        p.apply(gradients, gradients);
        results[changed] = g;
      }
    }
    assertThat(results[1]).isEqualTo(results[0]).doesNotContain(Float.NaN);
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void aStepTakesNoMemoryOnceItsShapesAreKnown(Operations.Mode mode) {
    try (HostInputs in = new HostInputs(device, Memory.ARRAY);
        HostPreconditioner p =
            HostInputs.layers(HostPreconditioner.on(device), mode)
                .rows(HostInputs.N * HostInputs.T)
                .build()) {
      Usage before = null;
      double least = Double.POSITIVE_INFINITY;
      int steps = 50;
      for (int round = 0; round < 40 && least > 0; round++) {
        long garbage = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
        for (int k = 0; k < steps; k++) {
          in.enter(p);
          p.refresh();
          p.apply(in.gradients, in.gradients);
        }
        garbage = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()) - garbage;
        least = Math.min(least, garbage / (double) steps);
        Usage now = device.usage();
        if (before != null) {
          assertThat(now.deviceBytes()).isEqualTo(before.deviceBytes());
          assertThat(now.pinnedBytes()).isEqualTo(before.pinnedBytes());
        }
        before = now;
      }
      assertThat(least).as("bytes of the Java heap a step").isLessThan(16);
    }
  }

  @Test
  void aCheckpointGoesOn() throws Exception {
    Path file = folder.resolve("host.safetensors");
    Operations.Mode mode = Problem.modes().get(0);
    try (HostInputs in = new HostInputs(device, Memory.ARRAY);
        HostPreconditioner whole =
            HostInputs.layers(HostPreconditioner.on(device), mode).rows(24).build();
        HostPreconditioner next =
            HostInputs.layers(HostPreconditioner.on(device), mode).rows(24).build()) {
      in.enter(whole);
      whole.refresh();
      Checkpoint.save(file, device.stream(), Map.of("p", whole));
      Checkpoint.load(file, device.stream(), Map.of("p", next));
      float[][] wanted = directions(in, whole);
      assertThat(directions(in, next)).isDeepEqualTo(wanted);
      in.enter(whole);
      in.enter(next);
      whole.refresh();
      next.refresh();
      wanted = directions(in, whole);
      assertThat(directions(in, next)).isDeepEqualTo(wanted);
    }
  }

  private float[][] directions(HostInputs in, HostPreconditioner p) {
    List<HostWeights> results = new ArrayList<>();
    List<float[]> all = new ArrayList<>();
    for (HostWeights g : in.gradients) {
      results.add(new HostWeights(like(g.weights(), all), like(g.bias(), all)));
    }
    p.apply(in.gradients, results);
    return all.toArray(float[][]::new);
  }

  private static HostRows like(HostRows rows, List<float[]> all) {
    if (rows == null) {
      return null;
    }
    all.add(new float[rows.rows() * rows.columns()]);
    return HostRows.of(all.get(all.size() - 1), rows.rows(), rows.columns());
  }

  @Test
  void misuseIsSaidBeforeAnythingRuns() {
    Operations.Mode mode = Problem.modes().get(0);
    assertThatThrownBy(() -> HostInputs.layers(HostPreconditioner.on(device), mode).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("call rows");
    try (HostInputs in = new HostInputs(device, Memory.ARRAY);
        HostPreconditioner p =
            HostInputs.layers(HostPreconditioner.on(device), mode).rows(24).build()) {
      HostRows a = in.a.rows();
      HostRows C = in.C.rows();
      refused(() -> p.accumulate(0, C, C, in.positions, null), "[24][3]", "[24][6]");
      refused(() -> p.accumulate(0, a, a, in.positions, null), "square root", "[24][3]");
      refused(() -> p.accumulate(1, a, C, in.positions, null), "layer 1 is embedding");
      refused(() -> p.accumulate(7, a, C, in.positions, null), "layer 7");
      refused(() -> p.accumulate(0, a, C, in.positions, new int[2]), "2 lengths; 6");
      refused(() -> p.accumulate(0, a, C, in.positions, new int[6]), "all 6 lengths are 0");
      assertThatThrownBy(() -> p.embedding(1, null, C, in.positions, null))
          .hasMessageContaining("indices are null; 24");
      refused(() -> p.embedding(1, new int[3], C, in.positions, null), "3 indices; 24");
      refused(() -> p.accumulate(0, a, C, in.positions.lengths(4), null), "as an array");
      HostRows many = HostRows.of(new float[300], 100, 3);
      refused(() -> p.shift(3, many, Positions.of(100, 1), null), "rows(100)");
      refused(() -> p.apply(in.gradients.subList(0, 1), in.gradients), "1 gradients");
      assertThatThrownBy(() -> p.apply(in.gradients, in.gradients))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("refresh");
      assertThatThrownBy(p::refresh)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no factors yet");
      in.enter(p);
      p.refresh();
      List<HostWeights> wrong = new ArrayList<>(in.gradients);
      wrong.set(0, HostWeights.of(a));
      refused(() -> p.apply(in.gradients, wrong), "direction of layer 0", "[5][3] and [1][3]");
      List<HostWeights> fixed = new ArrayList<>(in.gradients);
      HostWeights first = in.gradients.get(0);
      fixed.set(0, new HostWeights(readOnly(first.weights()), readOnly(first.bias())));
      refused(() -> p.apply(fixed, fixed), "direction of layer 0", "read-only");
      p.apply(fixed, in.gradients);
      refused(() -> HostRows.of(new float[5], 2, 3), "5 values");
      refused(() -> HostRows.of(new float[5], 1, 2, 2, 3), "ends at float 6 of 5");
      refused(() -> HostRows.of(FloatBuffer.allocate(5), 2, 3, 3), "6 of 5");
      refused(() -> HostRows.at(2, 1, 1, 1), "0x2");
    }
    HostPreconditioner closed = HostPreconditioner.on(device).layer(2, 2).rows(4).build();
    closed.close();
    assertThatThrownBy(closed::refresh)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  private static HostRows readOnly(HostRows like) {
    int count = like.rows() * like.columns();
    FloatBuffer values = FloatBuffer.allocate(count).asReadOnlyBuffer();
    return HostRows.of(values, like.rows(), like.columns(), like.columns());
  }

  private static void refused(ThrowableAssert.ThrowingCallable call, String... words) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
  }
}
