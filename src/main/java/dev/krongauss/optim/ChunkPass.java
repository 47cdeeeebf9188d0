package dev.krongauss.optim;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.LayerTrace;
import java.util.List;

/**
 * A chunk of a batch within the model's last pass.
 *
 * @param k of this rank's chunks
 * @param first row of the pass
 * @param h outputs of the chunk
 * @param targets of the chunk
 * @param whole traces of the pass
 */
record ChunkPass(int k, int first, Matrix h, Matrix targets, List<LayerTrace> whole) {
  int rows() {
    return h.rows();
  }

  /** Traces of the chunk's rows. */
  List<LayerTrace> traces() {
    return whole.stream().map(trace -> (LayerTrace) new Part(trace, first, rows())).toList();
  }

  /** Some rows of a trace. */
  private record Part(LayerTrace of, int first, int rows) implements LayerTrace {
    @Override
    public Matrix input() {
      return of.input().rows(first, rows);
    }

    @Override
    public Matrix weights() {
      return of.weights();
    }

    @Override
    public Matrix derivative() {
      return of.derivative() == null ? null : of.derivative().rows(first, rows);
    }

    @Override
    public void secondDerivative(Matrix out, Stream s) {
      throw new UnsupportedOperationException("second derivatives of a part of a batch");
    }
  }
}
