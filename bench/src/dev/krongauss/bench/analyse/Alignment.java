package dev.krongauss.bench.analyse;

import dev.krongauss.device.Device;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * How near each method's direction comes to the exact damped Gauss-Newton step of the same batch,
 * along training runs by KFRA.
 */
final class Alignment implements Analysis {
  /** The first one's matrix has 27,984 rows, the second one's 1,856. */
  private static final List<Autoencoder> AUTOENCODERS =
      List.of(new Autoencoder(14, 60, 30, 8, 30, 60), new Autoencoder(7, 15, 8, 3, 8, 15));

  @Override
  public String title() {
    return "Alignment with the exact Gauss-Newton step";
  }

  @Override
  public void run(Device device, Scale scale, Sheet sheet) throws IOException {
    sheet.text(
        "Autoencoders of CURVES, tanh, Bernoulli, %d datapoints a batch, trained by KFRA. At some updates each method's"
            + " direction, of this batch's factors alone with γ = √%.3g, is held beside EXACT, the solution of"
            + " (GN + %.3g I) Δ = −g of that batch: their cosine; the decrease of the exact quadratic model by the"
            + " direction times α*, the exact rescaling, as a share of the exact step's (both are 1 for EXACT); and the"
            + " batch's objective behind that step, which the model knows nothing of, for EXACT as for the others.",
        AlignmentRun.N, AlignmentRun.DAMPING, AlignmentRun.DAMPING);
    List<List<String>> rows = new ArrayList<>();
    List<List<String>> solutions = new ArrayList<>();
    for (Autoencoder autoencoder : AUTOENCODERS) {
      AlignmentRun run = new AlignmentRun(device, autoencoder, scale.updates(), scale.exactBytes());
      rule(autoencoder, run, scale, sheet);
      pictures(autoencoder, run.results(), sheet);
      run.results().forEach(result -> rows.add(row(autoencoder, result)));
      run.solutions().forEach(solution -> solutions.add(row(autoencoder, run.size(), solution)));
    }
    sheet.csv(
        "alignment.csv",
        List.of("network", "update", "method", "cosine", "decrease", "alpha", "before", "after"),
        rows);
    exactSteps(solutions, sheet);
  }

  private static void rule(Autoencoder autoencoder, AlignmentRun run, Scale scale, Sheet sheet) {
    ExactStep.Size size = run.size();
    sheet.text(
        "%s: %,d weights and %,d residuals make a matrix of %,d rows, which takes %,.0f MiB to factorise, the budget"
            + " is %,.0f MiB: EXACT is %s.",
        autoencoder.name(),
        size.weights(),
        size.residuals(),
        size.rows(),
        mebibytes(size.bytes()),
        mebibytes(scale.exactBytes()),
        run.fits()
            ? "from the factorised matrix; conjugate gradients are run beside it"
            : "by conjugate gradients");
  }

  private static void pictures(
      Autoencoder autoencoder, List<AlignmentRun.Result> results, Sheet sheet) throws IOException {
    String prefix = "alignment-" + autoencoder.inputs();
    Map<String, double[][]> cosines = lines(results, AlignmentRun.Result::cosine);
    Map<String, double[][]> decreases = lines(results, AlignmentRun.Result::decrease);
    Map<String, double[][]> objectives = new LinkedHashMap<>();
    objectives.put("before", lines(results, AlignmentRun.Result::before).get(AlignmentRun.EXACT));
    objectives.putAll(lines(results, AlignmentRun.Result::after));
    picture(prefix + "-cosine.svg", "cosine with the exact step", cosines, sheet);
    picture(prefix + "-decrease.svg", "share of the exact decrease", decreases, sheet);
    picture(prefix + "-objective.svg", "objective behind the rescaled step", objectives, sheet);
  }

  private static void picture(String file, String what, Map<String, double[][]> lines, Sheet sheet)
      throws IOException {
    sheet.picture(
        file,
        () ->
            Pictures.lines(
                what, "update", Pictures.Axis.LOGARITHMIC, what, Pictures.Axis.LINEAR, lines));
  }

  /** A line a method: updates, and y. */
  private static Map<String, double[][]> lines(
      List<AlignmentRun.Result> results, ToDoubleFunction<AlignmentRun.Result> y) {
    Map<String, List<AlignmentRun.Result>> methods = new LinkedHashMap<>();
    results.forEach(r -> methods.computeIfAbsent(r.method(), m -> new ArrayList<>()).add(r));
    Map<String, double[][]> lines = new LinkedHashMap<>();
    methods.forEach(
        (name, of) ->
            lines.put(
                name,
                new double[][] {
                  of.stream().mapToDouble(AlignmentRun.Result::update).toArray(),
                  of.stream().mapToDouble(y).toArray()
                }));
    return lines;
  }

  private static void exactSteps(List<List<String>> rows, Sheet sheet) throws IOException {
    List<String> headings =
        List.of(
            "network", "update", "rows", "by", "error", "cg_products", "cg_error", "difference");
    sheet.text(
        "How EXACT was found: by which solver; its relative error in the norm of the damped matrix; products of"
            + " conjugate gradients and the bound on their error; and the difference of the two solutions in that"
            + " norm, where both are run.");
    sheet.table(headings, rows);
    sheet.csv("exact-step.csv", headings, rows);
  }

  private static List<String> row(Autoencoder autoencoder, AlignmentRun.Result result) {
    return List.of(
        autoencoder.name(),
        Integer.toString(result.update()),
        result.method(),
        Sheet.number(result.cosine()),
        Sheet.number(result.decrease()),
        Sheet.number(result.alpha()),
        Sheet.number(result.before()),
        Sheet.number(result.after()));
  }

  private static List<String> row(
      Autoencoder autoencoder, ExactStep.Size size, AlignmentRun.Solution solution) {
    ExactStep.Found found = solution.found();
    return List.of(
        autoencoder.name(),
        Integer.toString(solution.update()),
        Long.toString(size.rows()),
        found.factorised() ? "factorised" : "conjugate gradients",
        Sheet.number(found.error()),
        Integer.toString(found.iteration().products()),
        Sheet.number(found.iteration().error()),
        found.factorised() ? Sheet.number(found.difference()) : "");
  }

  private static double mebibytes(long bytes) {
    return bytes / (double) (1 << 20);
  }
}
