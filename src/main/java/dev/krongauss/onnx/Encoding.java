package dev.krongauss.onnx;

import static dev.krongauss.onnx.GraphBuilder.integer;
import static dev.krongauss.onnx.GraphBuilder.to;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.krongauss.table.Column;
import dev.krongauss.table.ColumnPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * From the cells of a table to the encoded row, as {@link ColumnPlan} says: numbers standardised,
 * categories one-hot, an indicator behind a column that may be missing.
 *
 * <p>All numbers go through the same few nodes, as one matrix, and each column of categories takes
 * one; a last node puts the pieces into the plan's order. Numbers are standardised in float64, as
 * the plan does it: in float32 {@code x - mean} is left with few digits where the mean is large.
 */
final class Encoding {
  private static final int MOST_CATEGORIES = 20;

  private final GraphBuilder graph;
  private final ColumnPlan plan;
  private final DataType numberType;

  /** Pieces of the row, [N][·] each, and where their columns belong in it. */
  private final List<String> floats = new ArrayList<>();

  private final List<String> bits = new ArrayList<>();
  private final List<Integer> floatPlaces = new ArrayList<>();
  private final List<Integer> bitPlaces = new ArrayList<>();

  private Encoding(GraphBuilder graph, ColumnPlan plan, DataType numberType) {
    this.graph = graph;
    this.plan = plan;
    this.numberType = numberType;
  }

  /**
   * Adds inputs and nodes.
   *
   * @param numberType FLOAT or DOUBLE
   * @return the encoded rows {@code float [N][inputWidth]}
   */
  static String of(GraphBuilder graph, ColumnPlan plan, Naming naming, DataType numberType) {
    Encoding encoding = new Encoding(graph, plan, numberType);
    return naming.byPosition() ? encoding.matrix(naming.rowsExplanation()) : encoding.columns();
  }

  /** An input a column, in the order of the file. */
  private String columns() {
    for (Column column : plan.inputs()) {
      DataType type = column.kind() == Column.Kind.NUMBER ? numberType : DataType.STRING;
      graph.input(column.name(), type, 1, explanation(column));
    }
    List<Placed> numbers = placed(Column.Kind.NUMBER);
    if (!numbers.isEmpty()) {
      List<String> names = numbers.stream().map(number -> number.column().name()).toList();
      standardise(numbers, joined("encode/numbers", names));
    }
    placed(Column.Kind.CATEGORY).forEach(this::oneHot);
    return inOrder();
  }

  /** All columns of the file but the targets in one input; those left out are not read. */
  private String matrix(String explanation) {
    Set<String> targets = plan.targets().stream().map(Column::name).collect(Collectors.toSet());
    Map<String, Integer> places = new HashMap<>(); // there may be a million features
    for (String name : plan.fileColumns()) {
      if (!targets.contains(name)) {
        places.put(name, places.size());
      }
    }
    String all = graph.input(Naming.INPUTS, numberType, places.size(), explanation);
    long[] used = plan.inputs().stream().mapToLong(c -> places.get(c.name())).toArray();
    standardise(placed(Column.Kind.NUMBER), picked("encode/numbers", all, used, places.size()));
    return inOrder();
  }

  /** A column, and where its first value is in the encoded row. */
  private record Placed(Column column, int place) {}

  private List<Placed> placed(Column.Kind kind) {
    List<Placed> placed = new ArrayList<>();
    int place = 0;
    for (Column column : plan.inputs()) {
      if (column.kind() == kind) {
        placed.add(new Placed(column, place));
      }
      place += column.width();
    }
    return placed;
  }

  /** The indicator is one more category, the empty text. */
  private void oneHot(Placed placed) {
    Column column = placed.column();
    List<String> categories = new ArrayList<>(column.categories());
    if (column.indicator()) {
      categories.add("");
    }
    String name = "encode/" + column.name();
    String constant = graph.texts(name + "/categories", categories);
    bits.add(graph.node("Equal", name, List.of(column.name(), constant)));
    IntStream.range(0, categories.size()).forEach(i -> bitPlaces.add(placed.place() + i));
  }

  /**
   * A missing number is as the mean, 0, and its indicator 1.
   *
   * @param x [N][numbers]
   */
  private void standardise(List<Placed> numbers, String x) {
    String wide =
        numberType == DataType.DOUBLE
            ? x
            : graph.node("Cast", "encode/float64", List.of(x), to(DataType.DOUBLE));
    String mean = graph.doubles("encode/mean", each(numbers, Column::mean));
    String deviation = graph.doubles("encode/deviation", each(numbers, Column::deviation));
    String centred = graph.node("Sub", "encode/centred", List.of(wide, mean));
    String scaled = graph.node("Div", "encode/scaled", List.of(centred, deviation));
    String narrow = graph.node("Cast", "encode/float32", List.of(scaled), to(DataType.FLOAT));
    // Missing as x is; old runtimes have no IsNaN of float64.
    String missing = graph.node("IsNaN", "encode/missing", List.of(narrow));
    String zero = graph.floats("encode/zero", new float[] {0}, 1);
    floats.add(graph.node("Where", "encode/standardised", List.of(missing, zero, narrow)));
    numbers.forEach(number -> floatPlaces.add(number.place()));
    indicate(numbers, missing);
  }

  private void indicate(List<Placed> numbers, String missing) {
    long[] with =
        IntStream.range(0, numbers.size())
            .filter(i -> numbers.get(i).column().indicator())
            .asLongStream()
            .toArray();
    if (with.length > 0) {
      bits.add(picked("encode/indicators", missing, with, numbers.size()));
    }
    for (long i : with) {
      bitPlaces.add(numbers.get((int) i).place() + 1);
    }
  }

  /** Puts the pieces side by side and their columns into the plan's order. */
  private String inOrder() {
    List<String> pieces = new ArrayList<>(floats);
    if (!bits.isEmpty()) {
      String all = joined("encode/bits", bits);
      pieces.add(graph.node("Cast", "encode/bits/float32", List.of(all), to(DataType.FLOAT)));
    }
    List<Integer> places = Stream.concat(floatPlaces.stream(), bitPlaces.stream()).toList();
    long[] from = new long[places.size()];
    for (int i = 0; i < from.length; i++) {
      from[places.get(i)] = i;
    }
    return picked("encode/row", joined("encode/pieces", pieces), from, from.length);
  }

  /** Columns of a matrix, in their order; the matrix itself if that is all of them as they are. */
  private String picked(String name, String matrix, long[] columns, int width) {
    boolean all =
        columns.length == width && IntStream.range(0, width).allMatch(i -> columns[i] == i);
    return all ? matrix : graph.columns(name, matrix, columns);
  }

  private String joined(String name, List<String> matrices) {
    return matrices.size() == 1
        ? matrices.get(0)
        : graph.node("Concat", name, matrices, integer("axis", 1));
  }

  private static double[] each(List<Placed> columns, ToDoubleFunction<Column> value) {
    return columns.stream().map(Placed::column).mapToDouble(value).toArray();
  }

  private static String explanation(Column column) {
    if (column.kind() == Column.Kind.NUMBER) {
      return "a number, NaN where it is missing; in training its mean was %s, its deviation %s"
          .formatted(column.mean(), column.deviation());
    }
    List<String> categories = column.categories();
    String first = String.join(", ", categories.stream().limit(MOST_CATEGORIES).toList());
    String rest = categories.size() > MOST_CATEGORIES ? ", and so on" : "";
    return "one of %d categories, empty where it is missing: %s%s"
        .formatted(categories.size(), first, rest);
  }
}
