package dev.krongauss.bench.exact;

import dev.krongauss.bench.peers.Interpreter;
import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.device.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** Makes contestants of their names. */
final class Contestants {
  /** For an error. */
  static final String KNOWN =
      "exact, exact:sample, exact:parameter, encog, commons-math, torch with float32 or float64,"
          + " parameter or sample, layers, reverse or forward behind colons";

  private final ExactProblem problem;
  private final Device device;
  private final Path folder;
  private final int threads;
  private Interpreter python;

  /**
   * @param folder for the files of other processes
   */
  Contestants(ExactProblem problem, Device device, Path folder, int threads) {
    this.problem = problem;
    this.device = device;
    this.folder = folder;
    this.threads = threads;
  }

  /** Whether there is one of this name. */
  static boolean known(String name) {
    return name.matches(
        "exact(:sample|:parameter)?|encog|commons-math"
            + "|torch(:(float32|float64|parameter|sample|layers|reverse|forward))*");
  }

  /** One of the {@link #KNOWN}. */
  Contestant named(String name) throws IOException {
    return switch (name) {
      case "exact" -> new OurStep(problem, device, ExactSpace.SMALLER);
      case "exact:sample" -> new OurStep(problem, device, ExactSpace.SAMPLE);
      case "exact:parameter" -> new OurStep(problem, device, ExactSpace.PARAMETER);
      case "encog" -> new EncogStep(problem);
      case "commons-math" -> new CommonsStep(problem);
      default ->
          new TorchStep(problem, name, python(), folder.resolve(name.replace(':', '-')), threads);
    };
  }

  private Interpreter python() {
    if (python == null) {
      python = Interpreter.find(Set.of(Interpreter.Need.TORCH), Map.of()).orThrow();
    }
    return python;
  }
}
