package dev.krongauss.bench.predict;

import ai.onnxruntime.OrtException;
import com.sun.management.OperatingSystemMXBean;
import dev.krongauss.bench.Commands;
import dev.krongauss.device.Device;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.onnx.Onnx;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@link Network#predict} beside ONNX Runtime for Java on the same rows, weights and threads, in
 * turns, from Java arrays to Java arrays. ONNX Runtime is fed in the size of batch at which it is
 * fastest here.
 */
@Command(
    name = "bench/run dev.krongauss.bench.predict.PredictSpeed",
    mixinStandardHelpOptions = true,
    description = "Predictions of 784-1000-500-250-10 beside ONNX Runtime for Java, in turns.")
public final class PredictSpeed implements Callable<Integer> {
  private static final int[] SIZES = {784, 1000, 500, 250, 10};
  private static final int[] BATCHES = {128, 512, 2048, 8192};

  @Option(names = "--rows", defaultValue = "100000", description = "Default: ${DEFAULT-VALUE}.")
  private int rows;

  @Option(names = "--rounds", defaultValue = "7", description = "Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--activation",
      defaultValue = "tanh",
      description = "Of the hidden layers. Default: ${DEFAULT-VALUE}.")
  private String activation;

  @Option(
      names = "--threads",
      description = "Of ONNX Runtime. Default: the processors, as SoftCUDA's library takes them.")
  private Integer threads;

  private PredictSpeed() {}

  /** Measures and prints; see {@code --help}. */
  public static void main(String[] arguments) {
    System.exit(Commands.configure(new CommandLine(new PredictSpeed())).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, OrtException {
    Path file = Files.createTempFile("krongauss", ".onnx");
    int most = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    try (Device device = Device.open();
        Network net = network(device)) {
      Onnx.write(net, Loss.squared(), file);
      try (OnnxSession session = new OnnxSession(file, most)) {
        measure(net, session, random(rows * SIZES[0]));
      }
    } finally {
      Files.deleteIfExists(file);
    }
    return CommandLine.ExitCode.OK;
  }

  private Network network(Device device) {
    Network.Builder builder = Network.input(SIZES[0]);
    for (int l = 1; l < SIZES.length - 1; l++) {
      builder.dense(SIZES[l], Activation.named(activation));
    }
    return builder.dense(SIZES[SIZES.length - 1], Activation.IDENTITY).build(device, 1);
  }

  /** Seconds of the clock and of processors. */
  private record Cost(double seconds, double processor) {
    /** With the busy cores, which tell whether the machine did something else too. */
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.3f s (%.2f cores busy)", seconds, processor / seconds);
    }
  }

  private void measure(Network net, OnnxSession session, float[] inputs) throws OrtException {
    int outputs = SIZES[SIZES.length - 1];
    float[] ours = new float[rows * outputs];
    float[] theirs = new float[rows * outputs];
    int batch = fastestBatch(session, inputs, theirs);
    net.predict(inputs, rows, ours); // warms up
    List<Double> ratios = new ArrayList<>();
    List<Double> ofProcessors = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      Cost first = round % 2 == 0 ? ours(net, inputs, ours) : null;
      Cost other = theirs(session, inputs, batch, theirs);
      Cost mine = round % 2 == 0 ? first : ours(net, inputs, ours);
      ratios.add(other.seconds / mine.seconds);
      ofProcessors.add(other.processor / mine.processor);
      System.out.printf("predict %s, ONNX Runtime %s in batches of %d%n", mine, other, batch);
    }
    System.out.printf(
        Locale.ROOT,
        "%,d rows, %s: predict is %s times as fast as ONNX Runtime, by processor time %s; the"
            + " largest difference of an output is %.1e%n",
        rows,
        activation,
        spread(ratios),
        spread(ofProcessors),
        largestDifference(ours, theirs));
  }

  private static String spread(List<Double> values) {
    values.sort(null);
    return String.format(
        Locale.ROOT,
        "%.2f (%.2f to %.2f)",
        values.get(values.size() / 2),
        values.get(0),
        values.get(values.size() - 1));
  }

  private int fastestBatch(OnnxSession session, float[] inputs, float[] results)
      throws OrtException {
    int best = BATCHES[0];
    double least = Double.POSITIVE_INFINITY;
    for (int batch : BATCHES) {
      theirs(session, inputs, batch, results); // warms up
      Cost cost = theirs(session, inputs, batch, results);
      System.out.printf("ONNX Runtime in batches of %d: %s%n", batch, cost);
      if (cost.seconds < least) {
        least = cost.seconds;
        best = batch;
      }
    }
    return best;
  }

  private Cost ours(Network net, float[] inputs, float[] results) throws OrtException {
    return cost(() -> net.predict(inputs, rows, results));
  }

  private Cost theirs(OnnxSession session, float[] inputs, int batch, float[] results)
      throws OrtException {
    return cost(() -> session.run(inputs, rows, SIZES[0], batch, results));
  }

  private interface Work {
    void run() throws OrtException;
  }

  private static Cost cost(Work work) throws OrtException {
    long processor = processorNanos();
    long start = System.nanoTime();
    work.run();
    double seconds = (System.nanoTime() - start) * 1e-9;
    return new Cost(seconds, (processorNanos() - processor) * 1e-9);
  }

  private static long processorNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static double largestDifference(float[] a, float[] b) {
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - (double) b[i]));
    }
    return largest;
  }

  private static float[] random(int count) {
    SplittableRandom random = new SplittableRandom(1);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble();
    }
    return values;
  }
}
