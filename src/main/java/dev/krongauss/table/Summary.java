package dev.krongauss.table;

import dev.krongauss.data.RowSplit;
import dev.krongauss.table.Column.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What was found, left out and decided, in lines for a person. */
final class Summary {
  private static final int CATEGORIES = 8;
  private static final int COLUMNS = 60;
  private static final int DIGITS = 6;

  private final TableSource source;
  private final TableOptions options;
  private final ColumnPlan plan;
  private final RowSplit split;
  private final Map<String, ColumnProfile> profiles = new HashMap<>();
  private final List<String> lines = new ArrayList<>();

  Summary(
      TableSource source, TableOptions options, ColumnPlan plan, RowSplit split, Survey survey) {
    this.source = source;
    this.options = options;
    this.plan = plan;
    this.split = split;
    for (ColumnProfile profile : survey.profiles) {
      if (profile != null) {
        profiles.put(profile.name(), profile);
      }
    }
  }

  /**
   * The lines.
   *
   * @param reason of the task
   * @param weights of the classes; empty: none
   * @param notes what was met on the way
   */
  String text(String reason, double[] weights, List<String> notes) {
    say(
        "%s: %s, %s, %s",
        source.name(),
        source.description(),
        Say.count(split.size(), "row"),
        Say.count(source.columns().size(), "column"));
    say("rows: %s", rows());
    say("task: %s, loss %s (%s)", plan.task(), loss(weights), reason);
    targets();
    say(
        "inputs: %s, %s a row%s",
        Say.count(plan.inputs().size(), "column"),
        Say.count(plan.inputWidth(), "value"),
        standardised());
    inputs();
    leftOut();
    classWeights(weights);
    missing();
    notes.forEach(note -> say("note: %s", note));
    return String.join("\n", lines) + "\n";
  }

  private void say(String format, Object... values) {
    lines.add(Say.text(format, values));
  }

  private String rows() {
    int heldOut = split.heldOutCount();
    if (heldOut == 0) {
      return Say.text("%,d to train on, none held out", split.size());
    }
    String how =
        options.heldOutBy != null
            ? Say.text("by column '%s', seed %d", options.heldOutBy, options.seed)
            : options.inOrder ? "the last ones" : Say.text("drawn with seed %d", options.seed);
    return Say.text("%,d to train on, %,d held out (%s)", split.size() - heldOut, heldOut, how);
  }

  private String loss(double[] weights) {
    return weights.length == 0 ? plan.lossName() : "weighted " + plan.lossName();
  }

  private void targets() {
    for (Column target : plan.targets()) {
      String assumed =
          options.targets.isEmpty()
                  && source.onlyTargets().isEmpty()
                  && source.form() != Form.LIBSVM
              ? ", taken as nothing else was said"
              : "";
      if (target.kind() == Kind.NUMBER) {
        say("target: %s%s, %s", target.name(), assumed, meanAndDeviation(target));
      } else if (plan.task() == Task.BINARY) {
        say(
            "target: %s%s, 1 for %s, 0 for %s",
            target.name(),
            assumed,
            Say.quoted(target.categories().get(1)),
            Say.quoted(target.categories().get(0)));
      } else {
        say(
            "target: %s%s, %,d classes: %s",
            target.name(), assumed, target.categories().size(), shown(target.categories()));
      }
    }
    say("outputs: %,d (%s)", plan.outputs(), Names.listed(plan.outputNames()));
  }

  private String standardised() {
    return source.divisor() > 0
        ? Say.text(", each divided by %s", Numbers.text(source.divisor()))
        : ", numbers standardised by the training rows";
  }

  private void inputs() {
    if (source.divisor() > 0) {
      return;
    }
    for (Column column : plan.inputs().subList(0, Math.min(COLUMNS, plan.inputs().size()))) {
      String what =
          column.kind() == Kind.NUMBER
              ? "number, " + meanAndDeviation(column)
              : Say.text(
                  "%,d categories: %s", column.categories().size(), shown(column.categories()));
      say("  %s: %s%s", column.name(), what, indicator(column));
    }
    if (plan.inputs().size() > COLUMNS) {
      say("  and %,d more", plan.inputs().size() - COLUMNS);
    }
  }

  private static String meanAndDeviation(Column column) {
    return Say.text("mean %s, deviation %s", rounded(column.mean()), rounded(column.deviation()));
  }

  private static String rounded(double value) {
    return Say.text("%." + DIGITS + "g", value);
  }

  private static String shown(List<String> categories) {
    List<String> first = new ArrayList<>();
    for (String category : categories.subList(0, Math.min(CATEGORIES, categories.size()))) {
      first.add(Say.quoted(category));
    }
    int more = categories.size() - first.size();
    return String.join(", ", first) + (more > 0 ? Say.text(" and %,d more", more) : "");
  }

  private String indicator(Column column) {
    ColumnProfile profile = profile(column.name());
    if (profile.missing == 0) {
      return "";
    }
    String with =
        column.indicator()
            ? "with a value that says so"
            : "of held-out rows alone, so without a value that says so";
    return Say.text(
        "; missing in %s: %s, %s",
        Say.count(profile.missing, "row"),
        column.kind() == Kind.NUMBER ? "the mean" : "no category",
        with);
  }

  private ColumnProfile profile(String name) {
    return profiles.get(name);
  }

  private void leftOut() {
    for (LeftOut left : plan.leftOut().subList(0, Math.min(COLUMNS, plan.leftOut().size()))) {
      say("left out: %s (%s)", left.name(), left.reason());
    }
    if (plan.leftOut().size() > COLUMNS) {
      say("left out: %s more", Say.count(plan.leftOut().size() - COLUMNS, "column"));
    }
  }

  private void classWeights(double[] weights) {
    if (weights.length > 0) {
      List<String> shown = new ArrayList<>();
      for (int i = 0; i < weights.length; i++) {
        shown.add(plan.targets().get(0).categories().get(i) + "=" + rounded(weights[i]));
      }
      say("class weights: %s; the last column of the targets", Names.listed(shown));
    }
  }

  private void missing() {
    boolean any = plan.inputs().stream().anyMatch(column -> profile(column.name()).missing > 0);
    if (any) {
      say("missing: empty cells and %s, in any case", String.join(", ", Tokens.MISSING));
    }
  }
}
