package dev.krongauss.bench.inspect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The fields of a JSON object, read as what they have to be. Numbers are rounded to float. */
final class Fields {
  /** Numbers that are not finite are read, so that the error can name their field. */
  private static final JSON JSON_WITH_NAN =
      JSON.builder(
              JsonFactory.builder()
                  .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .build();

  private final Map<String, Object> values;
  private final Set<String> unread;

  private Fields(Map<String, Object> values) {
    this.values = values;
    this.unread = new LinkedHashSet<>(values.keySet());
  }

  static Fields read(Path file) throws IOException, CaseException {
    String text = Files.readString(file);
    try {
      Map<String, Object> read = JSON_WITH_NAN.mapFrom(text);
      if (read == null) {
        throw new CaseException("case", "is null; it is an object with the fields of --help");
      }
      return new Fields(read);
    } catch (JsonProcessingException e) {
      throw new CaseException(fieldOf(e), "is not JSON: %s", firstLine(e));
    }
  }

  /** Fields that nobody asked for. */
  Set<String> unread() {
    return unread;
  }

  boolean has(String name) {
    unread.remove(name);
    return values.get(name) != null;
  }

  String text(String name) throws CaseException {
    Object value = get(name);
    if (value instanceof String text) {
      return text;
    }
    throw new CaseException(name, "is %s, not a string", brief(value));
  }

  float number(String name) throws CaseException {
    return number(get(name), name);
  }

  int[] integers(String name) throws CaseException {
    List<?> list = list(get(name), name);
    int[] result = new int[list.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = integer(list.get(i), place(name, i));
    }
    return result;
  }

  List<?> list(String name) throws CaseException {
    return list(get(name), name);
  }

  /** As many rows as there are, each of {@code columns} numbers; row by row in one array. */
  static float[] rows(List<?> rows, int columns, String name) throws CaseException {
    float[] result = new float[Math.multiplyExact(rows.size(), columns)];
    for (int i = 0; i < rows.size(); i++) {
      float[] row = row(rows.get(i), columns, place(name, i));
      System.arraycopy(row, 0, result, i * columns, columns);
    }
    return result;
  }

  static float[] row(Object value, int columns, String name) throws CaseException {
    List<?> list = list(value, name);
    if (list.size() != columns) {
      throw new CaseException(name, "has %d numbers, not %d", list.size(), columns);
    }
    float[] result = new float[columns];
    for (int j = 0; j < columns; j++) {
      result[j] = number(list.get(j), place(name, j));
    }
    return result;
  }

  static List<?> list(Object value, String name) throws CaseException {
    if (value instanceof List<?> list) {
      return list;
    }
    throw new CaseException(name, "is %s, not an array", brief(value));
  }

  static float number(Object value, String name) throws CaseException {
    if (!(value instanceof Number number)) {
      throw new CaseException(name, "is %s, not a number", brief(value));
    }
    float result = number.floatValue();
    if (!Float.isFinite(result)) {
      throw new CaseException(name, "is %s, which is not a finite float", value);
    }
    return result;
  }

  static int integer(Object value, String name) throws CaseException {
    float number = number(value, name);
    if (number != Math.rint(number) || Math.abs(number) > 1 << 24) {
      throw new CaseException(name, "is %s, not a whole number up to 2^24", value);
    }
    return (int) number;
  }

  static String place(String name, int index) {
    return name + "[" + index + "]";
  }

  private Object get(String name) throws CaseException {
    if (!has(name)) {
      throw new CaseException(name, "is missing");
    }
    return values.get(name);
  }

  private static String brief(Object value) {
    String text = String.valueOf(value);
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }

  /** The field in which the text stops being JSON. */
  private static String fieldOf(JsonProcessingException e) {
    if (e.getProcessor() instanceof JsonParser parser) {
      String path = parser.getParsingContext().pathAsPointer().toString();
      if (path.length() > 1) {
        return path.substring(1).split("/", 2)[0];
      }
    }
    return "case";
  }

  private static String firstLine(JsonProcessingException e) {
    String place =
        e.getLocation() == null
            ? ""
            : " (line %d, column %d)"
                .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
    return e.getOriginalMessage() + place;
  }
}
