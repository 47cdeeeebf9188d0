package dev.krongauss.bench.analyse;

import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler;

/** Pictures as SVG text. */
final class Pictures {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 480;
  private static final int SQUARE = 620;
  private static final int LEGEND = 140;

  /** How an axis is divided. */
  enum Axis {
    LINEAR,
    LOGARITHMIC
  }

  private Pictures() {}

  /**
   * Lines with markers.
   *
   * @param series by name: x and y of each point, both of the same length; y that a logarithm
   *     cannot take is left out
   */
  static String lines(
      String title, String x, Axis xAxis, String y, Axis yAxis, Map<String, double[][]> series)
      throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    chart
        .getStyler()
        .setXAxisLogarithmic(xAxis == Axis.LOGARITHMIC)
        .setYAxisLogarithmic(yAxis == Axis.LOGARITHMIC);
    plain(chart.getStyler());
    for (Map.Entry<String, double[][]> line : series.entrySet()) {
      List<Double> xs = new ArrayList<>();
      List<Double> ys = new ArrayList<>();
      for (int i = 0; i < line.getValue()[0].length; i++) {
        double value = line.getValue()[1][i];
        if (Double.isFinite(value) && (yAxis == Axis.LINEAR || value > 0)) {
          xs.add(line.getValue()[0][i]);
          ys.add(value);
        }
      }
      if (!xs.isEmpty()) {
        chart.addSeries(line.getKey(), xs, ys);
      }
    }
    return svg(chart);
  }

  /** A surface over a square grid, {@code values[y][x]}, both coordinates from −reach to reach. */
  static String surface(String title, double reach, double[][] values) throws IOException {
    int side = values.length;
    HeatMapChart chart =
        new HeatMapChartBuilder()
            .width(SQUARE + LEGEND)
            .height(SQUARE)
            .title(title)
            .xAxisTitle("along the first direction")
            .yAxisTitle("along the second")
            .build();
    plain(chart.getStyler());
    chart
        .getStyler()
        .setHeatMapDecimalValueFormatter(value -> String.format(Locale.ROOT, "%.2f", value));
    chart.getStyler().setXAxisMaxLabelCount(9);
    List<Double> axis = new ArrayList<>();
    List<Number[]> points = new ArrayList<>();
    for (int i = 0; i < side; i++) {
      axis.add(Math.round(100 * reach * (2.0 * i / (side - 1) - 1)) / 100.0);
      for (int j = 0; j < side; j++) {
        points.add(new Number[] {j, i, values[i][j]});
      }
    }
    chart.addSeries("value", axis, axis, points);
    return svg(chart);
  }

  private static void plain(Styler styler) {
    styler
        .setChartBackgroundColor(Color.WHITE)
        .setPlotBackgroundColor(Color.WHITE)
        .setPlotBorderVisible(false)
        .setLegendPosition(Styler.LegendPosition.OutsideE);
  }

  private static String svg(Chart<?, ?> chart) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ChartEncoder.saveChart(chart, bytes, "svg");
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
