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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The pictures of a run: the objective's sliding mean of ten, logarithmic, against two things. */
public enum Picture {
  UPDATES("update", point -> point.update()),
  SECONDS("seconds of training", Curve.Point::seconds);

  private static final int WIDTH = 900;
  private static final int HEIGHT = 540;
  private static final int TICK_SPACING = 80;
  private static final int PNG_DPI = 160;

  /** More would not be seen and makes the page heavy. */
  private static final int MAX_POINTS = 400;

  private static final Color GRID = new Color(0xe3e3e3);
  private static final Color TEXT = new Color(0x333333);

  private static final float[] DASHES = {7, 5};

  private final String axis;
  private final ToDoubleFunction<Curve.Point> x;

  Picture(String axis, ToDoubleFunction<Curve.Point> x) {
    this.axis = axis;
    this.x = x;
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
            .yAxisTitle("objective, mean of ten updates")
            .build();
    style(chart);
    Palette palette = Palette.of(curves.stream().map(Curve::label).distinct().toList());
    curves.forEach(curve -> draw(chart, curve, palette));
    return chart;
  }

  /** One line a seed; the legend names an optimiser once. */
  private void draw(XYChart chart, Curve curve, Palette palette) {
    List<Double> xs = new ArrayList<>();
    List<Double> ys = new ArrayList<>();
    for (Curve.Point point : thinned(curve.points())) {
      xs.add(x.applyAsDouble(point));
      ys.add(point.slidingMean());
    }
    if (xs.isEmpty()) {
      return;
    }
    boolean named = chart.getSeries(curve.label()) != null;
    XYSeries series =
        chart.addSeries(named ? curve.label() + " seed " + curve.seed() : curve.label(), xs, ys);
    series.setShowInLegend(!named);
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(palette.color(curve.label()));
    series.setLineStyle(
        Palette.dashed(curve.label())
            ? new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, DASHES, 0)
            : new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
  }

  /** A logarithm has no place for a diverged objective, nor for one that is not positive. */
  private static List<Curve.Point> thinned(List<Curve.Point> points) {
    List<Curve.Point> drawable =
        points.stream()
            .filter(p -> p.slidingMean() > 0 && p.slidingMean() < Double.POSITIVE_INFINITY)
            .toList();
    int every = Math.max(1, (drawable.size() + MAX_POINTS - 1) / MAX_POINTS);
    List<Curve.Point> kept = new ArrayList<>();
    for (int i = 0; i < drawable.size(); i++) {
      if (i % every == 0 || i == drawable.size() - 1) {
        kept.add(drawable.get(i));
      }
    }
    return kept;
  }

  private static void style(XYChart chart) {
    chart
        .getStyler()
        .setXAxisMin(0.0)
        .setXAxisTickMarkSpacingHint(TICK_SPACING)
        .setYAxisLogarithmic(true)
        .setYAxisLogarithmicDecadeOnly(false)
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
