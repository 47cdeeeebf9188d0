package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.testing.ChildJvm;
import dev.krongauss.testing.MpiLauncher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code mpirun -np P bench/compare}: the objectives do not know P. */
final class RanksRunTest {
  private static final int OBJECTIVE = 4;
  private static final int UPDATES = 40;
  private static final String[] LONG = {
    "--chunks", "8", "--updates", String.valueOf(UPDATES), "--checkpoint-seconds", "0.05"
  };

  @TempDir private Path folder;

  @Test
  void twoRanksHaveTheObjectivesOfOne() throws IOException {
    MpiLauncher launcher = MpiLauncher.assume("that two processes train as one").get(0);
    ChildJvm.Result one = compare(launcher, 1, "one", "--chunks", "8");
    ChildJvm.Result two = compare(launcher, 2, "two", "--chunks", "8");
    ChildJvm.Result shards = compare(launcher, 2, "shards", "--chunks", "8", "--shard");
    assertThat(one.status()).as(one.output()).isZero();
    assertThat(two.status()).as(two.output()).isZero();
    assertThat(shards.status()).as(shards.output()).isZero();
    assertThat(objectives("one"))
        .hasSize(2 * 3)
        .isEqualTo(objectives("two"))
        .isEqualTo(objectives("shards"));
    assertThat(two.output().split("run folder: ", -1)).as("said by one rank").hasSize(2);
    ChildJvm.Result whole = compare(launcher, 2, "whole");
    assertThat(whole.status()).isNotZero();
    assertThat(whole.output())
        .contains("by mpirun of ")
        .contains("--chunks is not given; give at least as many");
  }

  /** Else the launcher of MPICH would let the other one wait for ever. */
  @Test
  void whatFailsOnOneRankBeforeItJoinsEndsBoth() throws IOException {
    MpiLauncher launcher = MpiLauncher.assume("that one of two processes ends both").get(0);
    Files.writeString(folder.resolve("file"), "not a folder");
    ChildJvm.Result result = compare(launcher, 2, "file", "--chunks", "8");
    assertThat(result.status()).as(result.output()).isNotZero();
    assertThat(result.output()).contains(folder.resolve("file") + " is a file; give a folder");
  }

  /**
   * One of the two is killed by the system, the launcher ends the other, and both go on; with
   * {@code --shard} those that go on have what was gathered of both.
   */
  @Test
  void killedAndResumedIsNeverStopped() throws Exception {
    MpiLauncher launcher = MpiLauncher.assume("that two processes go on with a run").get(0);
    ChildJvm.Result whole = compare(launcher, 2, "whole", LONG);
    assertThat(whole.status()).as(whole.output()).isZero();
    killedAndResumed(launcher, "killed", LONG);
    killedAndResumed(
        launcher,
        "shards",
        Stream.concat(Stream.of("--shard"), Stream.of(LONG)).toArray(String[]::new));
  }

  private void killedAndResumed(MpiLauncher launcher, String name, String... words)
      throws Exception {
    Path killed = folder.resolve(name);
    CompletableFuture<ChildJvm.Result> first =
        CompletableFuture.supplyAsync(() -> unchecked(() -> compare(launcher, 2, name, words)));
    long rows = 0;
    while (!first.isDone() && (rows < 1 + UPDATES / 4 || !hasCheckpoint(killed))) {
      Thread.sleep(1);
      rows = rows(killed.resolve("metrics.csv"));
    }
    List<ProcessHandle> two = processes();
    assertThat(two).as(first.isDone() ? first.get().output() : "ranks").hasSize(2);
    two.get(new Random().nextInt(2)).destroyForcibly();
    assertThat(first.get().status()).isNotZero();
    assertThat(killed.resolve("metrics.csv")).as("stopped midway").exists();
    assertThat(Files.readAllLines(killed.resolve("metrics.csv"))).hasSizeLessThan(1 + 2 * UPDATES);
    ChildJvm.Result rest = launch(launcher, 2, List.of("--resume", killed.toString()));
    assertThat(rest.status()).as(rest.output()).isZero();
    assertThat(rest.output().split("run folder: ", -1)).as("said by one rank").hasSize(2);
    assertThat(objectives(name)).hasSize(2 * UPDATES).isEqualTo(objectives("whole"));
    assertThat(KillableRun.weights(killed))
        .isEqualTo(KillableRun.weights(folder.resolve("whole")))
        .as("weights and models")
        .hasSize(2 + 2);
  }

  /** The ranks, by the folder that they run in. */
  private List<ProcessHandle> processes() {
    return ProcessHandle.current()
        .descendants()
        .filter(each -> each.info().command().orElse("").endsWith("java"))
        .filter(each -> folder.equals(unchecked(() -> workingFolder(each))))
        .toList();
  }

  private static Path workingFolder(ProcessHandle process) throws IOException {
    Path link = Path.of("/proc", String.valueOf(process.pid()), "cwd");
    return Files.exists(link) ? link.toRealPath() : link;
  }

  private static boolean hasCheckpoint(Path run) throws IOException {
    try (var files = Files.list(run.resolve("checkpoints"))) {
      return files.anyMatch(each -> each.toString().endsWith(".safetensors"));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static long rows(Path table) throws IOException {
    return Files.exists(table) ? Files.readAllLines(table).size() : 0;
  }

  private static <T> T unchecked(Callable<T> call) {
    try {
      return call.call();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private ChildJvm.Result compare(MpiLauncher launcher, int ranks, String out, String... more)
      throws IOException {
    List<String> words =
        new ArrayList<>(List.of("--optimizers", "kfra,adam", "--batch", "32", "--scale", "0.02"));
    if (!List.of(more).contains("--updates")) {
      words.addAll(List.of("--updates", "3"));
    }
    words.addAll(List.of("--no-pictures", "--no-costs", "--device", "software"));
    words.addAll(List.of("--out", folder.resolve(out).toString()));
    words.addAll(List.of(more));
    return launch(launcher, ranks, words);
  }

  private ChildJvm.Result launch(MpiLauncher launcher, int ranks, List<String> words)
      throws IOException {
    return launcher
        .ranks(ranks)
        .in(folder)
        .property("krongauss.home", Path.of("").toAbsolutePath())
        .property("krongauss.softcuda.check", "none") // beside the clock of all tests
        .run(Compare.class, words.toArray(String[]::new));
  }

  /** Texts, which are different where a bit is. */
  private List<String> objectives(String out) throws IOException {
    return Files.readAllLines(folder.resolve(out).resolve("metrics.csv")).stream()
        .skip(1)
        .map(line -> line.split(",")[0] + " " + line.split(",")[OBJECTIVE])
        .toList();
  }
}
