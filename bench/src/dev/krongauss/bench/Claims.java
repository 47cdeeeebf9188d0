package dev.krongauss.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * The sentences that a comparison is made for, each with what this run says of it. A run that lacks
 * what a sentence needs says which option would give it.
 */
final class Claims {
  private static final double HALF = 0.5;
  private static final double COST_BOUND = 3.3;
  private static final double PEER_ON_GPU = 10;
  private static final double PEER_ON_CPU = 1.3;
  private static final double SAME_COST = 1.15;
  private static final double SAME_OBJECTIVE = 1.25;
  private static final int FULL_BATCH = 1000;

  private final Results results;
  private final List<Claim> claims = new ArrayList<>();

  private Claims(Results results) {
    this.results = results;
  }

  /** What a run says of a sentence. */
  enum Verdict {
    ESTABLISHED,
    REFUTED,
    OPEN;

    static Verdict of(boolean holds) {
      return holds ? ESTABLISHED : REFUTED;
    }

    /** As tables show it: it holds for this run's data, device and budget, not for all. */
    @Override
    public String toString() {
      return this == OPEN ? "not measured in this run" : name().toLowerCase(Locale.ROOT) + " here";
    }
  }

  /**
   * A sentence and its verdict.
   *
   * @param evidence the numbers, or what is missing
   */
  record Claim(String sentence, Verdict verdict, String evidence) {
    @Override
    public String toString() {
      return "%s: %s (%s)".formatted(verdict, sentence, evidence);
    }
  }

  /** All sentences that are about this run's data. */
  static List<Claim> of(Results results) {
    Claims claims = new Claims(results);
    boolean oddEven = results.options().data == Problem.ODDEVEN;
    if (!oddEven) {
      claims.halfTheTimeOfTunedAdam();
      claims.cost();
      claims.peers();
      claims.progressPerUpdate();
    }
    claims.sameCost();
    if (results.options().data == Problem.FACES) {
      claims.adamDiverges();
    }
    if (oddEven) {
      claims.kflrIsKfac();
      claims.secondOrderAgainstAdam();
    }
    claims.momentum();
    return claims.claims;
  }

  private void halfTheTimeOfTunedAdam() {
    String sentence =
        "KFRA at its default reaches the tuned Adam's final objective in at most half of Adam's"
            + " time";
    if (results.grid().stream().noneMatch(r -> r.setting().kind() == OptimizerKind.ADAM)) {
      open(sentence, "Adam was not tuned; give --grid");
      return;
    }
    timeAgainst(sentence, "kfra", best("adam"));
  }

  /** Time of one method to the final objective of another, as a share of the other's time. */
  private void timeAgainst(String sentence, String label, Optional<List<Curve>> others) {
    Optional<List<Curve>> own = results.of(label);
    if (own.isEmpty() || others.isEmpty()) {
      open(sentence, "needs %s and adam in --optimizers".formatted(label));
      return;
    }
    double worst = 0;
    for (int s = 0; s < own.get().size(); s++) {
      Curve other = others.get().get(s);
      Curve.Point reached = own.get().get(s).firstAt(other.finalObjective());
      if (reached == null && own.get().get(s).seconds() < HALF * other.seconds()) {
        open(sentence, "%s ran less than half as long".formatted(label));
        return;
      }
      worst =
          Math.max(
              worst,
              reached == null ? Double.POSITIVE_INFINITY : reached.seconds() / other.seconds());
    }
    Curve first = others.get().get(0);
    String evidence =
        worst == Double.POSITIVE_INFINITY
            ? "%s did not reach it in %.0f s".formatted(label, own.get().get(0).seconds())
            : "%.2f of its time".formatted(worst);
    add(
        sentence,
        worst <= HALF,
        "%s: %s, which ended at %s after %,d updates in %.0f s%s",
        first.label(),
        evidence,
        SummaryTable.format("%.3f", first.finalObjective()),
        first.updates(),
        first.seconds(),
        seeds());
  }

  private void cost() {
    String sentence =
        "a KFRA update costs at most 3.3 Adam updates at N = 1000, rescaling included";
    if (fullSize(sentence)) {
      ratio(sentence, "kfra", "adam", r -> r <= COST_BOUND, "times an Adam update");
    }
  }

  /** Whether the run is of the size that sentences about costs are about. */
  private boolean fullSize(String sentence) {
    boolean full = results.options().batch == FULL_BATCH && results.options().scale == 1;
    if (!full) {
      open(sentence, "it is about --scale 1 --batch 1000");
    }
    return full;
  }

  private void peers() {
    double bound = results.gpu() ? PEER_ON_GPU : PEER_ON_CPU;
    for (String peer : List.of("torch-kfra", "backpack-kfra")) {
      String sentence =
          String.format(
              Locale.ROOT, "a KFRA update is at least %s times as fast as one of %s", bound, peer);
      if (fullSize(sentence)) {
        ratio(sentence, peer, "kfra", r -> r >= bound, "times as long");
      }
    }
  }

  private void sameCost() {
    ratio(
        "KFRA and KFAC cost the same, to 15 %",
        "kfra", "kfac", r -> r <= SAME_COST && r >= 1 / SAME_COST, "times a KFAC update");
  }

  private void progressPerUpdate() {
    String sentence = "KFRA makes at least KFAC's progress per update";
    compare(sentence, "kfra", "kfac", (kfra, kfac) -> kfra <= kfac);
  }

  private void momentum() {
    String sentence = "momentum on second-order updates does not help";
    compare(sentence, "kfra:momentum", "kfra", (with, without) -> with >= without);
  }

  private void kflrIsKfac() {
    String sentence = "KFAC and KFLR make the same progress on odd/even, to a quarter";
    compare(sentence, "kflr", "kfac", (a, b) -> a / b <= SAME_OBJECTIVE && b / a <= SAME_OBJECTIVE);
  }

  private void secondOrderAgainstAdam() {
    for (String label : List.of("kflr", "kfac", "kfra")) {
      timeAgainst(
          "%s reaches Adam's final objective on odd/even in at most half of Adam's time, on %s"
              .formatted(label.toUpperCase(Locale.ROOT), results.gpu() ? "a GPU" : "a CPU"),
          label,
          best("adam"));
    }
  }

  private void adamDiverges() {
    String sentence = "Adam at 1e-3 diverges on FACES";
    Optional<List<Curve>> adam = results.of("adam");
    if (adam.isEmpty()) {
      open(sentence, "needs adam in --optimizers");
      return;
    }
    Curve curve = adam.get().get(0);
    double first = curve.points().isEmpty() ? Double.NaN : curve.points().get(0).objective();
    boolean lost = curve.failure() != null || !(curve.finalObjective() < first);
    add(
        sentence,
        lost,
        "%s at first, %s after %,d updates%s",
        SummaryTable.format("%.1f", first),
        SummaryTable.format("%.1f", curve.finalObjective()),
        curve.updates(),
        seeds());
  }

  private interface Judge {
    boolean holds(double a, double b);
  }

  /** Compares the means of ten at the last update that both have made. */
  private void compare(String sentence, String a, String b, Judge judge) {
    Optional<List<Curve>> left = results.of(a);
    Optional<List<Curve>> right = results.of(b);
    if (left.isEmpty() || right.isEmpty()) {
      open(sentence, "needs %s and %s in --optimizers".formatted(a, b));
      return;
    }
    long updates =
        Math.min(
            left.get().stream().mapToLong(Curve::updates).min().orElse(0),
            right.get().stream().mapToLong(Curve::updates).min().orElse(0));
    if (updates < Curve.WINDOW) {
      open(sentence, "fewer than %d updates".formatted(Curve.WINDOW));
      return;
    }
    ToDoubleFunction<Curve> at = c -> c.points().get((int) updates - 1).slidingMean();
    double ofA = left.get().stream().mapToDouble(at).average().orElseThrow();
    double ofB = right.get().stream().mapToDouble(at).average().orElseThrow();
    add(
        sentence,
        judge.holds(ofA, ofB),
        "after %,d updates %s %s, %s %s%s",
        updates,
        a,
        SummaryTable.format("%.4g", ofA),
        b,
        SummaryTable.format("%.4g", ofB),
        seeds());
  }

  private interface Bound {
    boolean holds(double ratio);
  }

  private void ratio(String sentence, String a, String b, Bound bound, String unit) {
    Optional<List<Curve>> left = results.of(a);
    Optional<List<Curve>> right = results.of(b);
    if (left.isEmpty() || right.isEmpty()) {
      open(
          sentence,
          a.contains("-") && left.isEmpty()
              ? "needs --peer %s".formatted(a)
              : "needs %s and %s in --optimizers".formatted(a, b));
      return;
    }
    double ofA = milliseconds(left.get());
    double ofB = milliseconds(right.get());
    add(
        sentence,
        bound.holds(ofA / ofB),
        "%.2f %s: %.1f ms against %.1f ms%s",
        ofA / ofB,
        unit,
        ofA,
        ofB,
        results.gpu() ? "" : ", on a CPU");
  }

  private static double milliseconds(List<Curve> curves) {
    return curves.stream().mapToDouble(Curve::millisecondsPerUpdate).average().orElse(Double.NaN);
  }

  /** Of the settings of a method that ran, the one with the lowest mean final objective. */
  private Optional<List<Curve>> best(String kind) {
    return results.byLabel().entrySet().stream()
        .filter(e -> e.getKey().equals(kind) || e.getKey().startsWith(kind + ":"))
        .map(e -> results.of(e.getKey()))
        .flatMap(Optional::stream)
        .filter(c -> Double.isFinite(objective(c)))
        .min(Comparator.comparingDouble(Claims::objective));
  }

  private static double objective(List<Curve> curves) {
    return curves.stream().mapToDouble(Curve::finalObjective).average().orElse(Double.NaN);
  }

  private String seeds() {
    int count = results.options().seeds;
    return count == 1 ? "; one seed" : "; %d seeds".formatted(count);
  }

  private void open(String sentence, String missing) {
    claims.add(new Claim(sentence, Verdict.OPEN, missing));
  }

  private void add(String sentence, boolean holds, String format, Object... values) {
    claims.add(new Claim(sentence, Verdict.of(holds), String.format(Locale.ROOT, format, values)));
  }
}
