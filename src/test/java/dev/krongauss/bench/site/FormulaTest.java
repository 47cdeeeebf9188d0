package dev.krongauss.bench.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TeX as MathML. */
final class FormulaTest {
  @Test
  void scriptsFractionsAndSums() {
    assertThat(body("\\bar a_{l-1}"))
        .isEqualTo(
            "<msub><mover accent=\"true\"><mi>a</mi><mo>‾</mo></mover>"
                + "<mrow><mi>l</mi><mo>−</mo><mn>1</mn></mrow></msub>");
    assertThat(body("\\frac{1}{N}"))
        .isEqualTo("<mfrac><mrow><mn>1</mn></mrow><mrow><mi>N</mi></mrow></mfrac>");
    assertThat(body("\\sum_n^N"))
        .isEqualTo("<munderover><mo>∑</mo><mi>n</mi><mi>N</mi></munderover>");
    assertThat(body("C^\\top_n")).isEqualTo("<msubsup><mi>C</mi><mi>n</mi><mi>⊤</mi></msubsup>");
    assertThat(body("\\mathcal{G}")).isEqualTo("<mi>𝒢</mi>");
    assertThat(body("\\text{tr}\\,Q"))
        .isEqualTo("<mtext>tr</mtext><mspace width=\"0.17em\"/><mi>Q</mi>");
  }

  @Test
  void bracesThatGrowBelongTogether() {
    assertThat(body("\\left( x \\right)^2"))
        .isEqualTo(
            "<msup><mrow><mo stretchy=\"true\">(</mo><mrow><mi>x</mi></mrow>"
                + "<mo stretchy=\"true\">)</mo></mrow><mn>2</mn></msup>");
    assertThat(body("a < b")).isEqualTo("<mi>a</mi><mo>&lt;</mo><mi>b</mi>");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\\fraction{1}{2}",
        "{a",
        "a}",
        "\\frac{1}",
        "\\left( a",
        "\\mathcal{Z}",
        "a^",
        "\\text x"
      })
  void whatIsNoFormulaIsAnError(String tex) {
    assertThatThrownBy(() -> Formula.mathml(tex, false)).isInstanceOf(SiteException.class);
  }

  private static String body(String tex) {
    return Formula.mathml(tex, false).replaceAll("^<math><mrow>|</mrow></math>$", "");
  }
}
