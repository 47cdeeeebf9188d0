package dev.krongauss.bench.page;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The pictures of a run: the objective's sliding mean of ten, logarithmic, against two things. */
public enum Picture {
  UPDATES("update", point -> point.update(), judged -> judged.update()),
  SECONDS("seconds of training", Curve.Point::seconds, HeldOut::seconds);

  private static final int WIDTH = 900;
  private static final int HEIGHT = 540;
  private static final int TICK_SPACING = 80;
  private static final int PNG_DPI = 160;

  /** More would not be seen and makes the page heavy. */
  private static final int MAX_POINTS = 400;

  /** Dots on a curve without averages. */
  private static final int DOTS = 16;

  /** Greatest by least objective, beyond which the labels between powers of ten overlap. */
  private static final double MOST_WITH_ALL_LABELS = 200;

  /** Pixels from point to point of a dashed line, more than a dash and its gap. */
  private static final double APART = 18;

  /** Behind names of series that the legend does not show. */
  private static final String LINE = ", line";

  private static final String HELD_OUT = ", held-out";

  private static final Color GRID = new Color(0xe3e3e3);
  private static final Color TEXT = new Color(0x333333);

  private static final float[] DASHES = {7, 5};

  private final String axis;
  private final ToDoubleFunction<Curve.Point> x;
  private final ToDoubleFunction<HeldOut> heldOutX;

  Picture(String axis, ToDoubleFunction<Curve.Point> x, ToDoubleFunction<HeldOut> heldOutX) {
    this.axis = axis;
    this.x = x;
    this.heldOutX = heldOutX;
  }

  /** The file's name, as {@code objective-updates.svg}. */
  public String file(String extension) {
    return "objective-" + name().toLowerCase(Locale.ROOT) + "." + extension;
  }

  /**
   * Writes each picture, as {@link #write} does; gives how many there are.
   *
   * @throws IOException if a file cannot be written
   */
  public static int writeAll(Path folder, String title, List<Curve> curves) throws IOException {
    for (Picture picture : values()) {
      picture.write(folder, title, curves);
    }
    return values().length;
  }

  /**
   * Writes PNG and SVG; a run without one point that can be drawn gets no picture.
   *
   * @throws IOException if a file cannot be written
   */
  public void write(Path folder, String title, List<Curve> curves) throws IOException {
    Optional<String> svg = svg(title, curves);
    if (svg.isPresent()) {
      Files.writeString(folder.resolve(file("svg")), svg.get());
      String png = folder.resolve(file("png")).toString();
      BitmapEncoder.saveBitmapWithDPI(chart(title, curves), png, BitmapFormat.PNG, PNG_DPI);
    }
  }

  /**
   * The picture as SVG text; empty without one point that can be drawn.
   *
   * @throws IOException if it cannot be made
   */
  public Optional<String> svg(String title, List<Curve> curves) throws IOException {
    XYChart chart = chart(title, curves);
    if (chart.getSeriesCollection().isEmpty()) {
      return Optional.empty();
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ChartEncoder.saveChart(chart, bytes, "svg");
    return Optional.of(bytes.toString(StandardCharsets.UTF_8));
  }

  private XYChart chart(String title, List<Curve> curves) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(axis)
            .yAxisTitle(
                curves.stream().anyMatch(curve -> curve.bestHeldOut().isPresent())
                    ? "objective, mean of ten updates; dashed: held-out rows"
                    : "objective, mean of ten updates")
            .build();
    Scale scale = scale(curves);
    style(chart, scale);
    Palette palette = Palette.of(curves.stream().map(Curve::label).distinct().toList());
    curves.forEach(curve -> draw(chart, curve, palette, scale));
    return chart;
  }

  /** One line a seed, and one of its held-out rows; the legend names an optimiser once. */
  private void draw(XYChart chart, Curve curve, Palette palette, Scale scale) {
    List<Curve.Point> drawn = thinned(curve.points(), Curve.Point::slidingMean, MAX_POINTS);
    if (drawn.isEmpty()) {
      return;
    }
    boolean named = chart.getSeries(curve.label()) != null;
    boolean dots = Palette.dotted(curve.label());
    String name = named ? curve.label() + " seed " + curve.seed() : curve.label();
    Color color = palette.color(curve.label());
    if (dots) {
      List<Curve.Point> few = thinned(curve.points(), Curve.Point::slidingMean, DOTS);
      XYSeries marks = add(chart, name, few, x, Curve.Point::slidingMean, color);
      marks.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(color).setLineStyle(SeriesLines.NONE);
      marks.setShowInLegend(!named);
    }
    XYSeries line =
        add(chart, dots ? name + LINE : name, drawn, x, Curve.Point::slidingMean, color);
    line.setShowInLegend(!named && !dots);
    drawHeldOut(chart, name, curve, color, scale);
  }

  /** Dashed, and thinner, for it is noted less often. */
  private void drawHeldOut(XYChart chart, String name, Curve curve, Color color, Scale scale) {
    List<HeldOut> drawn =
        apart(thinned(best(curve.heldOut()), HeldOut::objective, MAX_POINTS), scale);
    if (!drawn.isEmpty()) {
      XYSeries series = add(chart, name + HELD_OUT, drawn, heldOutX, HeldOut::objective, color);
      series.setShowInLegend(false);
      series.setLineStyle(
          new BasicStroke(1.6f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, DASHES, 0));
    }
  }

  /** How far the axes reach: the greatest x, and the natural logarithm of greatest by least y. */
  private record Scale(double x, double logarithms) {}

  private Scale scale(List<Curve> curves) {
    double greatestX =
        curves.stream().flatMap(c -> c.points().stream()).mapToDouble(x).max().orElse(1);
    DoubleSummaryStatistics y =
        curves.stream()
            .flatMap(c -> thinned(c.points(), Curve.Point::slidingMean, MAX_POINTS).stream())
            .mapToDouble(Curve.Point::slidingMean)
            .summaryStatistics();
    return new Scale(greatestX, Math.max(1e-9, Math.log(y.getMax() / y.getMin())));
  }

  /**
   * Points so far from each other that a dash fits between two: each stretch of a line is dashed
   * from its own beginning, and short ones would join into a solid line.
   */
  private List<HeldOut> apart(List<HeldOut> points, Scale scale) {
    List<HeldOut> kept = new ArrayList<>();
    for (HeldOut each : points) {
      HeldOut last = kept.isEmpty() ? each : kept.get(kept.size() - 1);
      double across = (heldOutX.applyAsDouble(each) - heldOutX.applyAsDouble(last)) / scale.x;
      double down = Math.log(each.objective() / last.objective()) / scale.logarithms;
      boolean end = each == points.get(points.size() - 1);
      if (kept.isEmpty() || end || WIDTH * across + HEIGHT * Math.abs(down) >= APART) {
        kept.add(each);
      }
    }
    return kept;
  }

  private static <T> XYSeries add(
      XYChart chart,
      String name,
      List<T> points,
      ToDoubleFunction<T> x,
      ToDoubleFunction<T> y,
      Color color) {
    XYSeries series =
        chart.addSeries(
            name,
            points.stream().mapToDouble(x).toArray(),
            points.stream().mapToDouble(y).toArray());
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(color);
    series.setLineStyle(new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    return series;
  }

  /** Of the last and the averaged weights of an update the better ones. */
  private static List<HeldOut> best(List<HeldOut> judged) {
    Map<Long, HeldOut> best = new LinkedHashMap<>();
    judged.forEach(each -> best.merge(each.update(), each, (a, b) -> b.betterThan(a) ? b : a));
    return List.copyOf(best.values());
  }

  /** A logarithm has no place for a diverged objective, nor for one that is not positive. */
  private static <T> List<T> thinned(List<T> points, ToDoubleFunction<T> y, int most) {
    List<T> drawable =
        points.stream()
            .filter(p -> y.applyAsDouble(p) > 0 && y.applyAsDouble(p) < Double.POSITIVE_INFINITY)
            .toList();
    int every = Math.max(1, (drawable.size() + most - 1) / most);
    List<T> kept = new ArrayList<>();
    for (int i = 0; i < drawable.size(); i++) {
      if (i % every == 0 || i == drawable.size() - 1) {
        kept.add(drawable.get(i));
      }
    }
    return kept;
  }

  private static void style(XYChart chart, Scale scale) {
    chart
        .getStyler()
        .setXAxisMin(0.0)
        .setXAxisTickMarkSpacingHint(TICK_SPACING)
        .setYAxisLogarithmic(true)
        .setYAxisLogarithmicDecadeOnly(scale.logarithms > Math.log(MOST_WITH_ALL_LABELS))
        .setPlotGridLinesColor(GRID)
        .setPlotGridLinesStroke(new BasicStroke(1))
        .setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13))
        .setAxisTickLabelsColor(TEXT);
    chart
        .getStyler()
        .setChartBackgroundColor(Color.WHITE)
        .setChartFontColor(TEXT)
        .setChartTitleBoxVisible(false)
        .setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 15))
        .setPlotBackgroundColor(Color.WHITE)
        .setPlotBorderVisible(false)
        .setLegendPosition(Styler.LegendPosition.InsideNE)
        .setLegendBorderColor(GRID)
        .setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
  }
}
