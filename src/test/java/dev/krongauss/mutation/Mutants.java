package dev.krongauss.mutation;

import dev.krongauss.kernel.KernelCase;
import dev.krongauss.kernel.KernelCases;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code native/mutants}. */
@Command(
    name = "native/mutants",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Makes the project's kernels wrong, one edit at a time, and shows what stops each of them: a"
          + " check of SoftCUDA or the error bound of a kernel case. Then runs all kernels as they are,"
          + " which must raise nothing. The edits are in native/mutation/mutants.txt.",
      ""
    },
    footer = {
      "",
      "The edited sources, PTX and logs are in target/mutants.",
      "Exit codes: 0 all stopped and no alarm, 1 otherwise, 2 wrong options or table."
    })
final class Mutants implements Callable<Integer> {
  /** The project's folder, set by the script. */
  static final String HOME_PROPERTY = "krongauss.home";

  private static final int QUICK_SEEDS = 3;

  @Option(names = "--quick", description = "Only the mutants marked quick, and 3 seeds.")
  private boolean quick;

  @Option(
      names = "--only",
      paramLabel = "TEXT",
      description =
          "Only mutants whose name, class, file or cases contain TEXT, and only the clean kernels"
              + " that these use.")
  private String only = "";

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Orders of warps, blocks and streams that are tried. Default: 20.")
  private Integer seeds;

  @Option(
      names = "--checks",
      paramLabel = "LIST",
      defaultValue = "all,same",
      description = "Checks that are on, as in krongauss.softcuda.check. Default: all,same.")
  private String checks = "all,same";

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description = "Processes at a time. Default: the processor's threads.")
  private int jobs = Runtime.getRuntime().availableProcessors();

  @Option(names = "--list", description = "Lists the mutants and runs nothing.")
  private boolean list;

  @Option(names = "--reports", description = "Prints the whole report of each mutant.")
  private boolean reports;

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Mutants()).execute(arguments));
  }

  static List<Mutant> table(Path home) throws IOException {
    return MutantTable.read(home.resolve("native/mutation/mutants.txt"));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path home = Path.of(System.getProperty(HOME_PROPERTY, "."));
    List<Mutant> mutants =
        table(home).stream().filter(m -> (!quick || m.quick()) && matches(m)).toList();
    if (list) {
      mutants.forEach(
          m -> System.out.printf("%-34s %-34s %s%n", m.name(), file(m.file()), m.kind()));
      System.out.println(count(mutants));
      return 0;
    }
    if (seeds == null) {
      seeds = quick ? QUICK_SEEDS : 20;
    }
    if (mutants.isEmpty() || seeds < 1 || jobs < 1) {
      System.err.println("native/mutants: no mutant matches, or --seeds or --jobs is below 1");
      return 2;
    }
    try (Campaign campaign =
        new Campaign(home, home.resolve("target/mutants"), jobs, seeds, checks)) {
      List<String> faults = campaign.faults(mutants);
      if (!faults.isEmpty()) {
        faults.forEach(System.err::println);
        return 2;
      }
      return run(campaign, mutants);
    }
  }

  private int run(Campaign campaign, List<Mutant> mutants) throws InterruptedException {
    long start = System.nanoTime();
    System.out.println(count(mutants) + ", at most " + seeds + " seeds each");
    List<Campaign.Outcome> results = campaign.mutants(mutants, this::print);
    double seconds = (System.nanoTime() - start) * 1e-9;
    Map<Verdict.Stop, Long> by =
        results.stream()
            .collect(
                Collectors.groupingBy(
                    o -> o.verdict().stop(),
                    () -> new EnumMap<>(Verdict.Stop.class),
                    Collectors.counting()));
    System.out.printf(Locale.ROOT, "mutants: %s; %.0f s%n", summary(by), seconds);

    start = System.nanoTime();
    List<KernelCase> kernels =
        KernelCases.all().stream().filter(k -> only.isEmpty() || used(mutants, k)).toList();
    List<String> samples =
        mutants.stream().filter(Mutant::isSample).map(Mutant::sample).distinct().toList();
    List<Campaign.Outcome> clean = campaign.clean(kernels, samples, this::printAlarm);
    long alarms = clean.stream().filter(o -> o.verdict().stop() != Verdict.Stop.NOTHING).count();
    System.out.printf(
        Locale.ROOT,
        "clean kernels: %d cases and %d samples, %d runs in %d orders; %.0f s%n",
        kernels.size(),
        samples.size(),
        clean.stream().mapToLong(o -> o.verdict().runs()).sum(),
        seeds,
        (System.nanoTime() - start) * 1e-9);

    long stopped = results.stream().filter(o -> o.verdict().stop().finds()).count();
    System.out.printf(
        "%d of %d mutants stopped, %d alarms on clean kernels%n", stopped, results.size(), alarms);
    return stopped == results.size() && alarms == 0 ? 0 : 1;
  }

  private void print(Campaign.Outcome outcome) {
    Verdict v = outcome.verdict();
    String what =
        switch (v.stop()) {
          case NOTHING -> "NOT STOPPED by " + v.runs() + " runs";
          case BROKEN -> "BROKEN " + v.where();
          default -> v.where() + " seed " + v.seed();
        };
    System.out.printf(
        "%-34s %-24s %-9s %s%n",
        outcome.name(),
        file(outcome.file()),
        v.stop().finds() ? v.stop().name().toLowerCase(Locale.ROOT) : "-",
        what);
    if (reports || v.stop() == Verdict.Stop.BROKEN) {
      System.out.println(v.detail().indent(4).stripTrailing());
    }
  }

  private void printAlarm(Campaign.Outcome outcome) {
    Verdict v = outcome.verdict();
    if (v.stop() != Verdict.Stop.NOTHING) {
      System.out.println(
          "ALARM on the clean " + outcome.name() + " " + v.where() + " seed " + v.seed());
      System.out.println(v.detail().indent(4).stripTrailing());
    }
  }

  private boolean matches(Mutant m) {
    return (m.name() + " " + m.kind() + " " + m.file() + " " + m.cases() + " " + m.sample())
        .contains(only);
  }

  private static boolean used(List<Mutant> mutants, KernelCase kernel) {
    return mutants.stream()
        .flatMap(m -> m.cases().stream())
        .anyMatch(selection -> Worker.selects(selection, kernel));
  }

  private static String count(List<Mutant> mutants) {
    long samples = mutants.stream().filter(Mutant::isSample).count();
    return (mutants.size() - samples)
        + " mutants of kernels/ and "
        + samples
        + " of the sample kernels";
  }

  private static String summary(Map<Verdict.Stop, Long> by) {
    return by.entrySet().stream()
        .map(e -> e.getValue() + " " + e.getKey().name().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }

  private static String file(String path) {
    return path.replace("native/softcuda/tests/", "");
  }
}
