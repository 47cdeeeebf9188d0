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

  private static final String CALL =
      "rank R makes call 1, an exchange of 32 bytes with rank S,"
          + " and rank S makes call 1, a barrier";

  private static final String ROOT =
      "rank R makes call 1, a broadcast of 32 bytes from rank R,"
          + " and rank S makes call 1, a broadcast of 32 bytes from rank S";

  private static final String BROADCAST =
      "rank R makes call 1, a broadcast of 16 bytes from rank 0,"
          + " and rank S makes call 1, a broadcast of 32 bytes from rank 0";

  private static final String CIRCLE =
      "rank R makes call 1, an exchange of 32 bytes with rank S,"
          + " and rank S makes call 1, an exchange of 32 bytes with rank T";

  private static final String LEAVES =
      "rank R makes call 1, an exchange of 32 bytes with rank S,"
          + " and rank S makes call 1, the end of the group";

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
      add(tests, launcher, "two ranks by device addresses", l -> byAddress(l, 2));
      add(tests, launcher, "four ranks by device addresses", l -> byAddress(l, 4));
      add(tests, launcher, "one way by addresses names both", MpiTest::otherWay);
      add(tests, launcher, "no memory beyond is named", MpiTest::beyond);
      add(tests, launcher, "another size names both", MpiTest::anotherSize);
      add(tests, launcher, "another call names both", l -> apart(l, 2, "other-call", CALL));
      add(tests, launcher, "another root names both", l -> apart(l, 2, "other-root", ROOT));
      add(tests, launcher, "bytes for all", l -> apart(l, 2, "other-broadcast", BROADCAST));
      add(tests, launcher, "another peer names both", l -> apart(l, 3, "circle", CIRCLE));
      add(tests, launcher, "leaving early names both", l -> apart(l, 2, "leaves", LEAVES));
      add(tests, launcher, "an error of MPI's is an exception", MpiTest::error);
      add(tests, launcher, "a late end is in order", MpiTest::lateEnd);
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

  /** Of SoftCUDA, whose memory is the host's, to an MPI that knows nothing of CUDA. */
  private static void byAddress(MpiLauncher launcher, int count) throws IOException {
    ChildJvm.Result result = byAddress(launcher, count, "everything");
    assertThat(result.status()).as(result.output()).isZero();
    for (int r = 0; r < count; r++) {
      assertThat(result.output()).contains("done " + r + " of " + count);
    }
    assertThat(result.output()).contains("device memory goes to MPI by its address");
  }

  private static ChildJvm.Result byAddress(MpiLauncher launcher, int count, String program)
      throws IOException {
    return launcher
        .ranks(count)
        .property(MpiCuda.PROPERTY, "on")
        .run(RankPrograms.OnMpi.class, program);
  }

  /** Rank 1 goes through the host. */
  private static void otherWay(MpiLauncher launcher) throws IOException {
    ChildJvm.Result result = byAddress(launcher, 2, "other-way");
    assertThat(result.status()).as(result.output()).isNotZero();
    assertThat(result.output())
        .containsAnyOf(
            "rank 0 makes call 1, an exchange of 32 bytes with rank 1 by device addresses, and rank"
                + " 1 makes call 1, an exchange of 32 bytes with rank 0;",
            "rank 1 makes call 1, an exchange of 32 bytes with rank 0, and rank 0 makes call 1, an"
                + " exchange of 32 bytes with rank 1 by device addresses;")
        .doesNotContain("done");
  }

  /** SoftCUDA's checks see what MPI is given. */
  private static void beyond(MpiLauncher launcher) throws IOException {
    ChildJvm.Result result = byAddress(launcher, 2, "beyond");
    assertThat(result.status()).as(result.output()).isNotZero();
    assertThat(result.output())
        .contains("MPI: what goes outside: 256 bytes at ", "allocation 'rank.out' (128 bytes")
        .doesNotContain("done");
  }

  /**
   * @param wanted with R, S and T for ranks; also with the two sides the other way round
   */
  private static void apart(MpiLauncher launcher, int count, String program, String wanted)
      throws IOException {
    long start = System.nanoTime();
    ChildJvm.Result result = run(launcher, count, program);
    if (!program.equals("leaves")) { // whose rank 1 has come to its end
      assertThat(result.status()).as(result.output()).isNotZero();
      assertThat(result.output()).doesNotContain("done");
    }
    String[] sides = wanted.split(",? and rank S makes ");
    String first = sides[0].replace("rank R makes ", "");
    String turned = "rank S makes " + sides[1] + ", and rank R makes " + first;
    List<String> texts = new ArrayList<>();
    for (String ranks : List.of("012", "120", "201", "102")) {
      for (String each : List.of(wanted, turned)) {
        texts.add(
            each.replace("rank R", "rank " + ranks.charAt(0))
                .replace("rank S", "rank " + ranks.charAt(1))
                .replace("rank T", "rank " + ranks.charAt(2)));
      }
    }
    assertThat(result.output()).containsAnyOf(texts.toArray(String[]::new));
    assertThat((System.nanoTime() - start) / 1e9)
        .as("far less than the group's time-out")
        .isLessThan(SECONDS);
  }

  private static void anotherSize(MpiLauncher launcher) throws IOException {
    ChildJvm.Result result = run(launcher, 2, "other-size");
    assertThat(result.status()).as(result.output()).isNotZero();
    assertThat(result.output())
        .containsAnyOf(
            "rank 0 makes call 1, an exchange of 400 bytes with rank 1, and rank 1 makes call 1, an"
                + " exchange of 800 bytes with rank 0",
            "rank 1 makes call 1, an exchange of 800 bytes with rank 0, and rank 0 makes call 1, an"
                + " exchange of 400 bytes with rank 1")
        .doesNotContain("done");
  }

  /** Each interface has a number of its own for the handler that returns errors. */
  private static void error(MpiLauncher launcher) throws IOException {
    ChildJvm.Result result = run(launcher, 2, "error");
    assertThat(result.status()).as(result.output()).isNotZero();
    assertThat(result.output()).contains("failed: MPI_Isend of 0 bytes to rank 2 failed: ");
  }

  /** MPICH 5 says so where a message was not received. */
  private static void lateEnd(MpiLauncher launcher) throws IOException {
    ChildJvm.Result result = run(launcher, 2, "ends-late");
    assertThat(result.status()).as(result.output()).isZero();
    assertThat(result.output()).contains("done 0", "done 1").doesNotContain("not left in order");
  }

  private static void lateRank(MpiLauncher launcher) throws IOException {
    ChildJvm.Result result = run(launcher, 2, "late");
    assertThat(result.status()).as(result.output()).isNotZero();
    assertThat(result.output())
        .contains("rank 0 of 2 has waited PT2S for rank 1 in an exchange of 32 bytes with rank 1,")
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
