package dev.krongauss.bench.problem;

import dev.krongauss.bench.LowerCaseEnum;
import dev.krongauss.data.CachedData;
import dev.krongauss.data.Curves;
import dev.krongauss.data.Dataset;
import dev.krongauss.data.Faces;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;

/**
 * Generating a data set beside reading its kept copy.
 *
 * <p>{@code bench/run dev.krongauss.bench.problem.CacheTimes curves|faces ORDER [DIR]}: ORDER is a
 * word of the letters g (generate) and r (read), done in this order and timed one by one; DIR holds
 * the Olivetti file. The first letter includes the JVM's warm-up, as every command's only load
 * does: {@code grgr} and {@code rgrg} are the two orders.
 */
final class CacheTimes {
  private CacheTimes() {}

  /**
   * Measures and prints a line a load.
   *
   * @param arguments data set, order, folder of the source images
   * @throws IllegalArgumentException if they are too few or others
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 2 || !arguments[1].matches("[gr]+")) {
      throw new IllegalArgumentException(
          "give curves or faces, an order such as grgr, and the faces' folder; not "
              + Arrays.toString(arguments));
    }
    Path folder = Path.of(arguments.length > 2 ? arguments[2] : ".");
    PaperProblem problem = LowerCaseEnum.named(PaperProblem.values(), arguments[0]);
    if (problem != PaperProblem.CURVES && problem != PaperProblem.FACES) {
      throw new IllegalArgumentException(
          problem + " is not generated; give curves or faces, which are");
    }
    boolean faces = problem == PaperProblem.FACES;
    for (char letter : arguments[1].toCharArray()) {
      time(letter == 'g' ? "generated" : "read", () -> load(faces, letter == 'g', folder));
    }
  }

  private static Dataset load(boolean faces, boolean generate, Path folder) throws IOException {
    if (faces) {
      return generate ? Faces.read(folder, 1).train() : CachedData.faces(folder, 1);
    }
    return generate ? Curves.train(1) : CachedData.curves(1);
  }

  private static void time(String how, Callable<Dataset> load) throws Exception {
    long start = System.nanoTime();
    Dataset data = load.call();
    double seconds = (System.nanoTime() - start) * 1e-9;
    System.out.printf(
        Locale.ROOT,
        "%s %s: %.3f s, %08x%n",
        data.name(),
        how,
        seconds,
        Arrays.hashCode(data.inputs()));
  }
}
