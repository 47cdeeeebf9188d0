package dev.krongauss.testing;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.krongauss.data.Dataset;
import dev.krongauss.data.RealData;
import dev.krongauss.reference.Algebra;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Rows of a table with numbers as inputs and targets, shuffled and cut into rows to train with and
 * rows to test with. Inputs are standardised by the training rows: mean 0, variance 1.
 */
public final class Table {
  private final String name;
  private final double[][] X;
  private final double[][] T;
  private final int train;

  private Table(String name, double[][] X, double[][] T, int train) {
    this.name = name;
    this.X = X;
    this.T = T;
    this.train = train;
  }

  /**
   * Reads {@code tabular/<file>} below KRONGAUSS_DATA; the test is skipped where it is not there.
   *
   * @param inputs and targets of a record
   * @param train rows to train with; {@code test} more to test with
   */
  public static Table read(
      String file,
      Function<NamedCsvRecord, double[]> inputs,
      Function<NamedCsvRecord, double[]> targets,
      int train,
      int test) {
    Path path = RealData.folderWith("tabular/" + file).resolve("tabular").resolve(file);
    List<double[][]> rows = new ArrayList<>();
    try (CsvReader<NamedCsvRecord> csv = CsvReader.builder().ofNamedCsvRecord(path)) {
      for (NamedCsvRecord line : csv) {
        rows.add(new double[][] {inputs.apply(line), targets.apply(line)});
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SplittableRandom random = new SplittableRandom(1);
    for (int i = rows.size() - 1; i > 0; i--) {
      rows.set(i, rows.set(random.nextInt(i + 1), rows.get(i)));
    }
    double[][] X = rows.stream().limit(train + test).map(r -> r[0]).toArray(double[][]::new);
    double[][] T = rows.stream().limit(train + test).map(r -> r[1]).toArray(double[][]::new);
    standardise(X, train);
    return new Table(file, X, T, train);
  }

  /** Standardises the targets, too. */
  public Table withStandardisedTargets() {
    standardise(T, train);
    return this;
  }

  /** The rows to train with. */
  public Dataset training() {
    double[][] inputs = Arrays.copyOf(X, train);
    double[][] targets = Arrays.copyOf(T, train);
    return Dataset.supervised(
        name, DeviceBatch.compact(inputs), X[0].length, DeviceBatch.compact(targets), T[0].length);
  }

  /** Inputs of the rows to test with. */
  public double[][] testInputs() {
    return Arrays.copyOfRange(X, train, X.length);
  }

  /** Targets of the rows to test with. */
  public double[][] testTargets() {
    return Arrays.copyOfRange(T, train, T.length);
  }

  /** What linear least squares on the training rows predicts for those to test with. */
  public double[][] linearPredictions() {
    return Algebra.multiply(homogeneous(testInputs()), linear());
  }

  /** Mean square of what linear least squares leaves of the first target, on the training rows. */
  public double linearResidual() {
    double[][] fitted = Algebra.multiply(homogeneous(Arrays.copyOf(X, train)), linear());
    double sum = 0;
    for (int n = 0; n < train; n++) {
      sum += (fitted[n][0] - T[n][0]) * (fitted[n][0] - T[n][0]) / train;
    }
    return sum;
  }

  /** (AᵀA)⁻¹ AᵀT; a millionth on the diagonal, since one-hot inputs depend on one another. */
  private double[][] linear() {
    double[][] A = homogeneous(Arrays.copyOf(X, train));
    double[][] At = Algebra.transpose(A);
    double[][] S = Algebra.scale(1.0 / train, Algebra.multiply(At, A));
    double[][] B = Algebra.scale(1.0 / train, Algebra.multiply(At, Arrays.copyOf(T, train)));
    return Algebra.multiply(
        Algebra.inverse(Algebra.combine(1, S, 1e-6, Algebra.identity(S.length))), B);
  }

  private static double[][] homogeneous(double[][] X) {
    double[][] A = new double[X.length][];
    for (int n = 0; n < X.length; n++) {
      A[n] = Arrays.copyOf(X[n], X[n].length + 1);
      A[n][X[n].length] = 1;
    }
    return A;
  }

  private static void standardise(double[][] rows, int train) {
    for (int j = 0; j < rows[0].length; j++) {
      double mean = 0;
      double square = 0;
      for (int n = 0; n < train; n++) {
        mean += rows[n][j] / train;
        square += rows[n][j] * rows[n][j] / train;
      }
      double deviation = Math.sqrt(Math.max(square - mean * mean, 1e-12));
      for (double[] row : rows) {
        row[j] = (float) ((row[j] - mean) / deviation);
      }
    }
  }
}
