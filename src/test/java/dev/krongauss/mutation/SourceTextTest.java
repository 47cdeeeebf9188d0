package dev.krongauss.mutation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** How the text of a mutant is found in a kernel. */
final class SourceTextTest {
  @Test
  void layoutAndCommentsDoNotCount() {
    String source = "int a;\nfor (int k=0;\n     k < n; // all of them\n     k++ /* one */) {\n}\n";
    assertThat(new SourceText(source).replace("for(int k = 0; k < n; k++) {", 1, 1, "while (0) {"))
        .isEqualTo("int a;\nwhile (0) {\n}\n");
  }

  @Test
  void aTextInACommentIsNotFound() {
    assertThatThrownBy(() -> new SourceText("// alpha\nbeta").replace("alpha", 1, 1, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"alpha\" is there 0 times, not 1");
  }

  @Test
  void macrosOfSeveralLinesAreOneText() {
    assertThat(new SourceText("f(a, \\\n  b)").replace("a, b", 1, 1, "c")).isEqualTo("f(c)");
  }

  @Test
  void wordsAreWhole() {
    SourceText source = new SourceText("vector_end = end + endless;");
    assertThat(source.replace("end", 1, 1, "END")).isEqualTo("vector_end = END + endless;");
    assertThat(new SourceText("return x;").replace("return x", 1, 1, "")).isEqualTo(";");
    assertThatThrownBy(() -> new SourceText("returnx;").replace("return x", 1, 1, ""))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void oneOfSeveralIsChosenByItsNumber() {
    SourceText source = new SourceText("a b a c a");
    assertThat(source.replace("a", 2, 3, "X")).isEqualTo("a b X c a");
    assertThatThrownBy(() -> source.replace("a", 1, 1, "X"))
        .hasMessageContaining("is there 3 times, not 1");
  }
}
