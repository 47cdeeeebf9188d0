package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.page.Drawing;
import dev.krongauss.bench.page.HeldOut;
import dev.krongauss.bench.page.Picture;
import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.bench.run.Results;
import dev.krongauss.bench.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Table, pictures and page of what a comparison has come to. */
final class ComparisonPageTest {
  @TempDir Path folder;

  @Test
  void resultsAreATableTwoPicturesAndOnePage() throws IOException {
    List<Curve> curves = List.of(curve("kfra", 100), curve("adam", 300));
    try (RunFolder run = RunFolder.create(folder)) {
      for (Picture picture : Picture.values()) {
        picture.write(folder, "a < b", curves);
      }
      run.writeSummary(curves);
      run.writePage(html(curves));
    }
    assertThat(folder.resolve(RunFolder.SUMMARY))
        .content()
        .startsWith(
            "optimizer,seed,updates,seconds,ms_per_update,objective,best,failure,evaluated,averaged\n"
                + "kfra,1,50,");
    for (Picture picture : Picture.values()) {
      assertThat(folder.resolve(picture.file("png"))).isNotEmptyFile();
      assertThat(folder.resolve(picture.file("svg"))).content().contains("<svg");
    }
    String page = Files.readString(folder.resolve(RunFolder.PAGE));
    assertThat(page).contains("a &lt; b", "<td>kfra</td>", "<td>adam</td>").doesNotContain("<?xml");
    assertThat(page.split("<svg", -1)).hasSize(3);
  }

  /** Dashes are held-out rows, so that what has no averages has dots. */
  @Test
  void heldOutRowsAreDashedAndWhatHasNoAveragesHasDots() throws IOException {
    Curve kfra = curve("kfra", 100);
    String plain = html(List.of(kfra));
    assertThat(plain).doesNotContain("stroke-dasharray:7,5", "Dashed", "With dots");
    for (int update = 10; update <= 50; update += 10) {
      double none = Double.NaN;
      kfra.add(
          new HeldOut(update, 0.1 * update, false, 200 - update, none, none, none, none, none));
    }
    assertThat(html(List.of(kfra)))
        .contains("stroke-dasharray:7,5", "Dashed: the objective on held-out rows")
        .doesNotContain("With dots");
    String dots = html(List.of(curve("kfra:no-average", 100)));
    assertThat(dots).contains("With dots: curvature").doesNotContain("stroke-dasharray:7,5");
    assertThat(dots.split("<(circle|ellipse)", -1).length).isGreaterThan(10);
  }

  @Test
  void resultsCanBeWrittenBeforeTheFirstOptimiserEnds() throws IOException {
    try (RunFolder run = RunFolder.create(folder)) {
      Picture.UPDATES.write(folder, "t", List.of());
      run.writeSummary(List.of());
      run.writePage(html(List.of()));
    }
    assertThat(folder.resolve(RunFolder.PAGE)).content().contains("<table>").doesNotContain("<svg");
    assertThat(folder.resolve(Picture.UPDATES.file("svg"))).doesNotExist();
  }

  @Test
  void anOptimiserThatNeverMadeANumberIsInTheTableButNotInThePicture() throws IOException {
    Curve lost = new Curve("sgd", 1);
    lost.add(1, Double.NaN);
    lost.failed("after 1 updates: diverged");
    try (RunFolder run = RunFolder.create(folder)) {
      Picture.UPDATES.write(folder, "t", List.of(lost));
      run.writeSummary(List.of(lost));
      run.writePage(html(List.of(lost)));
    }
    assertThat(folder.resolve(Picture.UPDATES.file("png"))).doesNotExist();
    assertThat(folder.resolve(RunFolder.SUMMARY)).content().contains("after 1 updates: diverged");
    assertThat(folder.resolve(RunFolder.PAGE))
        .content()
        .contains("sgd (seed 1) stopped after 1 updates");
  }

  private static String html(List<Curve> curves) throws IOException {
    CompareOptions options = new CompareOptions();
    options.batch = 100;
    options.scale = 1.0;
    options.grid.scale = 1.0;
    options.grid.updates = 200L;
    Results results =
        new Results(
            options.conditions(NetworkShape.autoencoder(784, 1), "loss", false),
            curves,
            List.of(),
            List.of(),
            List.of(),
            List.of());
    return ComparisonPage.of(results, "bench/compare --out 'a < b'", "device, 2026-11-29")
        .html(new Drawing("test"));
  }

  private static Curve curve(String label, double height) {
    Curve curve = new Curve(label, 1);
    for (int i = 0; i < 50; i++) {
      curve.add(0.1 * (i + 1), 30 + height * Math.exp(-0.1 * i));
    }
    return curve;
  }
}
