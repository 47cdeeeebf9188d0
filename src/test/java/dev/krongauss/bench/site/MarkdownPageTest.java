package dev.krongauss.bench.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One page as HTML: links, anchors, tables, code, formulas. */
final class MarkdownPageTest {
  private static final Path PAGE = Path.of("src/site/page.md");

  @TempDir private Path home;
  private Links links;

  @BeforeEach
  void aProject() throws IOException {
    for (String file :
        new String[] {
          "README.md",
          "src/site/other.md",
          "src/main/java/a/B.java",
          "kernels/x.cuh",
          "kernels/README.md"
        }) {
      Files.createDirectories(home.resolve(file).getParent());
      Files.createFile(home.resolve(file));
    }
    Files.createFile(home.resolve(PAGE));
    links = new Links(home, PAGE);
  }

  @Test
  void aLinkLeadsToAPageAFolderTheJavadocOrAFile() {
    assertThat(links.resolve("other.md#part")).isEqualTo("other.html#part");
    assertThat(links.resolve("../../README.md")).isEqualTo("index.html");
    assertThat(links.resolve("../../kernels")).isEqualTo("kernels/index.html");
    assertThat(links.resolve("../main/java/a/B.java")).isEqualTo("apidocs/a/B.html");
    assertThat(links.resolve("../../kernels/x.cuh")).isEqualTo("kernels/x.cuh");
    assertThat(links.resolve("https://example.org/a")).isEqualTo("https://example.org/a");
    assertThat(links.files()).containsExactly(Path.of("kernels/x.cuh"));
    assertThat(links.anchors()).containsExactly("src/site/other.md#part");
    assertThat(new Links(home, Path.of("kernels/README.md")).resolve("../README.md"))
        .isEqualTo("../index.html");
  }

  @Test
  void aLinkToNothingIsAnError() {
    assertThatThrownBy(() -> page("# A\n\n[b](missing.md)"))
        .isInstanceOf(SiteException.class)
        .hasMessageContaining("missing.md");
    assertThatThrownBy(() -> links.resolve("../main")).isInstanceOf(SiteException.class);
    assertThatThrownBy(() -> links.resolve("../../../outside")).isInstanceOf(SiteException.class);
  }

  @Test
  void headingsHaveTheAnchorsThatHostsGive() {
    MarkdownPage page = page("# A page\n\n## Why α is `x`, or 0.02\n\n### Deep\n\n## Deep\n");
    assertThat(page.title()).isEqualTo("A page");
    assertThat(page.headings()).containsEntry("deep-1", "Deep").hasSize(2);
    assertThat(page.hasAnchor("why-α-is-x-or-002")).isTrue();
    assertThat(page.body()).contains("<h2 id=\"deep-1\">Deep</h2>");
  }

  @Test
  void tablesScrollAndJavaIsMarked() {
    MarkdownPage page = page("# A\n\n| a |\n|---|\n| b |\n\n```java\nint a = 1; // <b>\n```\n");
    assertThat(page.body())
        .contains("<div class=\"table\"><table>", "</table></div>")
        .contains(
            "<span class=\"word\">int</span> a = 1; <span class=\"comment\">// &lt;b&gt;</span>");
  }

  @Test
  void formulasOfALineAndOfABlockAreMathml() {
    MarkdownPage page = page("# A\n\nOf $`a`$, $`b`$ and `c`.\n\n```math\n\\frac{1}{N}\n```\n");
    assertThat(page.body())
        .contains(
            "Of <math><mrow><mi>a</mi></mrow></math>, <math><mrow><mi>b</mi></mrow></math> and")
        .contains("<code>c</code>")
        .contains("<math display=\"block\"><mrow><mfrac><mrow><mn>1</mn></mrow>")
        .doesNotContain("$");
  }

  private MarkdownPage page(String text) {
    return new MarkdownPage(text, links);
  }
}
