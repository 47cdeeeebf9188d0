package dev.krongauss.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.testing.ChildJvm;
import dev.krongauss.testing.TestDevice;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Ranks that are processes, on SoftCUDA's NCCL, started by hand as PyTorch's launchers do. */
final class NcclTest {
  @Test
  void twoRanksExchangeBroadcastAndGather() throws Exception {
    all(2);
  }

  @Test
  void fourRanksExchangeBroadcastAndGather() throws Exception {
    all(4);
  }

  private static void all(int count) throws Exception {
    List<ChildJvm.Result> results = run(count, "everything");
    for (int r = 0; r < count; r++) {
      assertThat(results.get(r).status()).as(results.get(r).output()).isZero();
      assertThat(results.get(r).output())
          .contains("done " + r + " of " + count + " NCCL 2.28.3 of SoftCUDA");
    }
  }

  @Test
  void anotherSizeNamesBoth() throws Exception {
    for (ChildJvm.Result result : run(2, "other-size")) {
      assertThat(result.status()).as(result.output()).isEqualTo(3);
      assertThat(result.output())
          .contains("ncclRecv of ")
          .contains("400 bytes")
          .contains("800 bytes")
          .contains("both sides name the same bytes")
          .doesNotContain("done");
    }
  }

  @Test
  void aLateRankIsNamed() throws Exception {
    List<ChildJvm.Result> results = run(2, "late");
    assertThat(results.get(0).status()).as(results.get(0).output()).isEqualTo(3);
    assertThat(results.get(0).output())
        .contains(
            "rank 0 of 2 in an exchange of 32 bytes with rank 1, its call 1, has waited PT2S");
    assertThat(results.get(1).status()).as(results.get(1).output()).isEqualTo(3);
    assertThat(results.get(1).output()).contains("rank 0 has aborted the group");
  }

  @Test
  void aKilledRankIsNamed() throws Exception {
    List<ChildJvm.Result> results = run(2, "killed");
    assertThat(results.get(0).status()).as(results.get(0).output()).isEqualTo(3);
    assertThat(results.get(0).output())
        .contains("exchange 1 of rank 0")
        .contains("rank 1 has ended without leaving the group")
        .doesNotContain("exchange 2");
    assertThat(results.get(1).status()).isEqualTo(128 + 9);
  }

  private static List<ChildJvm.Result> run(int count, String program) throws Exception {
    assumeTrue(TestDevice.get().isSoftware(), "one GPU cannot be several ranks of NCCL");
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Future<ChildJvm.Result>> running = new ArrayList<>();
      for (int r = 0; r < count; r++) {
        ChildJvm jvm =
            new ChildJvm()
                .under(
                    "env",
                    "RANK=" + r,
                    "LOCAL_RANK=" + r,
                    "WORLD_SIZE=" + count,
                    "MASTER_ADDR=127.0.0.1",
                    "MASTER_PORT=" + port)
                .option("-XX:TieredStopAtLevel=1", "-Xmx256m")
                .property("krongauss.device", "software")
                .property("krongauss.softcuda.check", "all");
        running.add(threads.submit(() -> jvm.run(RankPrograms.OnNccl.class, program)));
      }
      List<ChildJvm.Result> results = new ArrayList<>();
      for (Future<ChildJvm.Result> one : running) {
        results.add(one.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }
}
