package dev.krongauss.bench.exact;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.krongauss.data.Batches;
import dev.krongauss.data.DataException;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A regression that everybody trains: rows, one target, a network of tanh units with a linear one
 * on top, loss 1/2 (h − t)².
 *
 * @param name in titles
 * @param sizes d_0 … d_L, d_L = 1
 * @param inputs standardised rows [N][d_0]
 * @param targets standardised [N]
 */
record ExactProblem(String name, int[] sizes, float[] inputs, float[] targets) {
  private static final List<String> SEXES = List.of("F", "I", "M");

  /** The tables that are known. */
  enum Table {
    /** Age by rings: 8 inputs, of which sex is −1, 0 or 1. */
    ABALONE("abalone.csv", 20, 0),
    /** Values of houses: 8 inputs. */
    CALIFORNIA("california_housing.csv", 100, 2000);

    private final String file;
    private final int units;
    private final int rows;

    Table(String file, int units, int rows) {
      this.file = file;
      this.units = units;
      this.rows = rows;
    }

    /** Units of each of the two hidden layers, unless told otherwise. */
    int units() {
      return units;
    }

    /** Rows of the batch, unless told otherwise; 0 for all. */
    int rows() {
      return rows;
    }
  }

  /**
   * Reads a table.
   *
   * @param folder with its file; the last column is the target
   * @param units of each of two hidden layers
   * @param rows taken, drawn by seed 1; 0 for all
   * @throws DataException if it is no such table, or has fewer rows
   * @throws IOException if the file cannot be read
   */
  static ExactProblem of(Table table, Path folder, int units, int rows) throws IOException {
    List<float[]> read = read(folder.resolve(table.file));
    if (read.isEmpty() || read.get(0).length < 2) {
      throw new DataException(
          "%s has no row of inputs and a target; give a header and rows".formatted(table.file));
    }
    if (rows > read.size()) {
      throw new DataException(
          "%d rows of %s, which has %d; ask for fewer".formatted(rows, table.file, read.size()));
    }
    int width = read.get(0).length - 1;
    standardise(read, table.file);
    int[] order = Batches.permutation(read.size(), 1, 0);
    int N = rows == 0 ? read.size() : rows;
    float[] inputs = new float[N * width];
    float[] targets = new float[N];
    for (int n = 0; n < N; n++) {
      float[] row = read.get(order[n]);
      System.arraycopy(row, 0, inputs, n * width, width);
      targets[n] = row[width];
    }
    int[] sizes = {width, units, units, 1};
    return new ExactProblem(table.name().toLowerCase(Locale.ROOT), sizes, inputs, targets);
  }

  /** N. */
  int rows() {
    return targets.length;
  }

  /** P, biases among them. */
  int weights() {
    return IntStream.range(1, sizes.length).map(l -> sizes[l] * (sizes[l - 1] + 1)).sum();
  }

  /** The whole of it, for one batch. */
  Dataset dataset() {
    return Dataset.supervised(name, inputs, sizes[0], targets, 1);
  }

  /** A network with the weights of a start. */
  Network network(Device device, long seed) {
    Network.Builder builder = Network.input(sizes[0]);
    for (int l = 1; l < sizes.length - 1; l++) {
      builder.dense(sizes[l], Activation.TANH);
    }
    return builder.dense(1, Activation.IDENTITY).build(device, seed);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(name + " " + sizes[0]);
    IntStream.range(1, sizes.length).forEach(l -> text.append('-').append(sizes[l]));
    return text.append(", N = ").append(rows()).append(", P = ").append(weights()).toString();
  }

  private static List<float[]> read(Path file) throws IOException {
    List<float[]> rows = new ArrayList<>();
    try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(file)) {
      for (NamedCsvRecord record : reader) {
        float[] row = new float[record.getFieldCount()];
        for (int i = 0; i < row.length; i++) {
          String field = record.getField(i);
          int sex = SEXES.indexOf(field);
          row[i] = sex >= 0 ? sex - 1 : Float.parseFloat(field);
        }
        rows.add(row);
      }
    } catch (CsvParseException | NumberFormatException e) {
      throw new DataException(
          "%s, row %,d: %s; give a number in every column"
              .formatted(file, rows.size() + 1, e.getMessage()),
          e);
    }
    return rows;
  }

  /** Every column to mean 0 and variance 1. */
  private static void standardise(List<float[]> rows, String file) throws DataException {
    for (int i = 0; i < rows.get(0).length; i++) {
      int column = i;
      double mean = rows.stream().mapToDouble(row -> row[column]).average().orElseThrow();
      double variance =
          rows.stream()
              .mapToDouble(row -> (row[column] - mean) * (row[column] - mean))
              .average()
              .orElseThrow();
      double deviation = Math.sqrt(variance);
      if (!(deviation > 0 && Double.isFinite(deviation))) {
        throw new DataException(
            "%s: column %d, from 1, has mean %s and deviation %s; give columns of numbers that differ"
                .formatted(file, column + 1, mean, deviation));
      }
      rows.forEach(row -> row[column] = (float) ((row[column] - mean) / deviation));
    }
  }
}
