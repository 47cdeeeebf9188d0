package dev.krongauss.table;

import static dev.krongauss.table.TableFiles.assertRefused;
import static dev.krongauss.table.TableFiles.bytes;
import static dev.krongauss.table.TableFiles.gzipped;
import static dev.krongauss.table.TableFiles.lines;
import static dev.krongauss.table.TableFiles.quiet;
import static dev.krongauss.table.TableFiles.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.assertj.core.data.Offset;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a CSV file may look, and what its fields then are. */
final class CsvReadingTest {
  private static final String TABLE = "a,b,y\n1,10,0.5\n2,20,1.5\n4,60,-3\n";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {",", ";", "\t"})
  void theDelimiterIsFound(String delimiter) throws IOException {
    assertIsTheTable(text(folder, "t", TABLE.replace(",", delimiter)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void lineEndsAndEmptyLines(String end) throws IOException {
    assertIsTheTable(text(folder, "t", TABLE.replace("\n", end + end)));
    assertIsTheTable(text(folder, "t", TABLE.strip().replace("\n", end)));
  }

  @Test
  void gzipAndAByteOrderMark() throws IOException {
    byte[] marked = ("\ufeff" + TABLE).getBytes(StandardCharsets.UTF_8);
    assertIsTheTable(bytes(folder, "plain", marked));
    assertIsTheTable(bytes(folder, "packed", gzipped(marked)));
  }

  @Test
  void quotesAndSpaces() throws IOException {
    assertIsTheTable(
        text(folder, "t", "\"a\", b ,\"y\"\n\"1\", 10 ,0.5\n2,\"20\",1.5\n4 ,60,\"-3\"\n"));
  }

  private void assertIsTheTable(Path file) throws IOException {
    Tabular table = quiet(Tabular.csv(file)).target("y").read();
    assertThat(table.plan().inputs()).extracting(Column::name).containsExactly("a", "b");
    assertThat(table.plan().inputs().get(0).mean()).isEqualTo(7 / 3.0);
    assertThat(table.plan().inputs().get(1).mean()).isEqualTo(30);
    assertThat(table.plan().targets().get(0).mean()).isCloseTo(-1 / 3.0, within());
    assertThat(table.training().size()).isEqualTo(3);
  }

  private static Offset<Double> within() {
    return Offset.offset(1e-15);
  }

  @Test
  void quotedFieldsHoldDelimitersQuotesAndLineEnds() throws IOException {
    Path file =
        text(
            folder, "t", "who,y\n\"a, \"\"b\"\"\nc\",1\nplain,2\n\"a, \"\"b\"\"\nc\",3\nplain,5\n");
    Tabular table = quiet(Tabular.csv(file)).target("y").read();
    assertThat(table.plan().inputs().get(0).categories()).containsExactly("a, \"b\"\nc", "plain");
    assertThat(table.training().inputs()).containsExactly(1, 0, 0, 1, 1, 0, 0, 1);
  }

  @Test
  void decimalCommasBetweenSemicolonsAreNoDelimiters() throws IOException {
    assertThat(Delimiter.of("1,5;2,5;3\n2,5;3,5;4\n", true)).isEqualTo(';');
    assertThat(Delimiter.of("a;b;c\n2,5;3,5;4\n", true)).isEqualTo(';');
    Path file = lines(folder, "t", "a;y", "1,5;1", "2,5;2", "1,5;7");
    Tabular table = quiet(Tabular.csv(file)).target("y").read();
    assertThat(table.plan().inputs().get(0).categories()).containsExactly("1,5", "2,5");
  }

  @ParameterizedTest
  @CsvSource({"'a|b\n1|2\n', ','", "'a\tb,c\td\n1\t2\t3\n', '\t'", "'\"x;y\",b\n1,2\n', ','"})
  void delimiters(String sample, char wanted) {
    assertThat(Delimiter.of(sample, true)).isEqualTo(wanted);
  }

  @Test
  void anyDelimiterThatIsTold() throws IOException {
    Path file = text(folder, "t", TABLE.replace(",", "|"));
    Tabular table = quiet(Tabular.csv(file)).delimiter('|').read();
    assertThat(table.plan().inputNames()).containsExactly("a", "b");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tabular.csv(file).delimiter('"'))
        .withMessageContaining("U+0022");
  }

  @Test
  void withoutAHeaderColumnsAreCounted() throws IOException {
    Path file = text(folder, "t", TABLE.substring(TABLE.indexOf('\n') + 1));
    for (String target : new String[] {"column 2", "2"}) {
      Tabular table = quiet(Tabular.csv(file)).noHeader().target(target).read();
      assertThat(table.plan().inputNames()).containsExactly("column 1", "column 3");
      assertThat(table.training().size()).isEqualTo(3);
      assertThat(table.plan().named()).isFalse();
    }
  }

  @Test
  void aHeaderOfNumbersIsAskedAbout() throws IOException {
    Path file = lines(folder, "t", "1.5,2,7", "3,4,8", "5,7,1");
    assertRefused(
        Tabular.csv(file), file, "line 1", "all fields are numbers (1.5, 2, 7)", "noHeader()");
    assertThat(quiet(Tabular.csv(file)).header().read().plan().inputNames())
        .containsExactly("1.5", "2");
    Path counted = lines(folder, "c", "0,1,2", "3,4,8", "5,7,1", "5,1,9");
    assertThat(quiet(Tabular.csv(counted)).read().plan().inputNames()).containsExactly("0", "1");
  }

  @Test
  void aColumnWithoutANameIsCalledByItsPosition() throws IOException {
    Path file = lines(folder, "t", ",b,y", "3,4,8", "5,7,1", "4,4,4");
    assertThat(quiet(Tabular.csv(file)).read().plan().inputNames())
        .containsExactly("column 1", "b");
  }

  /** What Java's parsers take beside decimal numbers is text here. */
  @Test
  void suffixesAndHexadecimalDigitsAreText() throws IOException {
    Path file = lines(folder, "t", "a,y", "1d,1", "2f,2", "1d,3", "0x1p3,9");
    Column column = quiet(Tabular.csv(file)).read().plan().inputs().get(0);
    assertThat(column.categories()).containsExactly("0x1p3", "1d", "2f");
  }

  @Test
  void everyWayToWriteANumber() throws IOException {
    List<String> numbers =
        List.of("1", "-1", "+1", ".5", "5.", "-.25", "1e3", "1E-3", "+2.5e+2", "007", "1e22");
    String cells = String.join(",1\n", numbers);
    Path file = text(folder, "t", "a,y\n" + cells + ",2\n");
    Tabular table = quiet(Tabular.csv(file)).task(Task.REGRESSION).read();
    double mean = numbers.stream().mapToDouble(Double::parseDouble).sum() / numbers.size();
    assertThat(table.plan().inputs().get(0).mean())
        .isCloseTo(mean, Percentage.withPercentage(1e-12));
    for (String number : numbers) {
      char[] text = ("x" + number + "x").toCharArray();
      assertThat(Numbers.isDecimal(text, 1, text.length - 1)).as(number).isTrue();
      assertThat(Numbers.parse(number)).hasValue(Double.parseDouble(number));
    }
    for (String other : new String[] {"", ".", "+", "e5", "1e", "1e+", "1d", "0x1", "1 2", "1,2"}) {
      assertThat(Numbers.isDecimal(other.toCharArray(), 0, other.length())).as(other).isFalse();
      assertThat(Numbers.parse(other)).as(other).isEmpty();
    }
  }

  /** Short and long decimals, those beside the middle of two doubles among them: the same bits. */
  @Test
  void simpleNumbersAreAsDoubleParses() {
    SplittableRandom random = new SplittableRandom(9);
    int simple = 0;
    for (int round = 0; round < 2_000_000; round++) {
      int length = 1 + random.nextInt(18);
      long digits = random.nextLong(POWERS[length]);
      String text = BigDecimal.valueOf(digits, random.nextInt(19)).toPlainString();
      if (round % 3 == 0) { // near a middle: the middle itself, cut to 18 digits
        double value = random.nextLong(1L << 53) * Math.pow(2, -random.nextInt(60));
        text = new BigDecimal(value).add(new BigDecimal(Math.ulp(value) / 2)).toPlainString();
        text = text.substring(0, Math.min(text.length(), 19));
      }
      char[] padded = ("7" + (round % 2 == 0 ? "-" : "") + text + "7").toCharArray();
      double parsed = Numbers.simple(padded, 1, padded.length - 1);
      if (!Double.isNaN(parsed)) {
        simple++;
        double wanted = Double.parseDouble(new String(padded, 1, padded.length - 2));
        assertThat(Double.doubleToLongBits(parsed))
            .as(text)
            .isEqualTo(Double.doubleToLongBits(wanted));
      }
    }
    assertThat(simple).isGreaterThan(1_000_000);
  }

  private static final long[] POWERS =
      LongStream.iterate(1, power -> 10 * power).limit(19).toArray();

  @Test
  void whatIsNotUtf8IsSaid() throws IOException {
    byte[] latin = "name,y\nM\u00fcnchen,1\n".getBytes(StandardCharsets.ISO_8859_1);
    Path file = bytes(folder, "latin", latin);
    assertRefused(Tabular.csv(file), file, "is not UTF-8", "iconv -f ISO-8859-1");
    Path wide = bytes(folder, "wide", "\ufeffa,y\n1,2\n".getBytes(StandardCharsets.UTF_16LE));
    assertRefused(Tabular.csv(wide), wide, "is UTF-16", "iconv");
  }

  @Test
  void gzipThatIsCutOrDamaged() throws IOException {
    byte[] whole = gzipped(TABLE.repeat(1).getBytes(StandardCharsets.UTF_8));
    Path cut = bytes(folder, "cut", Arrays.copyOf(whole, whole.length - 9));
    assertRefused(Tabular.csv(cut), cut, "is cut short", "gzip");
    whole[whole.length - 6] ^= 1;
    Path damaged = bytes(folder, "damaged", whole);
    assertRefused(Tabular.csv(damaged), damaged, "is damaged", "fetch it again");
  }

  @Test
  void quotesThatDoNotClose() throws IOException {
    Path open = text(folder, "open", "a,y\n\"1,2\n3,4\n");
    assertRefused(Tabular.csv(open), open, "line 2", "quotes in it are doubled");
    Path after = text(folder, "after", "a,y\n1,2\n\"3\"4,4\n");
    assertRefused(Tabular.csv(after), after, "line 3", "quotes in it are doubled");
  }
}
