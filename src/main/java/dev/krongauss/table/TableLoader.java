package dev.krongauss.table;

import dev.krongauss.data.RowSplit;
import dev.krongauss.table.TargetRule.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** From an open table to its data: count, split, survey, decide, encode. */
final class TableLoader {
  private final TableSource source;
  private final TableOptions options;
  private final Roles roles;

  private TableLoader(TableSource source, TableOptions options) throws IOException {
    this.source = source;
    this.options = options;
    roles = new Roles(source, options);
  }

  static Tabular load(TableSource source, TableOptions options) throws IOException {
    return new TableLoader(source, options).load();
  }

  private Tabular load() throws IOException {
    RowSplit split = split(source.rows());
    requireTraining(split);
    Survey survey = Survey.of(source, roles, split, options);
    if (survey.rows() != split.size()) { // quotes in a way that counting by bytes does not see
      split = split(survey.rows());
      requireTraining(split);
      survey = Survey.of(source, roles, split, options);
    }
    List<LeftOut> leftOut = new ArrayList<>(roles.leftOut);
    List<Column> inputs = inputs(survey, leftOut);
    Outcome target = new TargetRule(source.name(), options).of(profiles(survey, roles.targets));
    ColumnPlan plan =
        new ColumnPlan(
            target.task(),
            inputs,
            target.columns(),
            leftOut,
            source.columns(),
            source.form(),
            options.delimiter);
    double[] weights = weights(survey, plan);
    Encoder encoder = encoder(plan);
    Encoded rows = encode(survey, plan, encoder, weights, split);
    source.requireUnchanged();
    Summary summary = new Summary(source, options, plan, split, survey);
    return new Tabular(
        rows.dataset(source.name() + " training", false),
        split.heldOutCount() == 0 ? null : rows.dataset(source.name() + " held out", true),
        plan,
        Arrays.stream(weights).boxed().toList(),
        summary.text(target.reason(), weights, notes(survey, plan, encoder)),
        split);
  }

  private RowSplit split(int rows) throws IOException {
    if (rows == 0) {
      throw Say.problem("%s has no rows", source.name());
    }
    if (roles.groups >= 0 && (options.heldOut == 0 || options.inOrder)) {
      throw Say.problem(
          "%s: heldOutBy('%s') %s",
          source.name(),
          options.heldOutBy,
          options.inOrder
              ? "and inOrder() contradict each other; say one"
              : "needs heldOut(...) to say how many rows");
    }
    if (options.heldOut == 0) {
      return RowSplit.none(rows);
    }
    if (rows == 1) {
      throw Say.problem(
          "%s has one row, and %s of it cannot be held out; hold none out",
          source.name(), options.heldOut);
    }
    if (roles.groups >= 0) {
      return byGroup();
    }
    return options.inOrder
        ? RowSplit.inOrder(rows, options.heldOut)
        : RowSplit.random(rows, options.heldOut, options.seed);
  }

  private void requireTraining(RowSplit split) throws IOException {
    if (split.heldOutCount() > 0 && split.size() - split.heldOutCount() < 2) {
      throw Say.problem(
          "%s: with %s of %,d rows held out, 1 row is left to train on; hold fewer out",
          source.name(), options.heldOut, split.size());
    }
  }

  /** A pass of its own for the one column. */
  private RowSplit byGroup() throws IOException {
    TableSource.Cells[] cells = new TableSource.Cells[source.columns().size()];
    Arrays.fill(cells, TableSource.Cells.SKIP);
    cells[roles.groups] = TableSource.Cells.TEXT;
    Map<String, Integer> known = new HashMap<>();
    int[] groups = new int[1024];
    int rows = 0;
    try (RowPass pass = source.pass(cells)) {
      while (pass.next()) {
        groups = rows == groups.length ? Arrays.copyOf(groups, 2 * rows) : groups;
        boolean missing = pass.row().kinds[roles.groups] == Row.MISSING;
        String group = missing ? "" : pass.row().category(roles.groups);
        groups[rows++] = known.computeIfAbsent(group, key -> known.size());
      }
    }
    if (known.size() < 2) {
      throw Say.problem(
          "%s: column '%s' is the same in every row, so that no rows can be held out by it",
          source.name(), options.heldOutBy);
    }
    return RowSplit.byGroup(Arrays.copyOf(groups, rows), options.heldOut, options.seed);
  }

  private List<Column> inputs(Survey survey, List<LeftOut> leftOut) throws IOException {
    InputRule rule = new InputRule(source, options, leftOut);
    List<Column> inputs = new ArrayList<>();
    for (ColumnProfile profile : profiles(survey, roles.candidates)) {
      Optional<Column> column = rule.of(profile);
      column.ifPresent(inputs::add);
    }
    if (inputs.isEmpty()) {
      throw Say.problem(
          "%s: no column is left as an input: %s",
          source.name(),
          String.join(
              ", ", leftOut.stream().map(l -> l.name() + " (" + l.reason() + ")").toList()));
    }
    return inputs;
  }

  private static List<ColumnProfile> profiles(Survey survey, int[] positions) {
    return Arrays.stream(positions).mapToObj(position -> survey.profiles[position]).toList();
  }

  private double[] weights(Survey survey, ColumnPlan plan) throws IOException {
    return ClassWeights.of(
        source.name(),
        options.classWeights,
        survey.profiles[roles.targets[0]],
        plan.targets().get(0));
  }

  private Encoder encoder(ColumnPlan plan) {
    return new Encoder(
        source.name(),
        plan,
        Encoder.positions(plan.inputs(), source.columns()),
        Encoder.positions(plan.targets(), source.columns()));
  }

  private List<String> notes(Survey survey, ColumnPlan plan, Encoder encoder) {
    List<String> notes = new ArrayList<>();
    Set<String> used = new HashSet<>();
    plan.inputs().forEach(column -> used.add(column.name()));
    for (ColumnProfile profile : profiles(survey, roles.candidates)) {
      notes.addAll(used.contains(profile.name()) ? profile.notes() : List.of());
    }
    for (List<Column> columns : List.of(plan.inputs(), plan.targets())) {
      columns.forEach(column -> notes.addAll(Categories.alike(column)));
    }
    notes.addAll(encoder.notes());
    return notes;
  }

  private Encoded encode(
      Survey survey, ColumnPlan plan, Encoder encoder, double[] weights, RowSplit split)
      throws IOException {
    StoredRows stored = survey.stored(plan);
    Encoded encoded = stored == null ? null : stored.encode(plan, weights);
    if (encoded != null) {
      return encoded;
    }
    stored = null;
    survey.release();
    int targetWidth = plan.outputs() + (weights.length > 0 ? 1 : 0);
    long bytes = 4L * split.size() * (plan.inputWidth() + targetWidth);
    options.memory.require(
        source.name(), bytes, split.size() - split.heldOutCount(), plan.inputWidth());
    options.log.accept(
        Say.text(
            "%s: a second pass encodes the columns as they were found; the encoded rows take %s",
            source.name(), Memory.text(bytes)));
    try {
      return new SecondPass(source, plan, encoder, weights, split).read();
    } catch (OutOfMemoryError e) {
      IOException refused = options.memory.refused(source.name(), bytes);
      refused.initCause(e);
      throw refused;
    }
  }
}
