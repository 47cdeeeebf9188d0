package dev.krongauss.bench.analyse;

import dev.krongauss.device.Device;
import dev.krongauss.net.Activation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The loss over two random directions, within one layer and across layers. */
final class ErrorSurfaces implements Analysis {
  private static final double REACH = 2;
  private static final int N = 50;

  @Override
  public String title() {
    return "Error surfaces along two random directions";
  }

  @Override
  public void run(Device device, Scale scale, Sheet sheet) throws IOException {
    sheet.text(
        "ReLU network 8-10-10-4, squared error, %d datapoints. Within one layer the loss is piecewise a convex"
            + " quadratic: no smooth local maximum and no smooth saddle. Across layers products of weights make saddles.",
        N);
    List<List<String>> rows = new ArrayList<>();
    try (Small small =
        new Small(
            device,
            Activation.RELU,
            Small.Targets.REAL.loss(),
            Small.Targets.REAL,
            N,
            5,
            8,
            10,
            10,
            4)) {
      for (Plane plane : Plane.values()) {
        double[][] values = surface(small.subject, plane, scale.grid());
        sheet.picture(
            "surface-" + plane + ".svg", () -> Pictures.surface(plane.title, REACH, values));
        for (int i = 0; i < values.length; i++) {
          for (int j = 0; j < values.length; j++) {
            rows.add(
                List.of(
                    plane.toString(),
                    Sheet.number(coordinate(j, values.length)),
                    Sheet.number(coordinate(i, values.length)),
                    Sheet.number(values[i][j])));
          }
        }
      }
    }
    sheet.csv("surfaces.csv", List.of("plane", "first", "second", "loss"), rows);
  }

  /** Where the two directions lie. */
  private enum Plane {
    WITHIN("both directions within layer 2"),
    ACROSS("one direction in layer 2, the other in layer 3");

    private final String title;

    Plane(String title) {
      this.title = title;
    }

    private int layer(int direction) {
      return this == WITHIN || direction == 0 ? 1 : 2;
    }

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  private static double coordinate(int index, int side) {
    return REACH * (2.0 * index / (side - 1) - 1);
  }

  /** Loss at W + x D_1 + y D_2; the directions have the norm of their layer's weights. */
  private static double[][] surface(Subject subject, Plane plane, int side) {
    float[][] start = subject.network.weights();
    SplittableRandom random = new SplittableRandom(17);
    float[][] direction = {
      direction(start[plane.layer(0)], random), direction(start[plane.layer(1)], random)
    };
    double[][] values = new double[side][side];
    for (int i = 0; i < side; i++) {
      for (int j = 0; j < side; j++) {
        float[][] moved = start.clone();
        moved[plane.layer(0)] = moved(moved[plane.layer(0)], coordinate(j, side), direction[0]);
        moved[plane.layer(1)] = moved(moved[plane.layer(1)], coordinate(i, side), direction[1]);
        subject.network.setWeights(moved);
        subject.again();
        values[i][j] = subject.loss();
      }
    }
    subject.network.setWeights(start);
    subject.again();
    return values;
  }

  private static float[] direction(float[] W, SplittableRandom random) {
    double[] d = new double[W.length];
    double norm2 = 0;
    double weights2 = 0;
    for (int i = 0; i < d.length; i++) {
      d[i] = 2 * random.nextDouble() - 1;
      norm2 += d[i] * d[i];
      weights2 += W[i] * W[i];
    }
    float[] result = new float[d.length];
    for (int i = 0; i < d.length; i++) {
      result[i] = (float) (d[i] * Math.sqrt(weights2 / norm2));
    }
    return result;
  }

  private static float[] moved(float[] W, double step, float[] direction) {
    float[] result = W.clone();
    for (int i = 0; i < W.length; i++) {
      result[i] += (float) (step * direction[i]);
    }
    return result;
  }
}
