package dev.krongauss.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Stream;
import dev.krongauss.testing.TestDevice;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine of one JVM, and what all engines are asked for: memory arrives, errors name ranks. */
final class ThreadsTest {
  private static final Duration SHORT = Duration.ofMillis(300);

  /** Work with memory of a device of the rank's own. */
  private interface OnDevice<T> {
    T run(Collective ranks, Buffer a, Buffer b, Stream s);
  }

  private static <T> RankThreads.Work<T> with(int floats, OnDevice<T> work) {
    return ranks -> {
      try (Device device = RankThreads.device(ranks);
          Arena arena = device.newArena("rank " + ranks.rank())) {
        Buffer a = arena.floats(floats, "a");
        Buffer b = arena.floats(floats, "b");
        float[] values = new float[floats];
        for (int i = 0; i < floats; i++) {
          values[i] = value(ranks.rank(), i);
        }
        a.upload(values, device.stream());
        return work.run(ranks, a, b, device.stream());
      }
    };
  }

  private static float value(int rank, int i) {
    return 1000 * rank + i % 977 + 1f / (1 + i);
  }

  /** More than one piece, and one float. */
  @ParameterizedTest
  @ValueSource(ints = {1, (16 << 20) / 4 + 3})
  void exchangesSwapMemory(int floats) {
    List<float[]> received =
        RankThreads.run(
            2,
            with(
                floats,
                (ranks, a, b, s) -> {
                  ranks.exchange(s, a.pointer(), b.pointer(), 4L * floats, 1 - ranks.rank());
                  assertThat(ranks.sentBytes()).isEqualTo(4L * floats);
                  assertThat(ranks.waits()).isEqualTo(floats == 1 ? 4 : 2 * 4); // of each piece
                  return b.downloadFloats(floats, s);
                }));
    for (int rank = 0; rank < 2; rank++) {
      for (int i : new int[] {0, floats / 2, floats - 1}) {
        assertThat(received.get(rank)[i]).isEqualTo(value(1 - rank, i));
      }
    }
  }

  @Test
  void broadcastsAndGathersReachAll() {
    List<float[]> received =
        RankThreads.run(
            3,
            with(
                5,
                (ranks, a, b, s) -> {
                  ranks.barrier();
                  byte[] mine = ("rank " + ranks.rank()).getBytes(StandardCharsets.UTF_8);
                  List<byte[]> all = ranks.allGather(mine);
                  for (int r = 0; r < 3; r++) {
                    assertThat(new String(all.get(r), StandardCharsets.UTF_8))
                        .isEqualTo("rank " + r);
                  }
                  ranks.broadcast(s, a.pointer(), 20, 1);
                  assertThat(ranks.sentBytes()).isEqualTo(ranks.rank() == 1 ? 20 : 0);
                  return a.downloadFloats(5, s);
                }));
    for (float[] values : received) {
      assertThat(values[4]).isEqualTo(value(1, 4));
    }
  }

  /** The order is that of the tree, whoever adds: ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7)). */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8})
  void sumsAreThoseOfOneTree(int size) {
    int floats = (int) TreeReduction.padded(1000, size);
    List<float[]> sums =
        RankThreads.run(
            size,
            with(
                floats,
                (ranks, a, b, s) -> {
                  try (Arena arena = s.device().newArena("reduction")) {
                    new TreeReduction(s.device(), arena, ranks, floats).sum(s, a.pointer());
                    assertThat(ranks.sentBytes()).isEqualTo(TreeReduction.sentBytes(1000, size));
                    return a.downloadFloats(floats, s);
                  }
                }));
    for (int i = 0; i < floats; i++) {
      float[] tree = new float[size];
      for (int r = 0; r < size; r++) {
        tree[r] = value(r, i);
      }
      for (int n = size / 2; n >= 1; n /= 2) {
        for (int r = 0; r < n; r++) {
          tree[r] = tree[2 * r] + tree[2 * r + 1];
        }
      }
      for (float[] sum : sums) {
        assertThat(sum[i]).isEqualTo(tree[0]);
      }
    }
  }

  @Test
  void anotherCallIsAnErrorOfBothRanks() {
    assertThatThrownBy(
            () ->
                RankThreads.run(
                    2,
                    with(
                        8,
                        (ranks, a, b, s) -> {
                          long bytes = ranks.rank() == 0 ? 32 : 16;
                          ranks.exchange(s, a.pointer(), b.pointer(), bytes, 1 - ranks.rank());
                          return 0;
                        })))
        .isInstanceOf(CollectiveException.class)
        .hasMessageContainingAll("rank 0", "rank 1", "32 bytes", "16 bytes");
  }

  @Test
  void aRankThatDoesNotComeIsAnErrorAfterTheTimeOut() {
    List<Collective> group = Threads.group(2, SHORT);
    assertThatThrownBy(() -> group.get(0).barrier())
        .isInstanceOf(CollectiveException.class)
        .hasMessageContainingAll("rank 0", "PT0.3S", "barrier", "rank 1 is in no call");
    assertThatThrownBy(() -> group.get(1).barrier())
        .as("the group is of no use any more, and nobody waits")
        .isInstanceOf(CollectiveException.class)
        .hasMessageContaining("checkpoint");
  }

  @Test
  void aRankThatLeavesIsAnErrorOfThoseThatWait() {
    assertThatThrownBy(
            () ->
                RankThreads.run(
                    2,
                    ranks -> {
                      if (ranks.rank() == 0) {
                        ranks.barrier();
                      }
                      return 0;
                    }))
        .isInstanceOf(CollectiveException.class)
        .hasMessageContaining("rank 1 has left");
  }

  @Test
  void argumentsAreChecked() {
    Stream s = TestDevice.get().stream();
    Collective rank = Threads.group(2, SHORT).get(0);
    refused(() -> rank.exchange(s, 16, 32, 8, 0), "rank 0 of 2 exchanges with rank 0");
    refused(() -> rank.exchange(s, 16, 32, 8, 2), "rank 2");
    refused(() -> rank.exchange(s, 16, 20, 8, 1), "overlap");
    refused(() -> rank.exchange(s, 0, 32, 8, 1), "not null");
    refused(() -> rank.exchange(s, 16, 32, 6, 1), "6 bytes");
    refused(() -> rank.broadcast(s, 16, 8, 2), "rank 2");
    refused(() -> Threads.group(0, SHORT), "0 ranks");
    refused(() -> Threads.group(2, Duration.ZERO), "PT0S");
    refused(() -> TreeReduction.checkRanks(3), "3 ranks");
  }

  @Test
  void settingsThatDifferAreNamed() {
    assertThatThrownBy(
            () ->
                RankThreads.run(
                    2,
                    ranks -> {
                      String l2 = ranks.rank() == 0 ? "1.0E-5" : "0.0";
                      Agreement.check(ranks, Map.of("l2", l2));
                      return 0;
                    }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rank 1 has l2 0.0, and rank 0 has 1.0E-5; all ranks need the same");
  }

  private static void refused(Runnable call, String... parts) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(parts);
  }
}
