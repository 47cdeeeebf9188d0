package dev.krongauss.precondition;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.TraceDamping;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The second-order half of a trainer of one's own: a preconditioner of two layers, whose inputs
 * stay where they are and change from step to step.
 */
final class CapturedTrainer implements AutoCloseable {
  /** A plain mean for three batches, then settled. */
  private static final double DECAY = 0.7;

  private static final int[] INPUTS = {5, 66, 4};
  private static final int[] OUTPUTS = {65, 3, 70};

  /** The layer that keeps the diagonal of G alone. */
  private static final int DIAGONAL = 2;

  private static final int K = 2;

  /** What a trainer calls in a step. */
  enum Calls {
    ACCUMULATE {
      @Override
      void enqueue(CapturedTrainer t, Stream s) {
        t.accumulate(s);
      }
    },
    ACCUMULATE_CURVATURE {
      @Override
      void enqueue(CapturedTrainer t, Stream s) {
        for (int l = 0; l < DIAGONAL; l++) {
          t.preconditioner.accumulateCurvature(l, t.activations.get(l), t.curvatures.get(l), s);
        }
        t.accumulateDiagonal(s);
      }
    },
    WHOLE_STEP {
      @Override
      void enqueue(CapturedTrainer t, Stream s) {
        t.accumulate(s);
        t.preconditioner.refresh(s);
        t.preconditioner.apply(t.gradients, t.directions, s);
      }
    },
    LAYER_BY_LAYER {
      @Override
      void enqueue(CapturedTrainer t, Stream s) {
        ACCUMULATE_CURVATURE.enqueue(t, s);
        t.preconditioner.refresh(s);
        for (int l = 0; l < INPUTS.length; l++) {
          t.preconditioner.apply(l, t.gradients.get(l), t.directions.get(l), s);
        }
      }
    },
    CANDIDATES {
      @Override
      void enqueue(CapturedTrainer t, Stream s) {
        t.accumulate(s);
        t.candidates.refresh(s);
        t.candidates.apply(1, t.gradients, t.directions, s);
      }
    },
    RESTART {
      @Override
      void enqueue(CapturedTrainer t, Stream s) {
        t.preconditioner.restart(s);
        t.accumulate(s);
      }
    };

    abstract void enqueue(CapturedTrainer trainer, Stream s);

    boolean factorises() {
      return this == WHOLE_STEP || this == LAYER_BY_LAYER || this == CANDIDATES;
    }
  }

  final Preconditioner preconditioner;
  private final Arena arena;
  private final DampingCandidates candidates;
  private final List<Matrix> activations = new ArrayList<>();
  private final List<Matrix> roots = new ArrayList<>();
  private final List<Matrix> curvatures = new ArrayList<>();
  private final List<Matrix> gradients = new ArrayList<>();
  private final List<Matrix> directions = new ArrayList<>();

  CapturedTrainer(Device device, Operations.Mode mode, int datapoints) {
    arena = device.newArena("captured trainer");
    Preconditioner.Builder builder =
        Preconditioner.on(device).decay(DECAY).gamma(0.125).operations(mode);
    for (int l = 0; l < INPUTS.length; l++) {
      if (l == DIAGONAL) {
        builder.diagonalLayer(INPUTS[l], OUTPUTS[l]);
      } else {
        builder.layer(INPUTS[l], OUTPUTS[l]);
      }
      activations.add(arena.matrix(datapoints, INPUTS[l], "activations"));
      roots.add(arena.matrix(datapoints * K, OUTPUTS[l], "roots"));
      curvatures.add(arena.matrix(l == DIAGONAL ? 1 : OUTPUTS[l], OUTPUTS[l], "curvature"));
      gradients.add(arena.matrix(OUTPUTS[l], INPUTS[l], "gradient"));
      directions.add(arena.matrix(OUTPUTS[l], INPUTS[l], "direction"));
    }
    preconditioner = builder.build();
    candidates =
        preconditioner.candidates(new TraceDamping.Candidates(10, 100, 0, Float.POSITIVE_INFINITY));
  }

  /** The data of a step, the same for the same number; waits for the stream. */
  void load(int step, Stream s) {
    SplittableRandom random = new SplittableRandom(step);
    for (List<Matrix> each : List.of(activations, roots, gradients)) {
      for (Matrix matrix : each) {
        matrix.upload(
            DeviceBatch.compact(Problem.random(matrix.rows(), matrix.columns(), random)), s);
      }
    }
    for (Matrix G : curvatures) {
      int d = G.columns();
      float[] values = new float[G.rows() * d];
      for (int i = 0; i < d; i++) {
        values[G.rows() == 1 ? i : i * d + i] = (float) (1 + random.nextDouble());
      }
      G.upload(values, s);
    }
  }

  void accumulate(Stream s) {
    for (int l = 0; l < DIAGONAL; l++) {
      preconditioner.accumulate(l, activations.get(l), roots.get(l), s);
    }
    accumulateDiagonal(s);
  }

  private void accumulateDiagonal(Stream s) {
    preconditioner.accumulateCurvatureDiagonal(
        DIAGONAL, activations.get(DIAGONAL), curvatures.get(DIAGONAL), s);
  }

  void apply(Stream s) {
    preconditioner.apply(gradients, directions, s);
  }

  /** Lower triangles of all factors, and the directions. */
  float[][] results(Stream s) {
    List<float[]> results = new ArrayList<>();
    for (int l = 0; l < INPUTS.length; l++) {
      results.add(lower(preconditioner.factors().Q(l), s));
      results.add(lower(preconditioner.factors().G(l), s));
      results.add(directions.get(l).download(s));
    }
    return results.toArray(float[][]::new);
  }

  private static float[] lower(Matrix S, Stream s) {
    float[] values = S.download(s);
    for (int i = 0; i < S.rows(); i++) {
      Arrays.fill(values, i * S.rows() + i + 1, (i + 1) * S.rows(), 0);
    }
    return values;
  }

  @Override
  public void close() {
    preconditioner.close();
    arena.close();
  }
}
