package dev.krongauss.bench.compare;

import dev.krongauss.bench.ProgressLine;
import dev.krongauss.bench.RunException;
import dev.krongauss.bench.problem.Split;
import dev.krongauss.bench.run.RecordedRun;
import dev.krongauss.device.Device;
import dev.krongauss.device.DeviceException;
import dev.krongauss.dist.Agreement;
import dev.krongauss.dist.Collective;
import dev.krongauss.dist.CollectiveException;
import dev.krongauss.dist.Mpi;
import dev.krongauss.dist.Nccl;
import dev.krongauss.dist.Ranks;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * The ranks that the launcher has started. All of them train, and only rank 0 is seen to: the
 * others write into a folder that goes with them, and print nothing but errors.
 */
final class RankGroup implements AutoCloseable {
  private static final String LOG_LEVEL = "org.slf4j.simpleLogger.defaultLogLevel";

  /** Options that may differ between ranks: where results go. */
  private static final List<String> ANY = List.of("out", "force", "data-dir", "no-pictures");

  /** How long a rank that has failed waits for the others to hear of it. */
  private static final Duration FAREWELL = Duration.ofMinutes(1);

  /** Whether this process has called MPI. */
  private static boolean joins;

  private final CompareOptions options;
  private final Ranks ranks;
  private final Path scratch;
  private Collective group;

  private RankGroup(CompareOptions options) throws IOException {
    this.options = options;
    this.ranks = options.ranks.launched;
    this.scratch = ranks.rank() == 0 ? null : Files.createTempDirectory("krongauss-rank");
  }

  /** Before anything is logged: ranks but the first are silent. */
  static void silence(Map<String, String> environment) {
    try {
      if (Ranks.of(environment).rank() > 0) {
        System.setProperty(LOG_LEVEL, "warn");
        System.setProperty(ProgressLine.TERMINAL_PROPERTY, "-1");
        System.setOut(new PrintStream(OutputStream.nullOutputStream(), true));
      }
    } catch (IllegalArgumentException e) {
      System.setProperty(LOG_LEVEL, "warn"); // said when the options are checked
    }
  }

  /**
   * Of a rank that has failed before it has joined the others: joins them, since a launcher ends
   * the rest only if one ends that has joined, as this one does next.
   */
  static void endOthers(Map<String, String> environment) {
    if (joins || !isRankOfMpirun(environment)) {
      return;
    }
    try {
      openMpi(Ranks.of(environment), FAREWELL);
    } catch (DeviceException | CollectiveException e) {
      System.err.println("bench/compare: other ranks may wait for this one: " + e.getMessage());
    }
  }

  private static boolean isRankOfMpirun(Map<String, String> environment) {
    try {
      return Ranks.of(environment).size() > 1
          && (environment.containsKey("PMI_RANK")
              || environment.containsKey("OMPI_COMM_WORLD_RANK"));
    } catch (IllegalArgumentException e) {
      return false; // has been said, on each rank
    }
  }

  /** MPI_Init waits for all ranks, however long; a rank that has ended before would hang them. */
  private static Mpi openMpi(Ranks ranks, Duration patience) {
    joins = true;
    CompletableFuture<Void> late =
        CompletableFuture.runAsync(
            () -> {
              System.err.printf(
                  "bench/compare: %s ends, since not all have joined in %s s%n",
                  ranks, patience.toSeconds());
              Runtime.getRuntime().halt(CommandLine.ExitCode.SOFTWARE);
            },
            CompletableFuture.delayedExecutor(patience.toSeconds() + 1, TimeUnit.SECONDS));
    Mpi mpi = Mpi.open(patience);
    late.cancel(false);
    return mpi;
  }

  /** Joins the others, where there are some. */
  static RankGroup join(CompareOptions options, Device device) throws IOException {
    RankGroup made = new RankGroup(options);
    if (made.ranks.size() > 1) {
      try {
        made.group =
            options.ranks.engine == RankOptions.Engine.MPI
                ? openMpi(made.ranks, options.ranks.patience())
                : Nccl.open(device, made.ranks, options.ranks.patience());
        made.compareOptions();
      } catch (IllegalArgumentException | CollectiveException e) {
        made.close();
        throw new RunException(e.getMessage());
      }
    }
    return made;
  }

  private void compareOptions() {
    Map<String, String> all = new LinkedHashMap<>();
    options.asMap().forEach((name, value) -> all.put("--" + name, String.valueOf(value)));
    ANY.forEach(name -> all.remove("--" + name));
    Agreement.check(group, all);
  }

  Split split() {
    return new Split(options.ranks.chunks, group, options.ranks.shard);
  }

  /** Where this rank writes. */
  Path folder(Path out) {
    return scratch == null ? out : scratch.resolve("run");
  }

  /**
   * Where this rank goes on with a run: rank 0 in its folder, the others in copies of what it holds
   * of the run. Waits until all have theirs, so that rank 0 may write then.
   *
   * @throws IOException if the folder cannot be read
   */
  Path resumed(Path run) throws IOException {
    Path own = folder(run);
    if (scratch != null) {
      RecordedRun.copy(run, own);
    }
    if (group != null) {
      group.barrier();
    }
    return own;
  }

  @Override
  public void close() throws IOException {
    if (group != null) {
      group.close();
    }
    if (scratch != null) {
      try (Stream<Path> files = Files.walk(scratch)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
