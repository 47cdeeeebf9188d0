package dev.krongauss.table;

import dev.krongauss.data.DataException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What the targets are: as told, or by this rule. Text, or two different values: classes. Whole
 * numbers that are exactly 0 to k - 1 or 1 to k, with 3 to 20 of them: classes. Other numbers: a
 * regression. Several targets: a regression.
 */
final class TargetRule {
  /** More different whole numbers are no classes unless told. */
  static final int MOST_NUMBERS = 20;

  private final String file;
  private final TableOptions options;

  /**
   * What was decided.
   *
   * @param reason the end of a sentence, with the setting that decides otherwise
   */
  record Outcome(Task task, String reason, List<Column> columns) {}

  TargetRule(String file, TableOptions options) {
    this.file = file;
    this.options = options;
  }

  Outcome of(List<ColumnProfile> targets) throws DataException {
    for (ColumnProfile target : targets) {
      requireThere(target);
    }
    Outcome outcome = targets.size() > 1 ? several(targets) : one(targets.get(0));
    if (options.positive != null && outcome.task() != Task.BINARY) {
      throw Say.problem(
          "%s: positive('%s') is for two classes, and the task is %s; leave it out",
          file, options.positive, outcome.task());
    }
    if (options.classWeights != null && outcome.task() == Task.REGRESSION) {
      throw Say.problem(
          "%s: class weights '%s' for a regression (%s); leave them out, or say task(CLASSES)",
          file, options.classWeights, outcome.reason());
    }
    return outcome;
  }

  private void requireThere(ColumnProfile target) throws DataException {
    if (target.missing > 0) {
      throw Say.problem(
          "%s, line %,d, column '%s': the target is missing, as in %s; remove these rows, or read"
              + " them later with RowReader, which needs no targets",
          file, target.firstMissingLine, target.name(), Say.count(target.missing, "row"));
    }
    if (!options.category.contains(target.name())) {
      target.requireOneKind();
    }
  }

  private Outcome several(List<ColumnProfile> targets) throws DataException {
    List<String> names = targets.stream().map(ColumnProfile::name).toList();
    if (options.task != null && options.task != Task.REGRESSION) {
      throw Say.problem(
          "%s: task %s with %,d targets (%s); classes are of one target: make a model for each",
          file, options.task, names.size(), Names.listed(names));
    }
    if (options.task == null && targets.stream().allMatch(t -> isTwoValued(t))) {
      throw Say.problem(
          "%s: the targets %s have two values each, and several yes-or-no targets in one network"
              + " are not supported; make a model for each, or say task(REGRESSION) if they are"
              + " numbers",
          file, Names.listed(names));
    }
    return regression(targets, Say.text("%,d targets", names.size()));
  }

  private static boolean isTwoValued(ColumnProfile target) {
    return !target.categories.tooMany() && target.categories.size() == 2;
  }

  private Outcome one(ColumnProfile target) throws DataException {
    boolean limited = !target.categories.tooMany();
    int values = target.categories.size();
    if (limited && values == 1) {
      throw Say.problem(
          "%s: target '%s' is %s in every row; there is nothing to learn: is another column meant?",
          file, target.name(), Say.quoted(target.categories.sorted().get(0)));
    }
    if (options.task != null) {
      return told(target);
    }
    if (!target.isNumber() || options.category.contains(target.name())) {
      return classes(target, Say.text("%s different texts", several(limited, values)));
    }
    if (limited && values == 2) {
      return classes(target, "two different values; task(REGRESSION) takes them as numbers");
    }
    String range =
        Say.text(
            "%s different %s from %s to %s",
            several(limited, values),
            target.whole ? "whole numbers" : "numbers",
            limited ? target.categories.sorted().get(0) : Numbers.text(target.moments.least()),
            limited
                ? target.categories.sorted().get(values - 1)
                : Numbers.text(target.moments.most()));
    return limited && target.whole && values <= MOST_NUMBERS && isCounting(target)
        ? classes(
            target,
            range + ", none left out, as labels are; task(REGRESSION) takes them as numbers")
        : regression(
            List.of(target),
            range + (limited && target.whole ? "; task(CLASSES) makes each a class" : ""));
  }

  private static String several(boolean limited, int values) {
    return Say.text(limited ? "%,d" : "more than %,d", values);
  }

  /** Exactly 0 to k - 1 or 1 to k. */
  private static boolean isCounting(ColumnProfile target) {
    List<String> values = target.categories.sorted();
    double first = Double.parseDouble(values.get(0));
    double last = Double.parseDouble(values.get(values.size() - 1));
    return (first == 0 || first == 1) && last == first + values.size() - 1;
  }

  private Outcome told(ColumnProfile target) throws DataException {
    return options.task == Task.REGRESSION
        ? regression(List.of(target), "as told")
        : classes(target, "as told");
  }

  private Outcome regression(List<ColumnProfile> targets, String reason) throws DataException {
    List<Column> columns = new ArrayList<>();
    for (ColumnProfile target : targets) {
      if (!target.isNumber()) {
        throw Say.problem(
            "%s: target '%s' has texts, as %s, and a regression needs numbers; say task(CLASSES),"
                + " or give another target%s",
            file, target.name(), Say.quoted(target.firstText()), target.decimalComma());
      }
      double deviation = target.moments.deviation();
      if (!(deviation > 0 && Double.isFinite(deviation))) {
        throw Say.problem(
            "%s: target '%s' has mean %s and deviation %s in the training rows, from which nothing"
                + " is learnt; is another column meant?",
            file, target.name(), target.moments.mean(), deviation);
      }
      columns.add(Column.number(target.name(), target.moments.mean(), deviation, false));
    }
    return new Outcome(Task.REGRESSION, reason, columns);
  }

  private Outcome classes(ColumnProfile target, String reason) throws DataException {
    if (target.categories.tooMany()) {
      throw Say.problem(
          "%s: target '%s' has more than %,d different values, and so many classes are the most%s",
          file,
          target.name(),
          Categories.LIMIT,
          target.isNumber() ? "; say task(REGRESSION)" : "; is another column meant?");
    }
    List<String> classes = new ArrayList<>(target.categories.sorted());
    Task task =
        options.task != null ? options.task : classes.size() == 2 ? Task.BINARY : Task.CLASSES;
    if (task == Task.BINARY && classes.size() != 2) {
      throw Say.problem(
          "%s: target '%s' has %,d different values (%s), and a binary one has two; say"
              + " task(CLASSES)",
          file, target.name(), classes.size(), Names.listed(classes));
    }
    for (String value : classes) {
      requireTrained(target, value);
    }
    if (task == Task.BINARY && options.positive != null) {
      turn(target, classes);
    }
    return new Outcome(task, reason, List.of(Column.category(target.name(), classes, false)));
  }

  private void requireTrained(ColumnProfile target, String value) throws DataException {
    Categories.Count count = target.categories.count(value);
    if (count.training == 0) {
      throw Say.problem(
          "%s, line %,d: class %s of target '%s' is in held-out rows only (%,d of them), so that it"
              + " cannot be learnt; take another seed(...), hold fewer rows out or remove them",
          file, count.firstLine, Say.quoted(value), target.name(), count.all);
    }
  }

  private void turn(ColumnProfile target, List<String> classes) throws DataException {
    int positive = classes.indexOf(options.positive);
    if (positive < 0) {
      throw Say.problem(
          "%s: positive('%s') is no value of target '%s'%s",
          file, options.positive, target.name(), Names.suggestion(options.positive, classes));
    }
    if (positive == 0) {
      Collections.swap(classes, 0, 1);
    }
  }
}
