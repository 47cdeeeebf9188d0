package dev.krongauss.bench.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Records of a text, as bytes. */
final class RecordsTest {
  @Test
  void linesOfEveryKindEndARecord() throws IOException {
    assertThat(records("a,b\nc\r\nd\re")).containsExactly("a,b\n", "c\r\n", "d\r", "e");
    assertThat(records("\n\na\n\r\n\nb\n\n")).containsExactly("a\n", "b\n");
    assertThat(records("")).isEmpty();
  }

  @Test
  void quotedFieldsHoldLineEnds() throws IOException {
    assertThat(records("1,\"two\nlines\"\n\"x\r\n\",2\n"))
        .containsExactly("1,\"two\nlines\"\n", "\"x\r\n\",2\n");
    assertThat(records("\"a \"\"b\"\"\n c\";1\nz\n"))
        .containsExactly("\"a \"\"b\"\"\n c\";1\n", "z\n");
    assertThat(records("\ufeff\"a\nb\",c\n1,2\n")).containsExactly("\ufeff\"a\nb\",c\n", "1,2\n");
  }

  @Test
  void aQuoteWithinAFieldIsACharacter() throws IOException {
    assertThat(records("5\" pipe,1\n6\",2\n")).containsExactly("5\" pipe,1\n", "6\",2\n");
  }

  private static List<String> records(String text) throws IOException {
    Records records = new Records(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    List<String> all = new ArrayList<>();
    for (byte[] next = records.next(); next != null; next = records.next()) {
      all.add(new String(next, StandardCharsets.UTF_8));
    }
    return all;
  }
}
