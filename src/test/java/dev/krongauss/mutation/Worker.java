package dev.krongauss.mutation;

import dev.krongauss.device.Device;
import dev.krongauss.device.DeviceException;
import dev.krongauss.kernel.KernelCase;
import dev.krongauss.kernel.KernelCases;
import dev.krongauss.kernel.KernelTest;
import dev.krongauss.kernel.Size;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A process of its own that runs kernel cases on SoftCUDA with all checks: a context that failed,
 * options of the whole process and a crash stay in here. It reads a request a line from standard
 * input and answers with one line, a {@link Verdict}:
 *
 * <pre>
 *   folder of kernel images, or nothing for the built ones ; first seed ; last seed ; cases, separated by spaces
 * </pre>
 *
 * <p>with tabulators between the four ({@link #selects} says what names a case). The seeds are
 * those of the order of warps and blocks; the inputs are the same ones as in the tests.
 */
final class Worker implements AutoCloseable {
  private static final String KERNELS = "krongauss.kernels";

  private Device device;
  private SoftwareOptions options;

  public static void main(String[] arguments) throws IOException {
    PrintStream answers = System.out;
    System.setOut(System.err); // whatever else is printed must not come between the answers
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (Worker worker = new Worker()) {
      for (String line = requests.readLine(); line != null; line = requests.readLine()) {
        String[] f = line.split("\t", -1);
        answers.println(
            worker
                .run(f[0], Integer.parseInt(f[1]), Integer.parseInt(f[2]), List.of(f[3].split(" ")))
                .encode());
        answers.flush();
      }
    }
  }

  /** The first thing that stops a run; all sizes with a seed before the next seed. */
  Verdict run(String kernels, int first, int last, List<String> cases) {
    if (kernels.isEmpty()) {
      System.clearProperty(KERNELS);
    } else {
      close(); // the modules of the last request are loaded
      System.setProperty(KERNELS, kernels);
    }
    List<KernelTest.Run> runs = runs(cases);
    if (runs.isEmpty()) {
      return Verdict.broken("no kernel case is called " + cases);
    }
    long count = 0;
    for (int seed = first; seed <= last; seed++) {
      for (KernelTest.Run run : runs) {
        count++;
        try {
          open();
          options.set("seed", Integer.toString(seed));
          KernelTest.execute(run, device);
        } catch (DeviceException | AssertionError stopped) {
          closeAfter(stopped);
          return new Verdict(
              Verdict.classify(stopped), run.toString(), seed, count, stopped.getMessage());
        }
      }
    }
    if (!kernels.isEmpty()) {
      close();
    }
    return Verdict.nothing(count);
  }

  private void open() {
    if (device == null) {
      device = Device.open();
      options = new SoftwareOptions();
      options.set("check", System.getProperty("krongauss.softcuda.check", "all,same"));
    }
  }

  @Override
  public void close() {
    if (device != null) {
      Device open = device;
      device = null;
      open.close();
    }
  }

  /** A device that had a fault says so again as it closes. */
  private void closeAfter(Throwable stopped) {
    try {
      close();
    } catch (DeviceException again) {
      stopped.addSuppressed(again);
    }
  }

  /** Whether a selection means this case: its name, or the beginning of names and a star. */
  static boolean selects(String selection, KernelCase kernel) {
    return selection.endsWith("*")
        ? kernel.name().startsWith(selection.substring(0, selection.length() - 1))
        : kernel.name().equals(selection);
  }

  /** Small ones first, so that most mutants stop at once. */
  private static List<KernelTest.Run> runs(List<String> selections) {
    List<KernelTest.Run> runs = new ArrayList<>();
    for (KernelCase kernel : KernelCases.all()) {
      if (selections.stream().anyMatch(s -> selects(s, kernel))) {
        for (Size size : kernel.sizes()) {
          kernel.variants().forEach(v -> runs.add(new KernelTest.Run(kernel, size, v)));
        }
      }
    }
    runs.sort(Comparator.comparingDouble(Worker::cost));
    return runs;
  }

  private static double cost(KernelTest.Run run) {
    KernelCase.Work work = run.kernel().work(run.size());
    return work.flops() + work.bytes();
  }
}
