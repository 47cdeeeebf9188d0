package dev.krongauss.table;

import static dev.krongauss.table.TableFiles.assertRefused;
import static dev.krongauss.table.TableFiles.bytes;
import static dev.krongauss.table.TableFiles.gzipped;
import static dev.krongauss.table.TableFiles.lines;
import static dev.krongauss.table.TableFiles.quiet;
import static dev.krongauss.table.TableFiles.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that could be read, and hardly mean what would be read: refused or said. */
final class DoubtfulInputTest {
  private static final String TABLE = "a,y\n1,1\n2,2\n5,9\n";

  @TempDir Path folder;

  @Test
  void zerosInFrontAreSaid() throws IOException {
    Path file = lines(folder, "t", "zip,b,y", "01000,0,1", "94110,0.5,2", "00501,007,4");
    String summary = quiet(Tabular.csv(file)).task(Task.REGRESSION).read().summary();
    assertThat(summary)
        .contains(
            "note: column 'zip': 2 numbers with a zero in front, as codes have it, are taken as"
                + " numbers, '01000' as 1000; category(\"zip\") keeps the text",
            "note: column 'b': 1 number with a zero in front, as codes have it, is taken as a"
                + " number, '007' as 7");
    Path plain = lines(folder, "u", "a,b,y", "0,0.5,1", "10,-0.25,2", "3,0,4");
    assertThat(quiet(Tabular.csv(plain)).task(Task.REGRESSION).read().summary())
        .doesNotContain("zero in front");
  }

  /** Rows of a column called {@code name} and a target. */
  private Path column(String name, int... values) throws IOException {
    String rows =
        IntStream.range(0, values.length)
            .mapToObj(i -> values[i] + "," + i % 7 + ".5\n")
            .collect(Collectors.joining());
    return text(folder, "column", name + ",y\n" + rows);
  }

  private static int[] shuffled(int[] values, long seed) {
    Random random = new Random(seed);
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
    return values;
  }

  @Test
  void keysInAnyOrderAreRefusedUnlessKept() throws IOException {
    int[] dense = shuffled(IntStream.range(1000, 1090).toArray(), 1);
    Path file = column("number", dense);
    assertRefused(
        Tabular.csv(file),
        file,
        "column 'number' has another whole number in every row, and hardly");
    assertThat(quiet(Tabular.csv(file)).keep("number").read().plan().inputNames())
        .containsExactly("number");
    int[] tenths = shuffled(IntStream.range(0, 54).toArray(), 2);
    tenths[0] = 59; // 54 of 60 at most
    assertRefused(Tabular.csv(column("n", tenths)), folder.resolve("column"), "hardly one");
    tenths[0] = 62; // 54 of 63 are less than nine tenths
    assertThat(quiet(Tabular.csv(column("n", tenths))).read().plan().inputs()).hasSize(1);
    int[] twice = dense.clone();
    twice[3] = twice[70];
    assertThat(quiet(Tabular.csv(column("n", twice))).read().plan().inputs()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"id,true", "ID,true", "user_id,true", "userId,true", "acid,false", "width,false"})
  void distinctNumbersUnderTheNameOfAKey(String name, boolean key) throws IOException {
    int[] sparse = shuffled(IntStream.range(0, 30).map(i -> i * i * 1000).toArray(), 3);
    Path file = column(name, sparse);
    if (key) {
      assertRefused(Tabular.csv(file), file, "column '" + name + "'", "and such a name");
    } else {
      assertThat(quiet(Tabular.csv(file)).read().plan().inputs()).hasSize(1);
    }
  }

  /** The same rows in number, so that counting them does not tell. */
  @Test
  void aFileThatChangesBetweenPassesIsRefused() throws IOException {
    Path file = lines(folder, "t", "c,y", "u,1", "v,2", "u,9");
    TableReader reader = Tabular.csv(file).task(Task.REGRESSION);
    assertRefused(
        file,
        () ->
            reader
                .log(
                    line -> {
                      if (line.contains("second pass")) {
                        write(file, "c,y\nu,1\nv,200\nu,9\n");
                      }
                    })
                .read(),
        "changed while it was read: it has 18 bytes of",
        "and had 16 of");
  }

  private static void write(Path file, String content) {
    try {
      Files.writeString(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void filesThatAreNoTextsAreCalledByName() throws IOException {
    Path zip = bytes(folder, "a.csv", new byte[] {'P', 'K', 3, 4, 20, 0, (byte) 0xe9});
    assertRefused(Tabular.read(zip), zip, "is a zip archive", ".npz");
    assertRefused(Tabular.read(zip, zip), zip, "is a zip archive", ".npz");
    Path twice = bytes(folder, "b.gz", gzipped(gzipped(TABLE.getBytes(StandardCharsets.UTF_8))));
    assertRefused(Tabular.csv(twice), twice, "is gzipped twice");
    Path zeros = text(folder, "c", "a,y\n1,\0001\n");
    assertRefused(Tabular.csv(zeros), zeros, "has a zero byte at 6");
    Path parquet = text(folder, "d", "PAR1\25");
    assertRefused(Tabular.read(parquet), parquet, "is a Parquet file; write it as CSV");
  }

  /** Far behind the bytes that are looked at first. */
  @Test
  void aZeroByteBesideANumberMakesItAText() throws IOException {
    String rows = "1.5,1\n2,2\n4,9\n".repeat(200);
    for (String wrong : new String[] {"3\0", "\0003", "1.25e3\0", "3\0001"}) {
      Path file = text(folder, "t", "a,y\n" + rows + wrong + ",7\n");
      assertRefused(Tabular.csv(file), file, "line 602, column 'a'", "is text");
    }
  }

  @Test
  void bytesBehindAGzipStreamAreRefused() throws IOException {
    byte[] packed = gzipped(TABLE.getBytes(StandardCharsets.UTF_8));
    byte[] more = gzipped("7,3\n".getBytes(StandardCharsets.UTF_8));
    Path joined = bytes(folder, "joined", joined(packed, more));
    assertThat(quiet(Tabular.csv(joined)).read().training().size()).isEqualTo(4);
    for (int count : new int[] {1, 30, 70_000}) {
      Path file = bytes(folder, "more" + count, joined(packed, new byte[count]));
      assertRefused(
          Tabular.csv(file), file, String.format("%,d bytes behind the gzip stream", count));
    }
  }

  private static byte[] joined(byte[] first, byte[] second) throws IOException {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.write(first);
    both.write(second);
    return both.toByteArray();
  }

  @Test
  void classesThatDifferInCaseAloneAreSaid() throws IOException {
    Path file = lines(folder, "t", "c,y", "u,yes", "v,Yes", "U,no", "v,yes");
    assertThat(quiet(Tabular.csv(file)).read().summary())
        .contains(
            "column 'y': 'Yes' and 'yes' differ in upper and lower case alone",
            "column 'c': 'U' and 'u' differ");
  }

  @Test
  void oneColumnAndOneRowAreToldByTheirCause() throws IOException {
    Path pipes = lines(folder, "p", "a|b|y", "1|2|3", "4|5|6");
    assertRefused(
        Tabular.csv(pipes), pipes, "only one column was found, 'a|b|y'", "delimiter another");
    Path rows = text(folder, "r", "a,y\n" + "1,2\n3,4\n5,7\n".repeat(20));
    assertRefused(
        Tabular.csv(rows).heldOut(0.999),
        rows,
        "with 0.999 of 60 rows held out, 1 row is left to train on");
  }

  @Test
  void anIndexThatIsTooLargeIsNoStrangeFile() throws IOException {
    for (String index : new String[] {"2000000000", "99999999999"}) {
      Path file = lines(folder, "l", "1 1:2", "2 " + index + ":1");
      assertRefused(Tabular.libsvm(file), file, "line 2: '" + index + ":1' is an index too large");
    }
  }

  @Test
  void anArrayHasRowsAndNoLines() throws IOException {
    double[][] values = {{1}, {2}, {Double.POSITIVE_INFINITY}};
    Path inputs = NpyFiles.write(folder.resolve("a.npy"), 1, "<f8", false, values);
    assertRefused(Tabular.npy(inputs, inputs), inputs, "row 2, column 'input 1'", "missing (NaN)");
  }
}
