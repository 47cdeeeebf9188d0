package dev.krongauss.table;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/**
 * A table that is known, to be written in some way and read again: number and category columns,
 * with or without missing cells, and a number as the target.
 */
final class RandomTable {
  private static final String[] WORDS = {"red", "green, light", "\"blue\"", "two\nlines", "\u00fc"};
  private static final String[] TOKENS = {"", "NA", "nan", "?", "Null"};

  final int rows;
  final List<String> names = new ArrayList<>();

  /** Null where a cell is missing, a Double or a String otherwise. */
  final Object[][] cells;

  private final Random random;

  RandomTable(long seed) {
    random = new Random(seed);
    rows = 30 + random.nextInt(200);
    int columns = 2 + random.nextInt(6);
    cells = new Object[rows][columns];
    for (int c = 0; c < columns; c++) {
      names.add("column, \"" + c + "\"");
      column(c, c == columns - 1);
    }
  }

  private void column(int c, boolean target) {
    boolean words = !target && random.nextInt(3) == 0;
    double missing = target || random.nextBoolean() ? 0 : 0.2;
    double scale = Math.pow(10, random.nextInt(7) - 3);
    boolean far = random.nextInt(4) == 0;
    double centre = far ? 1e6 * scale : scale * random.nextGaussian();
    int digits = random.nextInt(6) + (far ? 7 : 1);
    for (int n = 0; n < rows; n++) {
      if (random.nextDouble() < missing) {
        cells[n][c] = null;
      } else if (words) {
        cells[n][c] = WORDS[random.nextInt(WORDS.length)];
      } else {
        double value = centre + scale * random.nextGaussian();
        // As a person would write it: rounded, so that values repeat in some columns.
        cells[n][c] =
            digits % 6 == 0 ? value : Double.parseDouble(("%." + digits + "e").formatted(value));
      }
    }
  }

  int columns() {
    return names.size();
  }

  String targetName() {
    return names.get(columns() - 1);
  }

  double number(int row, int column) {
    return (Double) cells[row][column];
  }

  /** In one of many ways; {@code order} says which column comes where. */
  Path write(Path file, int[] order) throws IOException {
    char delimiter = ",;\t".charAt(random.nextInt(3));
    String end = random.nextBoolean() ? "\n" : "\r\n";
    StringBuilder text = new StringBuilder(random.nextBoolean() ? "\ufeff" : "");
    for (int i = 0; i < order.length; i++) {
      text.append(i == 0 ? "" : delimiter).append(quoted(names.get(order[i])));
    }
    text.append(end);
    for (Object[] row : cells) {
      for (int i = 0; i < order.length; i++) {
        text.append(i == 0 ? "" : delimiter).append(cell(row[order[i]], order.length == 1));
      }
      text.append(end);
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(3) == 0) {
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
        out.write(bytes);
      }
      bytes = packed.toByteArray();
    }
    return Files.write(file, bytes);
  }

  private String cell(Object value, boolean alone) {
    if (value == null) {
      String token = TOKENS[random.nextInt(TOKENS.length)];
      return alone && token.isEmpty() ? "NA" : token;
    }
    String text = value.toString();
    return value instanceof String || random.nextInt(5) == 0 ? quoted(text) : text;
  }

  private static String quoted(String text) {
    return '"' + text.replace("\"", "\"\"") + '"';
  }
}
