package dev.krongauss.bench.analyse;

import dev.krongauss.curvature.Method;
import dev.krongauss.device.Matrix;
import dev.krongauss.precondition.Preconditioner;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The directions that are compared, and Adam's moments along the run. */
final class Directions {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;

  private final Subject subject;
  private final List<Matrix> g;
  private final List<Matrix> exact;
  private final Map<String, List<Matrix>> all = new LinkedHashMap<>();
  private final float[][] m;
  private final float[][] v;
  private int steps;

  Directions(Subject subject) {
    this.subject = subject;
    this.g = subject.like("gradient");
    this.exact = subject.like("exact step");
    all.put(AlignmentRun.EXACT, exact);
    for (String name : List.of("KFRA", "KFLR", "KFAC", "SGD", "Adam")) {
      all.put(name, subject.like(name));
    }
    m = new float[g.size()][];
    v = new float[g.size()][];
    for (int l = 0; l < g.size(); l++) {
      m[l] = new float[g.get(l).rows() * g.get(l).columns()];
      v[l] = new float[m[l].length];
    }
  }

  /** The gradient, a matrix a layer. */
  List<Matrix> g() {
    return g;
  }

  /** Where the exact step is put, a matrix a layer. */
  List<Matrix> exact() {
    return exact;
  }

  /** The gradient at the subject's batch; Adam's moments follow it. */
  void gradient(double l2) {
    subject.gradient(l2, g);
    steps++;
    for (int l = 0; l < g.size(); l++) {
      float[] values = g.get(l).download(subject.s);
      for (int i = 0; i < values.length; i++) {
        m[l][i] += (float) ((1 - BETA1) * (values[i] - m[l][i]));
        v[l][i] += (float) ((1 - BETA2) * ((double) values[i] * values[i] - v[l][i]));
      }
    }
  }

  /**
   * Every direction at the subject's batch, by name; the exact step, as it was put there, first.
   *
   * @param update from 1, which KFAC's samples follow
   */
  Map<String, List<Matrix>> all(double damping, int update) {
    for (Method method : List.of(Method.KFRA, Method.KFLR, Method.KFAC)) {
      try (Preconditioner preconditioner =
          subject.preconditioner(method, Math.sqrt(damping), 77, update)) {
        preconditioner.apply(g, all.get(method.name()), subject.s);
        subject.s.synchronize(); // the preconditioner's memory is in use until then
      }
    }
    for (int l = 0; l < g.size(); l++) {
      float[] values = g.get(l).download(subject.s);
      float[] adam = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        double first = m[l][i] / (1 - Math.pow(BETA1, steps));
        double second = v[l][i] / (1 - Math.pow(BETA2, steps));
        adam[i] = (float) (-first / (Math.sqrt(second) + 1e-8));
        values[i] = -values[i];
      }
      all.get("SGD").get(l).upload(values, subject.s);
      all.get("Adam").get(l).upload(adam, subject.s);
    }
    return all;
  }
}
