package dev.krongauss.dist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.testing.ChildJvm;
import dev.krongauss.testing.MpiLauncher;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Ranks that are processes, under the launcher of each MPI that is installed. */
final class MpiTest {
  private static final long SECONDS = 30;

  private interface Body {
    void run(MpiLauncher launcher) throws IOException;
  }

  @TestFactory
  List<DynamicTest> tests() throws IOException {
    List<MpiLauncher> launchers = MpiLauncher.assume("that processes exchange");
    List<DynamicTest> tests = new ArrayList<>();
    for (MpiLauncher launcher : launchers) {
      add(tests, launcher, "two ranks exchange, broadcast and gather", l -> all(l, 2));
      add(tests, launcher, "four ranks exchange, broadcast and gather", l -> all(l, 4));
      add(tests, launcher, "another size names both", MpiTest::anotherSize);
      add(tests, launcher, "a late rank is named", MpiTest::lateRank);
      add(tests, launcher, "a killed rank ends the others", MpiTest::killedRank);
    }
    if (launchers.size() > 1) {
      add(tests, launchers.get(0), "MPICH's library", l -> otherLibrary(l, "libmpich.so.12"));
      add(tests, launchers.get(1), "Open MPI's library", l -> otherLibrary(l, "libmpi.so.40"));
    }
    return tests;
  }

  private static void add(List<DynamicTest> to, MpiLauncher launcher, String what, Body body) {
    String name = launcher.command() + ": " + what;
    to.add(DynamicTest.dynamicTest(name, () -> body.run(launcher)));
  }

  private static ChildJvm.Result run(MpiLauncher launcher, int count, String program)
      throws IOException {
    return launcher.ranks(count).run(RankPrograms.OnMpi.class, program);
  }

  private static void all(MpiLauncher launcher, int count) throws IOException {
    ChildJvm.Result result = run(launcher, count, "everything");
    assertThat(result.status()).as(result.output()).isZero();
    for (int r = 0; r < count; r++) {
      assertThat(result.output()).contains("done " + r + " of " + count);
    }
    assertThat(result.output()).contains(launcher.openMpi() ? "Open MPI" : "MPICH");
  }

  private static void anotherSize(MpiLauncher launcher) throws IOException {
    ChildJvm.Result result = run(launcher, 2, "other-size");
    assertThat(result.status()).as(result.output()).isNotZero();
    assertThat(result.output())
        .containsAnyOf(
            "rank 0 makes call 1, an exchange of 400 bytes, and rank 1 makes call 1, an exchange of"
                + " 800",
            "rank 1 makes call 1, an exchange of 800 bytes, and rank 0 makes call 1, an exchange of"
                + " 400")
        .doesNotContain("done");
  }

  private static void lateRank(MpiLauncher launcher) throws IOException {
    ChildJvm.Result result = run(launcher, 2, "late");
    assertThat(result.status()).as(result.output()).isNotZero();
    assertThat(result.output())
        .contains("rank 0 of 2 has waited PT2S for rank 1 in an exchange of 32 bytes, its call 1")
        .doesNotContain("done");
  }

  private static void killedRank(MpiLauncher launcher) throws IOException {
    long start = System.nanoTime();
    ChildJvm.Result result = run(launcher, 2, "killed");
    assertThat(result.status()).as(result.output()).isNotZero();
    assertThat(result.output()).contains("exchange 1 of rank 1").doesNotContain("exchange 2");
    assertThat((System.nanoTime() - start) / 1e9)
        .as("far less than the group's time-out")
        .isLessThan(SECONDS);
  }

  private static void otherLibrary(MpiLauncher launcher, String library) throws IOException {
    ChildJvm.Result result =
        launcher
            .ranks(2)
            .property("krongauss.mpi", library)
            .run(RankPrograms.OnMpi.class, "everything");
    assertThat(result.status()).as(result.output()).isNotZero();
    assertThat(result.output())
        .contains("of 2 by mpirun of " + (launcher.openMpi() ? "Open MPI" : "MPICH"))
        .contains("but rank 0 of 1 for " + library)
        .contains("launcher and library belong to different MPIs");
  }
}
