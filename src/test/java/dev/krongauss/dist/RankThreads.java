package dev.krongauss.dist;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.device.Devices;
import dev.krongauss.io.Checkpoint;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Resumable;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.optim.StepReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Trainings by ranks that are threads of this JVM. */
final class RankThreads {
  static final int INPUTS = 6;
  static final int OUTPUTS = 3;
  private static final int ROWS = 400;

  private RankThreads() {}

  /** Builds an optimiser of a rank. */
  interface Build {
    Optimizer build(Network network, LossFunction loss, Collective ranks);
  }

  /** What a rank does with its thread. */
  interface Work<T> {
    T run(Collective ranks) throws Exception;
  }

  /**
   * What a rank ends with.
   *
   * @param reports of each update
   * @param state the checkpoint, byte by byte
   * @param replayed updates that came from graphs
   */
  record Result(
      List<String> reports, float[][] weights, byte[] state, long sentBytes, int replayed) {}

  /** The same work on each rank of a group; what one throws that fails. */
  static <T> List<T> run(int size, Work<T> work) {
    return run(Threads.group(size, Duration.ofSeconds(60)), work);
  }

  static <T> List<T> run(List<Collective> group, Work<T> work) {
    ExecutorService threads = Executors.newFixedThreadPool(group.size());
    List<Future<T>> futures = new ArrayList<>();
    try {
      for (Collective rank : group) {
        futures.add(
            threads.submit(
                () -> {
                  try (rank) {
                    return work.run(rank);
                  }
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw cause(futures, e);
    } finally {
      threads.shutdownNow();
    }
  }

  /** What the ranks threw, first what does not only tell that another rank has failed. */
  private static RuntimeException cause(List<? extends Future<?>> ranks, ExecutionException first) {
    List<Throwable> thrown = new ArrayList<>();
    for (Future<?> rank : ranks) {
      try {
        rank.get(5, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        thrown.add(e.getCause());
      } catch (TimeoutException e) {
        rank.cancel(true); // it waits for one that has failed
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    Throwable cause =
        thrown.stream()
            .filter(e -> !(e instanceof CollectiveException))
            .findFirst()
            .orElse(first.getCause());
    thrown.stream().filter(e -> e != cause).forEach(cause::addSuppressed);
    return cause instanceof RuntimeException plain ? plain : new IllegalStateException(cause);
  }

  static Network network(Device device) {
    return Network.input(INPUTS)
        .dense(9, Activation.TANH)
        .dense(5, Activation.LOGISTIC)
        .dense(OUTPUTS, Activation.IDENTITY)
        .build(device, 7);
  }

  static Dataset data() {
    Random random = new Random(5);
    float[] x = new float[ROWS * INPUTS];
    float[] t = new float[ROWS * OUTPUTS];
    for (int n = 0; n < ROWS; n++) {
      int best = 0;
      for (int i = 0; i < INPUTS; i++) {
        x[n * INPUTS + i] = (float) random.nextGaussian();
        best = x[n * INPUTS + i] > x[n * INPUTS + best] ? i : best;
      }
      t[n * OUTPUTS + best % OUTPUTS] = 1;
    }
    return Dataset.supervised("ranks", x, INPUTS, t, OUTPUTS);
  }

  /** A rank's own, as far as there are several. */
  static Device device(Collective ranks) {
    return Devices.open(ranks.rank() % Devices.count());
  }

  /** Updates of a rank, from the start or from a checkpoint. */
  static Result train(
      Collective ranks, Build build, LossFunction loss, int N, int updates, Path from)
      throws IOException {
    try (Device device = device(ranks);
        Network network = network(device);
        Batches batches = Batches.shard(device, data(), N, 3, ranks.rank(), ranks.size());
        Optimizer optimizer = build.build(network, loss, ranks)) {
      Map<String, Resumable> parts = new LinkedHashMap<>();
      parts.put("weights", Resumable.weights(network));
      parts.put("optimizer", optimizer);
      parts.put("batches", batches);
      if (from != null) {
        Checkpoint.load(from, device.stream(), parts);
      }
      List<String> reports = new ArrayList<>();
      int replayed = 0;
      for (int k = 0; k < updates; k++) {
        reports.add(exactly(optimizer.step(batches.next())));
        replayed += optimizer.graphNodes() > 0 ? 1 : 0;
      }
      byte[] state = state(device, parts);
      return new Result(reports, network.weights(), state, ranks.sentBytes(), replayed);
    }
  }

  /** All numbers of a report, to the last bit. */
  static String exactly(StepReport report) {
    return String.join(
        " ",
        Double.toHexString(report.loss()),
        Double.toHexString(report.objective()),
        Double.toHexString(report.alpha()),
        Double.toHexString(report.lambda()),
        Double.toHexString(report.gamma()),
        Double.toHexString(report.predictedChange()),
        Double.toHexString(report.reductionRatio()),
        Double.toHexString(report.exactCurvature()),
        Double.toHexString(report.solveError()),
        Arrays.toString(report.steps()),
        report.toString());
  }

  static byte[] state(Device device, Map<String, Resumable> parts) throws IOException {
    Path file = Files.createTempFile("rank", ".checkpoint");
    try {
      Checkpoint.save(file, device.stream(), parts);
      return Files.readAllBytes(file);
    } finally {
      Files.delete(file);
    }
  }

  /** The same as unchecked. */
  static Result trained(Collective ranks, Build build, LossFunction loss, int N, int updates) {
    try {
      return train(ranks, build, loss, N, updates, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
