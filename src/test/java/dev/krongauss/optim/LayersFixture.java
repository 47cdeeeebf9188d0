package dev.krongauss.optim;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Coefficients;
import dev.krongauss.kernel.Control;
import org.junit.jupiter.api.BeforeEach;

/** A system of two layers whose update is decided on: A = diag(1 + 0.75 · 2, 3 + 0.75). */
abstract class LayersFixture extends ControlFixture {
  static final float NAN = Float.NaN;
  static final float INFINITY = Float.POSITIVE_INFINITY;
  static final int LAYERS = 2;

  final Coefficients coefficients = new Coefficients(device);
  final Matrix C = arena.matrix(LAYERS, LAYERS, "C");
  final Buffer measures = arena.floats(4 * LAYERS, "measures");
  final Buffer along = arena.floats(LAYERS, "along");
  final Buffer x = arena.floats(LAYERS, "x");
  final Buffer traces = arena.floats(2 * LAYERS, "traces");
  final Buffer tracesBefore = arena.floats(2 * LAYERS, "traces before");

  /** r, q, p and w. */
  static float[] usualMeasures() {
    return new float[] {-3, -7, 2, 1, -1, -1, 5, 3};
  }

  @BeforeEach
  void usualSystem() {
    usual();
    set(Control.LAMBDA, 0.5f).set(Control.KAPPA, 0f).set(Control.REJECTED, 4);
    C.upload(new float[] {1, NAN, 0, 3}, s);
    measures.upload(usualMeasures(), s);
    infos.uploadInts(new int[RUNGS * 2], s);
    gammas.upload(new float[] {0.25f, 2.5f, 25}, s);
  }

  /** Of an update that has not refreshed. */
  void decide(boolean adapts) {
    decide(adapts, false);
  }

  void decide(boolean adapts, boolean refreshed) {
    upload();
    coefficients.decide(
        s,
        new Coefficients.Decision(
            new Coefficients.Model(C, measures.pointer(), 0),
            along.pointer(),
            x.pointer(),
            block.pointer(),
            ladder(),
            new Coefficients.Traces(refreshed ? traces.pointer() : 0, tracesBefore.pointer()),
            new Control.Rules(0.25f, 2, 1000, true, false, adapts, adapts)));
  }
}
