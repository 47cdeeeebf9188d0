package dev.krongauss.table;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.krongauss.table.Column.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A plan as JSON: one object, numbers in the shortest form that gives the same double again. */
final class PlanJson {
  static final int VERSION = 1;

  private static final String VERSION_FIELD = "krongauss.columns";

  private PlanJson() {}

  static String write(ColumnPlan plan) {
    OptionalLibrary.JACKSON_JR.require("Column plans as JSON");
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put(VERSION_FIELD, VERSION);
    fields.put("task", plan.task().toString());
    fields.put("file", plan.form().toString());
    if (plan.delimiter() != 0) {
      fields.put("delimiter", String.valueOf(plan.delimiter()));
    }
    fields.put("columns", NameRun.packed(plan.fileColumns()));
    fields.put("inputs", plan.inputs().stream().map(PlanJson::fields).toList());
    fields.put("targets", plan.targets().stream().map(PlanJson::fields).toList());
    fields.put("left out", leftOut(plan.leftOut()));
    try {
      return JSON.std.asString(fields);
    } catch (IOException e) {
      throw new IllegalStateException("a column plan could not be written as JSON", e);
    }
  }

  /** Neighbours with one reason, and names that count on, together. */
  private static List<Object> leftOut(List<LeftOut> columns) {
    List<Object> packed = new ArrayList<>();
    int begin = 0;
    for (int end = 1; end <= columns.size(); end++) {
      String reason = columns.get(begin).reason();
      if (end == columns.size() || !columns.get(end).reason().equals(reason)) {
        List<String> names = columns.subList(begin, end).stream().map(LeftOut::name).toList();
        for (Object name : NameRun.packed(names)) {
          packed.add(Map.of("name", name, "reason", reason));
        }
        begin = end;
      }
    }
    return packed;
  }

  private static Map<String, Object> fields(Column column) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", column.name());
    fields.put("kind", column.kind().name().toLowerCase(Locale.ROOT));
    if (column.kind() == Kind.NUMBER) {
      fields.put("mean", column.mean());
      fields.put("deviation", column.deviation());
    } else {
      fields.put("categories", column.categories());
    }
    fields.put("indicator", column.indicator());
    return fields;
  }

  static ColumnPlan read(String json) {
    OptionalLibrary.JACKSON_JR.require("Column plans as JSON");
    Map<String, Object> fields;
    try {
      fields = JSON.std.mapFrom(json);
    } catch (IOException | IllegalStateException e) {
      throw new IllegalArgumentException(
          "column plan: it is no JSON object (%s); give what toJson wrote"
              .formatted(e.getMessage()),
          e);
    }
    if (fields == null) {
      throw unknown("it is 'null'");
    }
    Fields plan = new Fields("column plan", fields);
    Object version = plan.take(VERSION_FIELD, Object.class);
    if (!Integer.valueOf(VERSION).equals(version)) {
      throw unknown(Say.text("version %s, and version %d is known", version, VERSION));
    }
    ColumnPlan read =
        new ColumnPlan(
            Task.of(plan.text("task")),
            columns(plan, "inputs"),
            columns(plan, "targets"),
            leftOut(plan),
            plan.names("columns"),
            form(plan.text("file")),
            delimiter(plan));
    plan.requireNothingLeft();
    return read;
  }

  private static char delimiter(Fields plan) {
    if (!plan.has("delimiter")) {
      return 0;
    }
    String delimiter = plan.text("delimiter");
    if (delimiter.length() != 1) {
      throw unknown(Say.text("delimiter '%s'", delimiter));
    }
    return delimiter.charAt(0);
  }

  private static Form form(String name) {
    try {
      return Form.of(name);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("column plan: " + e.getMessage(), e);
    }
  }

  private static List<Column> columns(Fields plan, String name) {
    List<Column> columns = new ArrayList<>();
    for (Fields fields : plan.objects(name)) {
      String kind = fields.text("kind");
      Column column =
          switch (kind) {
            case "number" ->
                Column.number(
                    fields.text("name"),
                    fields.number("mean"),
                    fields.number("deviation"),
                    fields.truth("indicator"));
            case "category" ->
                Column.category(
                    fields.text("name"), fields.texts("categories"), fields.truth("indicator"));
            default -> throw unknown(Say.text("kind '%s' in %s", kind, name));
          };
      fields.requireNothingLeft();
      columns.add(column);
    }
    return columns;
  }

  private static List<LeftOut> leftOut(Fields plan) {
    List<LeftOut> leftOut = new ArrayList<>();
    for (Fields fields : plan.objects("left out")) {
      List<String> names = NameRun.unpacked(fields.take("name", Object.class));
      String reason = fields.text("reason");
      names.forEach(name -> leftOut.add(new LeftOut(name, reason)));
      fields.requireNothingLeft();
    }
    return leftOut;
  }

  static IllegalArgumentException unknown(String what) {
    return new IllegalArgumentException(
        "column plan: %s; was it written by another release?".formatted(what));
  }

  /** The members of an object, each taken once. */
  private static final class Fields {
    private final String where;
    private final Map<String, Object> left;

    Fields(String where, Map<String, Object> members) {
      this.where = where;
      left = new LinkedHashMap<>(members);
    }

    <T> T take(String name, Class<T> type) {
      Object value = left.remove(name);
      if (!type.isInstance(value)) {
        throw unknown(
            Say.text("%s: '%s' is %s", where, name, value == null ? "missing" : "'" + value + "'"));
      }
      return type.cast(value);
    }

    String text(String name) {
      return take(name, String.class);
    }

    boolean truth(String name) {
      return take(name, Boolean.class);
    }

    double number(String name) {
      return take(name, Number.class).doubleValue();
    }

    List<String> texts(String name) {
      List<String> texts = new ArrayList<>();
      for (Object text : take(name, List.class)) {
        if (!(text instanceof String)) {
          throw unknown(Say.text("%s: '%s' in '%s' is no text", where, text, name));
        }
        texts.add((String) text);
      }
      return texts;
    }

    boolean has(String name) {
      return left.containsKey(name);
    }

    List<String> names(String name) {
      List<String> names = new ArrayList<>();
      for (Object each : take(name, List.class)) {
        names.addAll(NameRun.unpacked(each));
      }
      return names;
    }

    List<Fields> objects(String name) {
      List<Fields> objects = new ArrayList<>();
      for (Object object : take(name, List.class)) {
        if (!(object instanceof Map<?, ?> members)) {
          throw unknown(Say.text("%s: '%s' in '%s' is no object", where, object, name));
        }
        Map<String, Object> copy = new LinkedHashMap<>();
        members.forEach((key, value) -> copy.put(String.valueOf(key), value));
        objects.add(new Fields(name, copy));
      }
      return objects;
    }

    void requireNothingLeft() {
      Set<String> names = left.keySet();
      if (!names.isEmpty()) {
        throw unknown(Say.text("%s: '%s' is not known", where, String.join("', '", names)));
      }
    }
  }
}
