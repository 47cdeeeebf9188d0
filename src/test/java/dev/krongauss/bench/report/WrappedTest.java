package dev.krongauss.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Prose ends its lines at one width, and a page still says the same. */
final class WrappedTest {
  private static final Path HOME = Path.of(System.getProperty("krongauss.home", ""));
  private static final List<Extension> EXTENSIONS = List.of(TablesExtension.create());

  static Stream<Path> pages() throws IOException {
    try (Stream<Path> files = Files.walk(HOME.toAbsolutePath(), 4)) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> !file.toString().contains("/target/"))
          .map(HOME.toAbsolutePath()::relativize)
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void aPageOfTheProjectReadsTheSameWhenItIsWrapped(Path page) throws IOException {
    String text = Files.readString(HOME.resolve(page));
    String wrapped = Wrapped.of(text);
    assertThat(html(wrapped)).isEqualTo(html(text));
    assertThat(Wrapped.of(wrapped)).isEqualTo(wrapped);
  }

  @Test
  void proseIsWrappedAndNothingElse() {
    String words = "word ".repeat(30).strip();
    String text =
        String.join(
            "\n",
            "# " + words,
            words,
            "",
            "* " + words,
            "* b",
            "",
            "    " + words,
            "| " + words,
            "");
    String wrapped = Wrapped.of(text);
    assertThat(wrapped.lines().filter(l -> l.startsWith("word") || l.startsWith("  word")))
        .hasSize(3)
        .allMatch(line -> line.length() <= Wrapped.WIDTH);
    assertThat(wrapped).contains("# " + words, "    " + words, "| " + words, "\n* b\n");
    assertThat(wrapped.replaceAll("\\s+", " ")).isEqualTo(text.replaceAll("\\s+", " "));
    assertThat(Wrapped.of(wrapped)).isEqualTo(wrapped);
  }

  @Test
  void listsKeepTheirItemsAndLinesBeginWithNothingThatMeansSomething() {
    String text = "* a\n  b\n  * c\n\n1. d\n   e\n\nword " + "abcd ".repeat(19) + "- 3. | x\n";
    assertThat(Wrapped.of(text))
        .startsWith("* a b\n  * c\n\n1. d e\n\nword")
        .endsWith("\nabcd - 3. | x\n");
    assertThat(html(Wrapped.of(text))).isEqualTo(html(text));
  }

  private static String html(String text) {
    return HtmlRenderer.builder()
        .extensions(EXTENSIONS)
        .build()
        .render(Parser.builder().extensions(EXTENSIONS).build().parse(text))
        .replaceAll("\\s+", " ");
  }
}
