package dev.krongauss.bench.train;

import dev.krongauss.bench.predict.Predict;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import picocli.CommandLine;

/** Generated tables, and the commands run on them as a user would. */
final class TableFixture {
  /** What a command has left. */
  record Run(int code, String out, String err) {}

  private TableFixture() {}

  /** Houses with a number that is missing now and then, and a quoted category. */
  static Path houses(Path file, int rows) throws IOException {
    SplittableRandom random = new SplittableRandom(11);
    List<String> lines = new ArrayList<>(List.of("area,\"place, town\",age,price"));
    for (int i = 0; i < rows; i++) {
      double area = 50 + 100 * random.nextDouble();
      int place = random.nextInt(3);
      double age = 80 * random.nextDouble();
      double price =
          1000 * area * (1 + 0.3 * place) - 500 * age + 3000 * (random.nextDouble() - 0.5);
      lines.add(
          String.format(
              Locale.ROOT,
              "%.2f,\"%s\",%s,%.0f",
              area,
              List.of("north, old", "south", "the \"west\"").get(place).replace("\"", "\"\""),
              i % 7 == 3 ? "NA" : String.format(Locale.ROOT, "%.1f", age),
              price));
    }
    return Files.write(file, lines);
  }

  /** Points in the plane and the class of where they lie. */
  static Path points(Path file, int rows, List<String> classes) throws IOException {
    SplittableRandom random = new SplittableRandom(12);
    List<String> lines = new ArrayList<>(List.of("x;y;kind"));
    for (int i = 0; i < rows; i++) {
      double x = 2 * random.nextDouble() - 1;
      double y = 2 * random.nextDouble() - 1;
      double turn = (Math.atan2(y, x) + Math.PI) / (2 * Math.PI);
      int kind = Math.min(classes.size() - 1, (int) (turn * classes.size()));
      lines.add(String.format(Locale.ROOT, "%.4f;%.4f;%s", x, y, classes.get(kind)));
    }
    return Files.write(file, lines);
  }

  static Run train(Object... arguments) {
    String[] words = words(arguments);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8)) {
      return run(Train.commandLine(stream, words), words, out, new ByteArrayOutputStream());
    }
  }

  static Run predict(Object... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (PrintStream outs = new PrintStream(out, true, StandardCharsets.UTF_8);
        PrintStream errs = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      return run(Predict.commandLine(outs, errs), words(arguments), out, err);
    }
  }

  private static Run run(
      CommandLine line, String[] words, ByteArrayOutputStream out, ByteArrayOutputStream err) {
    line.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
    int code = line.execute(words);
    return new Run(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static String[] words(Object... arguments) {
    return java.util.Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
  }
}
