package dev.krongauss.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/** A table made for a test: two numbers, a colour, and a target of them. */
final class TableFile {
  private static final String[] COLORS = {"red", "green", "blue"};

  private TableFile() {}

  /** A row before its target is. */
  record Row(double a, double b, String color, double noise) {}

  /** {@code price} = 300 + 50 sin 2a + 20 b, 15 more where red, and noise of deviation 5. */
  static Path prices(Path file, int rows) throws IOException {
    return write(
        file,
        rows,
        "price",
        row ->
            300
                + 50 * Math.sin(2 * row.a)
                + 20 * row.b
                + (row.color.equals("red") ? 15 : 0)
                + 5 * row.noise);
  }

  /** {@code price} that follows from nothing. */
  static Path noise(Path file, int rows) throws IOException {
    return write(file, rows, "price", row -> 300 + 50 * row.noise);
  }

  /** {@code kind} is one of some words, by where a + b lies, with noise. */
  static Path kinds(Path file, int rows, String... words) throws IOException {
    StringBuilder text = new StringBuilder("a,b,color,kind\n");
    SplittableRandom random = new SplittableRandom(11);
    for (int n = 0; n < rows; n++) {
      Row row = row(random);
      double place = (row.a + row.b + 0.3 * row.noise + 4) / 8 * words.length;
      int word = (int) Math.max(0, Math.min(words.length - 1, Math.floor(place)));
      text.append(inputs(row)).append(',').append(words[word]).append('\n');
    }
    return Files.writeString(file, text);
  }

  private static Path write(Path file, int rows, String target, ToDoubleFunction<Row> value)
      throws IOException {
    StringBuilder text = new StringBuilder("a,b,color,").append(target).append('\n');
    SplittableRandom random = new SplittableRandom(7);
    for (int n = 0; n < rows; n++) {
      Row row = row(random);
      text.append(inputs(row))
          .append(String.format(Locale.ROOT, ",%.4f%n", value.applyAsDouble(row)));
    }
    return Files.writeString(file, text);
  }

  private static Row row(SplittableRandom random) {
    return new Row(
        random.nextDouble(-2, 2),
        random.nextDouble(-2, 2),
        COLORS[random.nextInt(COLORS.length)],
        random.nextGaussian());
  }

  private static String inputs(Row row) {
    return String.format(Locale.ROOT, "%.5f,%.5f,%s", row.a, row.b, row.color);
  }
}
