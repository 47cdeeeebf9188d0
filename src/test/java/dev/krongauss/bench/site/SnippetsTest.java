package dev.krongauss.bench.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.data.RealData;
import dev.krongauss.testing.Snippet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Java on the pages compiles, and its programs do what the pages say. */
final class SnippetsTest {
  private static final Path PAGES = Path.of(System.getProperty("krongauss.home", ""), "src/site");
  private static final double SLOPE_ERROR = 0.2;

  @TempDir private Path folder;

  static Stream<Path> pages() throws IOException {
    try (Stream<Path> files = Files.list(PAGES)) {
      return files.filter(SnippetsTest::hasJava).map(Path::getFileName).sorted().toList().stream();
    }
  }

  private static boolean hasJava(Path file) {
    try {
      return file.toString().endsWith(".md") && !Snippet.of(file).isEmpty();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void allJavaCompiles(Path page) throws IOException {
    for (Snippet snippet : Snippet.of(PAGES.resolve(page))) {
      snippet.compile(folder);
    }
  }

  @Test
  void theFitOfTheTrainingPageFits() throws Exception {
    String output = run("train.md");
    Matcher objective = Pattern.compile("objective ([-+.e\\d]+)").matcher(output);
    double last = Double.MAX_VALUE;
    while (objective.find()) {
      last = Double.parseDouble(objective.group(1));
    }
    // The noise alone has ½ · 0.05² = 0.00125.
    assertThat(last).as(output).isBetween(0.0011, 0.004);
    assertThat(output).contains("1000 outputs").containsPattern("kf(lr|ra)");
  }

  @Test
  void theRobustLossOfTheLossPageLeavesTheOutlierOut() throws Exception {
    String output = run("loss.md");
    Matcher slope = Pattern.compile("slope ([-.\\d]+)").matcher(output);
    assertThat(slope.find()).as(output).isTrue();
    assertThat(Double.parseDouble(slope.group(1)))
        .as(output)
        .isBetween(2 - SLOPE_ERROR, 2 + 2 * SLOPE_ERROR);
  }

  /**
   * The differential equation has y(1/2) = 2 log cosh(θ/4) with θ = √2 cosh(θ/4). Residuals of norm
   * 2e-4 move y by 1.5e-3, the least singular value of their derivative being 0.13; differences at
   * nine points are off by 2.3e-4.
   */
  @Test
  void theBoundaryProblemOfTheLossPageIsSolved() throws Exception {
    String output = run("loss.md", 1);
    double theta = 1;
    for (int k = 0; k < 100; k++) {
      theta = Math.sqrt(2) * Math.cosh(theta / 4);
    }
    Matcher middle = Pattern.compile("y\\(1/2\\) = ([-.E\\d]+)").matcher(output);
    assertThat(middle.find()).as(output).isTrue();
    assertThat(Double.parseDouble(middle.group(1)))
        .as(output)
        .isCloseTo(2 * Math.log(Math.cosh(theta / 4)), within(1.73e-3));
  }

  /**
   * Differences leave out H⁴ y⁽⁶⁾ / 90, at most 5e-5, and rounding adds up to 1e-4; y'' = 2 y³
   * moves y by an eighth of its right side at most.
   */
  @Test
  void theEquationOfTheFittingPageIsSolved() throws Exception {
    Matcher error = Pattern.compile("largest error ([-.E\\d]+)").matcher(run("fit.md"));
    assertThat(error.find()).isTrue();
    assertThat(Double.parseDouble(error.group(1))).isLessThan(2e-5);
  }

  /** Seen: 7.4e-6, and 4.9e-6 and 6.7e-6 from other starts; the values' deviation is 8e-2. */
  @Test
  void theSurrogateOfTheFittingPageIsAsExactAsItSays() throws Exception {
    Matcher error = Pattern.compile("RMSE ([-.E\\d]+)").matcher(run("fit.md", 1));
    assertThat(error.find()).isTrue();
    assertThat(Double.parseDouble(error.group(1))).isBetween(1e-7, 1e-5);
  }

  /** The mean of all rows leaves 115,000 dollars. */
  @Test
  void californiaIsFittedInSampleSpace() throws Exception {
    String file = "tabular/california_housing.csv";
    Path table = RealData.folderWith(file).resolve(file);
    theMethodsAreInOrder(
        run("fit.md", 2, table.toString(), "median_house_value", "2000", "60", "10"), 70_000);
  }

  /** The mean of all rows leaves 3.2 rings. */
  @Test
  void abaloneIsFittedWithAllRows() throws Exception {
    String file = "tabular/abalone.csv";
    Path table = RealData.folderWith(file).resolve(file);
    theMethodsAreInOrder(run("fit.md", 2, table.toString(), "rings", "4000", "10", "10"), 2.3);
  }

  /** After as many updates the second-order methods are below a bound, and Adam above both. */
  private static void theMethodsAreInOrder(String output, double bound) {
    Matcher line = Pattern.compile("(?m)^(exact|kflr|adam) RMSE ([-.E\\d]+),").matcher(output);
    Map<String, Double> errors = new LinkedHashMap<>();
    while (line.find()) {
      errors.put(line.group(1), Double.parseDouble(line.group(2)));
    }
    assertThat(errors.keySet()).as(output).containsExactly("exact", "kflr", "adam");
    assertThat(errors.get("exact")).as(output).isBetween(0.0, bound).isLessThan(errors.get("adam"));
    assertThat(errors.get("kflr")).as(output).isBetween(0.0, bound).isLessThan(errors.get("adam"));
  }

  /** The first whole program of a page. */
  private String run(String page) throws Exception {
    return run(page, 0);
  }

  private String run(String page, int programs, String... arguments) throws Exception {
    Snippet program =
        Snippet.of(PAGES.resolve(page)).stream()
            .filter(Snippet::program)
            .skip(programs)
            .findFirst()
            .orElseThrow();
    program.compile(folder);
    return program.run(folder, arguments);
  }
}
