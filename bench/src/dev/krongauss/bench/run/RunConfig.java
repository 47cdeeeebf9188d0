package dev.krongauss.bench.run;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.RunException;
import dev.krongauss.bench.peers.PeerResult;
import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.bench.problem.ProblemData;
import dev.krongauss.bench.update.UpdateCost;
import dev.krongauss.data.Dataset;
import java.io.IOException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@code config.json}: all that a run depends on, and what {@code --resume} takes up. */
public final class RunConfig {
  private static final String ARGUMENTS = "arguments";
  private static final String CONTENDERS = "contenders";
  private static final String TUNED = "tuned";
  private static final String SEED = "seed";
  private static final String RESUMED = "resumed";
  private static final String DEVICE = "device";
  private static final String PEERS = "peers";
  private static final String ENVIRONMENT = "environment";
  private static final String STEP_LENGTHS = "stepLengths";
  private static final String CHECKSUM = "rowsCrc32c";
  private static final String A_LAYER = "a layer";

  private static final List<String> COMPARED =
      List.of(
          "commit",
          "uncommittedChanges",
          "java",
          "jvmArguments",
          "environment",
          "processor",
          "processors");

  private final RunFolder folder;
  private final Map<String, Object> map;

  private RunConfig(RunFolder folder, Map<String, Object> map) {
    this.folder = folder;
    this.map = map;
  }

  /**
   * What a run depends on beside its arguments.
   *
   * @param options every one as it is in force
   * @param rows that are trained on, and what follows from them
   * @param network that every optimiser trains
   * @param device in a line
   * @param deviceFacts versions, clocks, memory
   * @param environment as {@link Environment#asMap} finds it
   */
  public record Facts(
      Map<String, Object> options,
      ProblemData rows,
      NetworkShape network,
      String device,
      Map<String, Object> deviceFacts,
      Map<String, Object> environment) {}

  /**
   * Writes the configuration of a new run.
   *
   * @throws IOException if it cannot be written
   */
  public static RunConfig create(
      RunFolder folder, List<String> arguments, OffsetDateTime start, Facts facts)
      throws IOException {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("command", Commands.line("bench/compare", arguments));
    map.put(ARGUMENTS, arguments);
    map.put("started", start.format(DateTimeFormatter.ISO_OFFSET_DATE_TIME));
    map.put("options", facts.options);
    map.put(STEP_LENGTHS, A_LAYER);
    map.put("rows", facts.rows.training().size());
    map.put("heldOutRows", facts.rows.heldOut().map(Dataset::size).orElse(0));
    map.put(CHECKSUM, checksum(facts.rows));
    facts.rows.tableSummary().ifPresent(text -> map.put("table", text.lines().toList()));
    map.put("loss", facts.rows.lossName());
    map.put("layers", facts.network.sizes());
    map.put("activation", facts.network.activation().toString());
    map.put("parameters", facts.network.parameters());
    map.put(DEVICE, facts.device);
    map.put("deviceFacts", facts.deviceFacts);
    map.put(ENVIRONMENT, facts.environment);
    RunConfig config = new RunConfig(folder, map);
    config.write();
    return config;
  }

  /**
   * Takes up the configuration of a run that goes on, and notes that it does.
   *
   * @return with {@link #differences} from when it began
   * @throws IOException if it cannot be written
   */
  public static RunConfig resume(RunFolder folder, RecordedRun recorded, OffsetDateTime now)
      throws IOException {
    RunConfig config = new RunConfig(folder, new LinkedHashMap<>(recorded.config()));
    List<Object> times = new ArrayList<>();
    if (config.map.get(RESUMED) instanceof List<?> before) {
      times.addAll(before);
    }
    times.add(now.format(DateTimeFormatter.ISO_OFFSET_DATE_TIME));
    config.map.put(RESUMED, times);
    config.write();
    return config;
  }

  /**
   * The arguments that a recorded run was begun with.
   *
   * @throws RunException if they were not recorded
   */
  public static List<String> arguments(RecordedRun recorded) throws RunException {
    if (!(recorded.config().get(ARGUMENTS) instanceof List<?>)) {
      throw new RunException(
          "the run in it was made by a version that could not go on with one; run its command anew,"
              + " into another folder");
    }
    return strings(recorded.config().get(ARGUMENTS));
  }

  /**
   * Refuses to go on with other rows than those that the run began with.
   *
   * @throws RunException if they differ; runs from before this was recorded are taken as they are
   */
  public static void requireSameRows(RecordedRun recorded, ProblemData rows) throws RunException {
    Object then = recorded.config().get(CHECKSUM);
    if (then != null && !then.equals(checksum(rows))) {
      throw new RunException(
          "%s has other rows than when the run began; put the file of then back, or begin a new run"
              .formatted(rows.training().name()));
    }
  }

  private static String checksum(ProblemData rows) {
    String held = rows.heldOut().map(data -> " %08x".formatted(data.checksum())).orElse("");
    return "%08x".formatted(rows.training().checksum()) + held;
  }

  /**
   * What is not as it was when the run began, and may change its bits; empty if nothing.
   *
   * @param device in a line
   * @param environment as {@link Environment#asMap} finds it now
   */
  public List<String> differences(String device, Map<String, Object> environment) {
    List<String> differences = new ArrayList<>();
    note(differences, DEVICE, map.get(DEVICE), device);
    if (map.get(ENVIRONMENT) instanceof Map<?, ?> then) {
      for (String key : COMPARED) {
        note(differences, key, then.get(key), environment.get(key));
      }
    }
    return differences;
  }

  /**
   * Whether {@code kfra}, {@code kflr} and {@code kfac} of this run have one step length a layer;
   * in runs from before 2026-11-29 they were the paper's algorithm.
   */
  public boolean stepLengthsPerLayer() {
    return A_LAYER.equals(map.get(STEP_LENGTHS));
  }

  /** The contenders with the settings that the grid has found; null before they are known. */
  public List<String> contenders() {
    return map.containsKey(CONTENDERS) ? strings(map.get(CONTENDERS)) : null;
  }

  /**
   * Fixes what runs, so that a resumed run does not choose anew.
   *
   * @param tuned those of the labels that the grid has found
   * @throws IOException if it cannot be written
   */
  public void setContenders(List<String> labels, List<String> tuned) throws IOException {
    map.put(CONTENDERS, labels);
    map.put(TUNED, tuned);
    write();
  }

  /** Those of them that the grid has found; empty before, and without one. */
  public List<String> tuned() {
    return strings(map.get(TUNED));
  }

  /**
   * Notes what ran in another framework: interpreter, versions, BLAS, threads.
   *
   * @throws IOException if it cannot be written
   */
  public void addPeer(PeerResult result, long seed) throws IOException {
    List<Object> all = new ArrayList<>();
    if (map.get(PEERS) instanceof List<?> before) {
      // A run that was stopped between this note and the summary is run and noted again.
      before.stream().filter(each -> !isOf((Map<?, ?>) each, result, seed)).forEach(all::add);
    }
    Map<String, Object> note = new LinkedHashMap<>();
    note.put(SEED, seed);
    note.putAll(result.asMap());
    all.add(note);
    map.put(PEERS, all);
    write();
  }

  private static boolean isOf(Map<?, ?> note, PeerResult result, long seed) {
    return result.name().equals(note.get("name"))
        && note.get(SEED) instanceof Number number
        && number.longValue() == seed;
  }

  /** What has run in other frameworks. */
  public List<PeerResult> peers() {
    List<PeerResult> results = new ArrayList<>();
    if (map.get(PEERS) instanceof List<?> list) {
      list.forEach(each -> results.add(PeerResult.of((Map<?, ?>) each)));
    }
    return results;
  }

  /**
   * Notes what an update of each method costs.
   *
   * @throws IOException if it cannot be written
   */
  public void setCosts(List<UpdateCost> costs) throws IOException {
    map.put("costs", costs.stream().map(UpdateCost::asMap).toList());
    write();
  }

  /** As it was typed when the run began. */
  public String command() {
    return String.valueOf(map.get("command"));
  }

  /** The device in a line. */
  public String device() {
    return String.valueOf(map.get(DEVICE));
  }

  /** The day it began. */
  public String day() {
    return String.valueOf(map.get("started")).substring(0, 10);
  }

  private void write() throws IOException {
    JsonFile.replace(folder.file(RunFolder.CONFIG), map);
  }

  private static void note(List<String> differences, String what, Object then, Object now) {
    if (!Objects.equals(String.valueOf(then), String.valueOf(now))) {
      differences.add("%s was %s, is %s".formatted(what, then, now));
    }
  }

  private static List<String> strings(Object value) {
    List<String> strings = new ArrayList<>();
    if (value instanceof List<?> list) {
      list.forEach(each -> strings.add(String.valueOf(each)));
    }
    return strings;
  }
}
