package dev.krongauss.bench.exact;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.krongauss.bench.Commands;
import dev.krongauss.bench.peers.Interpreter;
import dev.krongauss.bench.peers.PeerException;
import dev.krongauss.bench.process.Child;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** {@code bench/peers/torch_lm.py} in a process of its own, which waits while others work. */
final class TorchStep implements Contestant {
  private static final String SCRIPT = "bench/peers/torch_lm.py";

  private final ExactProblem problem;
  private final String name;
  private final Path folder;
  private final Child child;
  private final BufferedReader answers;
  private final Writer commands;
  private final Map<String, Object> facts;
  private long bytes;

  /**
   * How it is written in a list of contestants: {@code torch:float32:sample:reverse}; in words that
   * the script knows, any of them left out.
   */
  TorchStep(ExactProblem problem, String name, Interpreter python, Path folder, int threads)
      throws IOException {
    this.problem = problem;
    this.name = name;
    this.folder = Files.createDirectories(folder);
    write();
    String script = Commands.home().resolve(SCRIPT).toString();
    child =
        new Child.Builder(folder.resolve("log.txt"), List.of(python.command(), script))
            .environment(Map.of("OMP_WAIT_POLICY", "PASSIVE"))
            .environment(python.environment())
            .start(arguments(threads));
    answers =
        new BufferedReader(
            new InputStreamReader(child.process().getInputStream(), StandardCharsets.UTF_8));
    commands = child.process().outputWriter(StandardCharsets.UTF_8);
    facts = answer();
  }

  private String[] arguments(int threads) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--problem", folder.toString(), "--threads", "" + threads));
    for (String word : name.substring("torch".length()).split(":")) {
      switch (word) {
        case "" -> {}
        case "float32", "float64" -> arguments.addAll(List.of("--dtype", word));
        case "parameter", "sample" -> arguments.addAll(List.of("--space", word));
        case "layers", "reverse", "forward" -> arguments.addAll(List.of("--jacobian", word));
        default ->
            throw new PeerException(
                "'%s' of %s is not known; write float32 or float64, parameter or sample, layers, reverse or forward"
                    .formatted(word, name));
      }
    }
    return arguments.toArray(String[]::new);
  }

  private void write() throws IOException {
    Files.writeString(
        folder.resolve("exact.json"), JSON.std.asString(Map.of("sizes", problem.sizes())));
    writeFloats("rows.f32", problem.inputs());
    writeFloats("targets.f32", problem.targets());
  }

  private void writeFloats(String file, float[]... values) throws IOException {
    int count = Arrays.stream(values).mapToInt(each -> each.length).sum();
    ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (float[] each : values) {
      for (float value : each) {
        bytes.putFloat(value);
      }
    }
    Files.write(folder.resolve(file), bytes.array());
  }

  private double[] doubles(String command) throws IOException {
    Path file = folder.resolve("values.f64");
    ask(command + " " + file);
    double[] values = new double[problem.weights()];
    ByteBuffer.wrap(Files.readAllBytes(file))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asDoubleBuffer()
        .get(values);
    return values;
  }

  private Map<String, Object> ask(String command) throws IOException {
    commands.write(command + "\n");
    commands.flush();
    return answer();
  }

  private Map<String, Object> answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new PeerException(name + " ended:" + child.logTail());
    }
    return JSON.std.mapFrom(line);
  }

  /** Versions and threads, as it said. */
  Map<String, Object> facts() {
    return facts;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void start(float[][] weights) throws IOException {
    writeFloats("start.f32", weights);
    ask("start " + folder.resolve("start.f32"));
  }

  /** By its own clock: the way of a line through a pipe is not on it. */
  @Override
  public double update(int updates) throws IOException {
    Map<String, Object> answer = ask("update " + updates);
    bytes = ((Number) answer.get("bytes")).longValue();
    return ((Number) answer.get("seconds")).doubleValue();
  }

  @Override
  public double[][] weights() throws IOException {
    return new DoubleNetwork(problem).layers(doubles("weights"));
  }

  @Override
  public double[] gradient() throws IOException {
    return doubles("gradient");
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    child.close();
  }
}
