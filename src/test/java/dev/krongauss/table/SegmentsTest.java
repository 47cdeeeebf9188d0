package dev.krongauss.table;

import static dev.krongauss.table.TableFiles.assertRefused;
import static dev.krongauss.table.TableFiles.quiet;
import static dev.krongauss.table.TableFiles.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Long files: read in several parts, they give what one pass gives. */
final class SegmentsTest {
  private static final int ROWS = 40_000;

  @TempDir Path folder;

  private static String table(boolean missing, boolean words) {
    SplittableRandom random = new SplittableRandom(3);
    StringBuilder text = new StringBuilder("\ufeffa,b,c,y\n");
    for (int i = 0; i < ROWS; i++) {
      text.append(i * 7919L % ROWS).append(',');
      text.append(missing && random.nextInt(9) == 0 ? "NA" : random.nextDouble() * 1e4).append(',');
      text.append(words ? "\u00fc" + random.nextInt(5) : "" + random.nextInt(50)).append(',');
      text.append(random.nextInt(4)).append(i % 1000 == 0 ? "\n\n" : "\n");
    }
    return text.toString();
  }

  private static TableReader segmented(Path file, long bytes) {
    TableReader reader = quiet(Tabular.csv(file)).heldOut(0.2).keep("a");
    reader.options.segmentBytes = bytes;
    return reader;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void asOnePass(int kind) throws IOException {
    Path file = text(folder, "t", table(kind % 2 == 1, kind > 1));
    Tabular whole = segmented(file, Long.MAX_VALUE).read();
    Tabular parts = segmented(file, 1 << 17).read();
    assertThat(parts.task()).isEqualTo(Task.CLASSES);
    assertThat(parts.plan().inputNames()).isEqualTo(whole.plan().inputNames());
    for (int i = 0; i < parts.plan().inputs().size(); i++) {
      Column one = whole.plan().inputs().get(i);
      Column other = parts.plan().inputs().get(i);
      // Sums of n values of up to 1e4 in another order: n eps 1e4 at most.
      double bound = ROWS * 0x1p-53 * ROWS;
      assertThat(other.mean()).isCloseTo(one.mean(), within(bound));
      assertThat(other.deviation()).isCloseTo(one.deviation(), within(bound));
    }
    assertThat(parts.training().targets()).isEqualTo(whole.training().targets());
    float[] wanted = whole.training().inputs();
    float[] values = parts.training().inputs();
    assertThat(values).hasSameSizeAs(wanted);
    for (int i = 0; i < wanted.length; i++) {
      assertThat(values[i]).isCloseTo(wanted[i], within(1e-6f));
    }
    assertThat(segmented(file, 1 << 17).read().training().checksum())
        .as("the same bits each time")
        .isEqualTo(parts.training().checksum());
  }

  @Test
  void segmentsBeginBehindLineEndsAndCoverTheFile() throws IOException {
    byte[] bytes = table(false, false).substring(1).getBytes(StandardCharsets.UTF_8);
    RecordCount count = RecordCount.of(new ByteArrayInputStream(bytes), ',', 1 << 17);
    List<Segment> segments = count.segments(1);
    assertThat(segments).hasSizeGreaterThan(5);
    long offset = 0;
    int row = 0;
    for (Segment segment : segments) {
      assertThat(segment.offset()).isEqualTo(offset);
      assertThat(segment.firstRow()).isEqualTo(row);
      assertThat(offset == 0 || bytes[(int) offset - 1] == '\n').isTrue();
      offset += segment.length();
      row += segment.rows();
    }
    assertThat(offset).isEqualTo(bytes.length);
    assertThat(row).isEqualTo(ROWS);
  }

  /** Of several errors the first of the file is told, with its line in the file. */
  @Test
  void linesAreThoseOfTheFile() throws IOException {
    String[] lines = table(false, false).split("\n", -1);
    lines[30_011] = "1,2,3";
    lines[39_000] = "1,2,3,4,5";
    Path file = text(folder, "t", String.join("\n", lines));
    assertRefused(segmented(file, 1 << 16), file, "line 30,012: 3 fields");
    lines[30_011] = "1,2,text,1";
    lines[39_000] = "1,2,3,1";
    Path word = text(folder, "w", String.join("\n", lines));
    assertRefused(segmented(word, 1 << 16), word, "line 30,012, column 'c': 'text' is text");
  }

  @Test
  void quotesAndReturnsMakeOneSegment() throws IOException {
    for (String special : List.of("\"", "\r")) {
      byte[] bytes = (table(false, false) + special).getBytes(StandardCharsets.UTF_8);
      RecordCount count = RecordCount.of(new ByteArrayInputStream(bytes), ',', 1 << 17);
      assertThat(count.segments(1)).hasSize(1);
    }
  }

  /** Distinct in each segment and over all of them, or twice with one segment between. */
  @Test
  void keysAreFoundOverSegments() throws IOException {
    Path file = text(folder, "t", table(false, false));
    TableReader keyed = quiet(Tabular.csv(file));
    keyed.options.segmentBytes = 1 << 17;
    TableFiles.assertRefused(keyed, file, "column 'a'", "hardly one of their range left out");
    Path twice = text(folder, "u", table(false, false) + "0,1,1,1\n");
    TableReader repeated = quiet(Tabular.csv(twice));
    repeated.options.segmentBytes = 1 << 17;
    assertThat(repeated.read().plan().inputs()).hasSize(3);
  }
}
