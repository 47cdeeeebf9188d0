package dev.krongauss.bench.model;

import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.mutation.SoftwareOptions;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Adam;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.optim.Phase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * One update on SoftCUDA with the tiles and blocks that a GPU would be given, launch by launch. It
 * refreshes and reduces, so that it has every node of every kind of update once.
 */
final class CountedUpdate {
  private final Device device;
  private final SoftwareOptions options = new SoftwareOptions();
  private final KernelBudget budget;

  /**
   * On a device of SoftCUDA with one worker, so that blocks that wait for others see the same on
   * every machine.
   */
  CountedUpdate(Device device, KernelBudget budget) {
    this.device = device;
    this.budget = budget;
  }

  /**
   * The nodes in their order.
   *
   * @param shape of the network, an autoencoder
   * @param batch datapoints
   * @throws IOException if SoftCUDA's report cannot be written or read
   */
  List<Node> nodes(ModelledGpu gpu, ModelledMethod method, NetworkShape shape, int batch)
      throws IOException {
    String chip = System.getProperty("krongauss.chip");
    String operations = System.getProperty("krongauss.operations");
    Path file = Files.createTempFile("krongauss-model", ".launches.csv");
    try {
      System.setProperty("krongauss.chip", gpu.chip());
      System.setProperty("krongauss.operations", "kernels");
      options.set("gpu", gpu.option());
      return count(gpu, method, shape, batch, file);
    } finally {
      options.set("count", "none");
      restore("krongauss.chip", chip);
      restore("krongauss.operations", operations);
      Files.deleteIfExists(file);
    }
  }

  private List<Node> count(
      ModelledGpu gpu, ModelledMethod method, NetworkShape shape, int batch, Path file) {
    List<Node> nodes = new ArrayList<>();
    try (Batches batches = Batches.of(device, data(shape, batch), batch, 1);
        Network network = shape.build(device, 1);
        Optimizer optimizer = optimizer(method, network)) {
      options.set("count", file.toString());
      options.resetCounters();
      optimizer.step(
          batches.next(),
          phase -> {
            options.reportCounters();
            options.resetCounters();
            nodes.addAll(read(file, phase, gpu));
          });
      device.synchronize();
    }
    return nodes;
  }

  private static Optimizer optimizer(ModelledMethod method, Network network) {
    return method == ModelledMethod.ADAM
        ? Adam.builder().build(network, Loss.bernoulli())
        : GaussNewton.kfra().refreshEvery(1).reductionEvery(1).build(network, Loss.bernoulli());
  }

  private static Dataset data(NetworkShape shape, int batch) {
    int width = shape.sizes()[0];
    float[] values = new float[batch * width];
    Random random = new Random(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    return Dataset.autoencoder("model", values, width);
  }

  private List<Node> read(Path file, Phase phase, ModelledGpu gpu) {
    try {
      List<String> lines = Files.readAllLines(file);
      String[] names = lines.get(0).split(",");
      List<Node> nodes = new ArrayList<>();
      for (String line : lines.subList(1, lines.size())) {
        String[] values = line.split(",");
        Map<String, String> cells = new LinkedHashMap<>();
        for (int k = 0; k < names.length; k++) {
          cells.put(names[k], values[k]);
        }
        nodes.add(Node.of(phase, cells, budget, gpu));
      }
      return nodes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void restore(String property, String value) {
    if (value == null) {
      System.clearProperty(property);
    } else {
      System.setProperty(property, value);
    }
  }
}
