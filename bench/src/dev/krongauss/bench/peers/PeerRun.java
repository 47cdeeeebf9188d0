package dev.krongauss.bench.peers;

import com.fasterxml.jackson.jr.ob.JSON;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.krongauss.bench.Commands;
import dev.krongauss.bench.process.Child;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs a peer's script as a process on the files of a {@link PeerProblem}.
 *
 * <p>The process ends with this one: it is stopped when the run is interrupted, when its caller's
 * consumer throws, and when this JVM exits, and it ends by itself when this JVM is killed, since
 * its standard input ends then.
 */
public final class PeerRun {
  /**
   * Waiting threads of OpenMP that spin take the others' cores; the scripts' folder stays as it is.
   */
  private static final Map<String, String> ENVIRONMENT =
      Map.of("OMP_WAIT_POLICY", "PASSIVE", "PYTHONDONTWRITEBYTECODE", "1");

  private final PeerKind kind;
  private final Interpreter interpreter;
  private final List<String> more = new ArrayList<>();
  private Path scripts = Commands.home().resolve("bench/peers");
  private String name;
  private String device = "cpu";
  private int threads = Runtime.getRuntime().availableProcessors();
  private double patience = Double.POSITIVE_INFINITY;
  private Optional<Consumer<PeerEvaluation>> evaluations = Optional.empty();

  private PeerRun(PeerKind kind, Interpreter interpreter) {
    this.kind = kind;
    this.interpreter = interpreter;
    this.name = kind.toString();
  }

  /** A run of {@code kind} on the CPU, with as many threads as there are processors. */
  public static PeerRun of(PeerKind kind, Interpreter interpreter) {
    return new PeerRun(kind, interpreter);
  }

  /** Where the scripts are; by default {@code bench/peers} of the project. */
  public PeerRun scripts(Path folder) {
    scripts = folder;
    return this;
  }

  /**
   * Its name in the rows, and with other signs as dashes that of its files; one that begins with
   * {@code torch-adam-graph} also makes it replay a CUDA graph.
   */
  public PeerRun name(String value) {
    name = value;
    return this;
  }

  /** {@code cpu} or {@code cuda}. */
  public PeerRun device(String value) {
    device = value;
    return this;
  }

  /** Threads of torch and of its BLAS. */
  public PeerRun threads(int count) {
    threads = count;
    return this;
  }

  /** Seconds after which it is stopped whatever it does, its start included. */
  public PeerRun patience(double seconds) {
    patience = seconds;
    return this;
  }

  /**
   * Settings of Adam.
   *
   * @param halveEvery updates between halvings of the learning rate; 0 for a constant one
   * @throws IllegalArgumentException for a peer that is not Adam
   */
  public PeerRun adam(double learningRate, double beta1, int halveEvery) {
    require(kind.isAdam(), "settings of Adam");
    more.addAll(List.of("--learning-rate", Double.toString(learningRate)));
    more.addAll(List.of("--beta1", Double.toString(beta1)));
    more.addAll(List.of("--halve-every", Integer.toString(halveEvery)));
    return this;
  }

  /**
   * Whether KFRA's factors are moving averages; on by default.
   *
   * @throws IllegalArgumentException for a peer that has none
   */
  public PeerRun curvatureAverage(boolean on) {
    require(kind.hasCurvatureAverage(), "curvature average");
    more.addAll(List.of("--curvature-average", on ? "on" : "off"));
    return this;
  }

  /**
   * Tells of the evaluations on held-out rows, where the problem has some: all of them, in order,
   * when the process has ended, in the thread of {@link #run}.
   */
  public PeerRun evaluations(Consumer<PeerEvaluation> consumer) {
    evaluations = Optional.of(consumer);
    return this;
  }

  /**
   * Evaluations in a row that may be no better than the best one before, after which it stops.
   *
   * @throws IllegalArgumentException if it is less than 1
   */
  public PeerRun stopAfter(int count) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "stop after %d evaluations; give at least 1, or leave it out".formatted(count));
    }
    return option("--stop-after", Integer.toString(count));
  }

  /** Another option of its script, with its value. */
  PeerRun option(String option, String value) {
    more.addAll(List.of(option, value));
    return this;
  }

  private void require(boolean good, String what) {
    if (!good) {
      throw new IllegalArgumentException("%s has no %s; leave it out".formatted(kind, what));
    }
  }

  /**
   * Trains to a limit.
   *
   * @param problem folder that {@link PeerProblem#write} wrote; log and facts are written beside
   * @param rows told of every update as it comes, in this thread
   * @return what ran, also where it failed
   * @throws InterruptedException if this thread is interrupted; the process is stopped
   */
  public PeerResult run(Path problem, Limits limits, Consumer<PeerRow> rows)
      throws IOException, InterruptedException {
    String file = name.replaceAll("[^A-Za-z0-9.-]", "-");
    Path facts = problem.resolve(file + ".json");
    Path evaluation = problem.resolve(file + ".evaluation.csv");
    Files.deleteIfExists(facts);
    Files.deleteIfExists(evaluation);
    Child.Builder builder =
        new Child.Builder(
                problem.resolve(file + ".log"), command(problem, facts, evaluation, limits))
            .environment(environment());
    try (Child child = builder.start()) {
      Thread killer = new Thread(child::kill, "end of " + name);
      Runtime.getRuntime().addShutdownHook(killer);
      try {
        PeerResult result = follow(child, facts, rows);
        if (evaluations.isPresent()) {
          PeerEvaluation.read(evaluation).forEach(evaluations.get());
        }
        return result;
      } finally {
        child.kill();
        removeHook(killer);
      }
    }
  }

  private List<String> command(Path problem, Path facts, Path evaluation, Limits limits) {
    List<String> command = new ArrayList<>();
    command.add(interpreter.command());
    command.add(scripts.resolve(kind.script()).toString());
    command.addAll(List.of("--problem", problem.toString(), "--facts", facts.toString()));
    command.addAll(List.of("--device", device, "--name", name, "--end-with-stdin"));
    command.addAll(List.of("--threads", Integer.toString(threads)));
    if (evaluations.isPresent()) {
      command.addAll(List.of("--evaluation", evaluation.toString()));
    }
    if (limits.updates() < Long.MAX_VALUE) {
      command.addAll(List.of("--updates", Long.toString(limits.updates())));
    }
    if (Double.isFinite(limits.seconds())) {
      command.addAll(List.of("--seconds", Double.toString(limits.seconds())));
    }
    command.addAll(more);
    return command;
  }

  private Map<String, String> environment() {
    Map<String, String> map = new LinkedHashMap<>(ENVIRONMENT);
    for (String each : List.of("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")) {
      map.put(each, Integer.toString(threads));
    }
    map.putAll(interpreter.environment());
    return map;
  }

  /** What the thread that reads rows has to say; neither of both at the end. */
  private record Message(PeerRow row, RuntimeException failure) {}

  private PeerResult follow(Child child, Path facts, Consumer<PeerRow> rows)
      throws IOException, InterruptedException {
    BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    Thread reader = new Thread(() -> read(child, messages), "rows of " + name);
    reader.setDaemon(true);
    reader.start();
    double end = System.nanoTime() + 1e9 * patience;
    PeerRow last = null;
    String stopped = null;
    while (stopped == null) {
      double left = Math.min(Long.MAX_VALUE, Math.max(0, end - System.nanoTime()));
      Message message = messages.poll((long) left, TimeUnit.NANOSECONDS);
      if (message == null) {
        stopped = "stopped after %.0f s".formatted(patience);
      } else if (message.row != null) {
        last = message.row;
        rows.accept(last);
      } else if (message.failure != null) {
        stopped = "its rows cannot be read: " + message.failure.getMessage();
      } else {
        break;
      }
    }
    int status = -1;
    if (stopped == null) {
      status = child.process().waitFor();
    } else {
      child.kill();
    }
    return result(child, facts, last, stopped, status);
  }

  private PeerResult result(Child child, Path facts, PeerRow last, String stopped, int status)
      throws IOException {
    String failure = stopped;
    if (failure == null && status != 0) {
      failure = "exit status " + status;
    }
    return new PeerResult(
        kind,
        name,
        last == null ? 0 : last.update(),
        last == null ? 0 : last.seconds(),
        status,
        failure == null ? null : failure + child.logTail(),
        Files.isRegularFile(facts) ? JSON.std.mapFrom(Files.readString(facts)) : Map.of());
  }

  private static void read(Child child, BlockingQueue<Message> messages) {
    try (CsvReader<NamedCsvRecord> reader =
        CsvReader.builder()
            .ofNamedCsvRecord(
                new InputStreamReader(child.process().getInputStream(), StandardCharsets.UTF_8))) {
      for (NamedCsvRecord record : reader) {
        messages.add(new Message(PeerRow.of(record), null));
      }
      messages.add(new Message(null, null));
    } catch (IOException e) {
      messages.add(new Message(null, new UncheckedIOException(e)));
    } catch (RuntimeException e) {
      messages.add(new Message(null, e));
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // the JVM is exiting and the hook runs: it cannot be removed, and does no harm
    }
  }
}
