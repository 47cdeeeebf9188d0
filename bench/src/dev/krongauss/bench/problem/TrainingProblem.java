package dev.krongauss.bench.problem;

import dev.krongauss.bench.LowerCaseEnum;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Network;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Data, loss and network of a comparison, for those who hand them to another program.
 *
 * @param layers d_0 .. d_L
 */
public record TrainingProblem(Dataset data, LossFunction loss, int[] layers) {
  /**
   * As {@code bench/compare} loads them.
   *
   * @param name as after {@code --data}
   * @param folder as after {@code --data-dir}
   * @param scale of the hidden widths
   * @param seed of generated data
   * @throws IllegalArgumentException if no data set has that name
   * @throws dev.krongauss.data.DataException if a file is missing, cut short or another
   * @throws IOException if a file cannot be read
   */
  public static TrainingProblem load(String name, Path folder, double scale, long seed)
      throws IOException {
    PaperProblem problem = LowerCaseEnum.named(PaperProblem.values(), name);
    Dataset data = problem.training(folder, seed);
    return new TrainingProblem(data, problem.loss(), problem.network(data, scale).sizes());
  }

  /** The weights that training begins with, each layer's {@code [d_l][d_{l-1} + 1]}. */
  public float[][] weights(Device device, long seed) {
    try (Network network = new NetworkShape(layers, Activation.TANH).build(device, seed)) {
      return network.weights();
    }
  }
}
