package dev.krongauss.table;

import static org.assertj.core.api.Assertions.assertThat;

import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Counted by bytes as FastCSV counts, on texts made of what is difficult. */
final class RecordCountTest {
  private static final String[] FIELDS = {
    "",
    "1",
    "12.5",
    "a b",
    "\"\"",
    "\"x\"",
    "\"a,b\"",
    "\"l\nm\"",
    "\"r\r\nn\"",
    "\"\"\"q\"\"\"",
    "in\"side",
    "\u00fc\u20ac\ud83d\ude00",
    "long-enough-for-a-word"
  };
  private static final String[] ENDS = {"\n", "\r\n", "\r", "\n\n", "\r\n\r\n"};

  @Test
  void asFastCsvCounts() throws IOException {
    Random random = new Random(7);
    for (int round = 0; round < 3000; round++) {
      StringBuilder text = new StringBuilder();
      String end = ENDS[random.nextInt(ENDS.length)];
      int rows = random.nextInt(30);
      for (int row = 0; row < rows; row++) {
        int fields = 1 + random.nextInt(4);
        for (int field = 0; field < fields; field++) {
          text.append(field == 0 ? "" : ",").append(FIELDS[random.nextInt(FIELDS.length)]);
        }
        text.append(row == rows - 1 && random.nextBoolean() ? "" : end);
      }
      assertCount(text.toString());
    }
  }

  /** Longer than a block, so that every state is carried over a border at some place. */
  @Test
  void acrossBlocks() throws IOException {
    SplittableRandom random = new SplittableRandom(11);
    for (int shift = 0; shift < 40; shift++) {
      StringBuilder text = new StringBuilder("x".repeat(shift)).append('\n');
      while (text.length() < (1 << 17) + 50) {
        boolean quoted =
            random.nextInt(3000) == 0 || text.length() > 65_500 && text.length() < 65_560;
        text.append(quoted ? "\"a\nb\"\"\",\"\"\n" : "12,345\n");
      }
      assertCount(text.toString());
    }
  }

  private static void assertCount(String text) throws IOException {
    long wanted = 0;
    for (CsvRecord record : CsvRows.builder(',').ofCsvRecord(text)) {
      wanted += record.getFieldCount() > 0 ? 1 : 0;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    assertThat(RecordCount.of(new ByteArrayInputStream(bytes), ',', 1 << 16).records())
        .as("records of %s", text.length() < 300 ? text : text.length() + " characters")
        .isEqualTo(wanted);
  }
}
