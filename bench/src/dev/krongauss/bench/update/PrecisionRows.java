package dev.krongauss.bench.update;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** The runs of {@code bench/precision}: a line of a file each, written as it ends. */
final class PrecisionRows {
  private static final String HEAD =
      "data,mma,scale,batch,updates,seed,variant,objective,alpha_difference,seconds";

  private static final int KEYS = 7;
  private static final int CELLS = 10;

  private final Path file;
  private final Map<Key, Values> rows = new LinkedHashMap<>();

  /** What a run is of. */
  record Key(
      String data, String mma, double scale, int batch, int updates, long seed, String variant) {
    /** The group whose variants are held against each other: that of the variant fp32. */
    Key base() {
      return with("fp32");
    }

    Key with(String other) {
      return new Key(data, mma, scale, batch, updates, seed, other);
    }
  }

  /**
   * What came out.
   *
   * @param objective mean of the last updates
   * @param alphaDifference of the step lengths of the update that follows, from tangents in TF32
   *     and in FP32
   * @param seconds of training
   */
  record Values(double objective, double alphaDifference, double seconds) {}

  private PrecisionRows(Path file) {
    this.file = file;
  }

  /**
   * The rows of a file; none where there is none.
   *
   * @throws IOException if it cannot be read, or another has written it
   */
  static PrecisionRows of(Path file) throws IOException {
    PrecisionRows read = new PrecisionRows(file);
    if (!Files.exists(file)) {
      return read;
    }
    List<String> lines = Files.readAllLines(file);
    if (lines.isEmpty() || !lines.get(0).equals(HEAD)) {
      throw new IOException(file + " does not begin with " + HEAD + "; give another --out");
    }
    for (String line : lines.subList(1, lines.size())) {
      read.add(line);
    }
    return read;
  }

  private void add(String line) throws IOException {
    String[] cells = line.split(",", -1);
    if (cells.length != CELLS) {
      throw new IOException(
          "%s has the line '%s', which is not %d cells; remove it".formatted(file, line, CELLS));
    }
    int c = 0;
    Key key =
        new Key(
            cells[c++],
            cells[c++],
            Double.parseDouble(cells[c++]),
            Integer.parseInt(cells[c++]),
            Integer.parseInt(cells[c++]),
            Long.parseLong(cells[c++]),
            cells[c]);
    c = KEYS;
    rows.put(
        key,
        new Values(
            Double.parseDouble(cells[c++]),
            Double.parseDouble(cells[c++]),
            Double.parseDouble(cells[c])));
  }

  boolean has(Key key) {
    return rows.containsKey(key);
  }

  /** Adds a run, to the file at once. */
  void append(Key key, Values values) throws IOException {
    if (rows.isEmpty()) {
      Files.writeString(file, HEAD + "\n");
    }
    String line =
        String.format(
            Locale.ROOT,
            "%s,%s,%s,%d,%d,%d,%s,%.6f,%.3g,%.1f%n",
            key.data(),
            key.mma(),
            key.scale(),
            key.batch(),
            key.updates(),
            key.seed(),
            key.variant(),
            values.objective(),
            values.alphaDifference(),
            values.seconds());
    Files.writeString(file, line, StandardOpenOption.APPEND);
    rows.put(key, values);
  }

  /**
   * A line a data set, profile, scale and seed whose run in FP32 is there: the others beside it.
   */
  String table() {
    List<String> others = List.of("ffma", "tangents", "solves", "recursion");
    StringBuilder text = new StringBuilder();
    text.append("| data | tensor cores | width | batch | updates | seed | FP32 | ");
    text.append("other tile | tangents | and solves | and recursion | steps |\n");
    text.append("|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (Key key : rows.keySet()) {
      if (!key.equals(key.base())) {
        continue;
      }
      Values base = rows.get(key);
      StringJoiner line = new StringJoiner(" | ", "| ", " |\n");
      line.add(key.data()).add(key.mma()).add(String.valueOf(key.scale()));
      line.add(String.valueOf(key.batch())).add(String.valueOf(key.updates()));
      line.add(String.valueOf(key.seed()));
      line.add(String.format(Locale.ROOT, "%.3f", base.objective()));
      double steps = base.alphaDifference();
      for (String other : others) {
        Values values = rows.get(key.with(other));
        line.add(
            values == null
                ? ""
                : String.format(
                    Locale.ROOT, "%+.2f %%", 100 * (values.objective() / base.objective() - 1)));
        steps = values == null ? steps : Math.max(steps, values.alphaDifference());
      }
      line.add(String.format(Locale.ROOT, "%.1e", steps));
      text.append(line);
    }
    return text.toString();
  }
}
