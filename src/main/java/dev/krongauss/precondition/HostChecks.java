package dev.krongauss.precondition;

import java.util.List;

/** Checks of what the host hands over, which make no text, and no garbage, of what fits. */
final class HostChecks {
  private HostChecks() {}

  /** The layer of this number, if calls for {@code kind} are for it. */
  static LayerSpec kind(int layer, List<LayerSpec> layers, LayerSpec.Kind kind, String call) {
    if (layer < 0 || layer >= layers.size()) {
      throw new IllegalArgumentException("layer " + layer + " of " + layers.size() + ", from 0");
    }
    LayerSpec spec = layers.get(layer);
    if (!spec.is(kind)) {
      String is = "layer " + layer + " is " + spec.kind().words();
      throw new IllegalArgumentException(is + "; " + call + " is for " + kind.words());
    }
    return spec;
  }

  /** That a matrix has this shape. */
  static void rows(HostRows m, int count, int columns, String what, int layer) {
    present(m, what, layer);
    if (m.rows() != count || m.columns() != columns) {
      String is = what + " of layer " + layer + " is " + m;
      throw new IllegalArgumentException(is + "; it must be [" + count + "][" + columns + "]");
    }
  }

  private static void present(HostRows m, String what, int layer) {
    if (m == null) {
      throw new NullPointerException(what + " of layer " + layer + " is null");
    }
  }

  /** That there are enough integers. */
  static void count(int[] values, int count, String what) {
    if (values == null) {
      throw new NullPointerException(what + " are null; " + count + " are needed");
    }
    if (values.length < count) {
      throw new IllegalArgumentException(values.length + " " + what + "; " + count + " are needed");
    }
  }

  /** That the first {@code count} of enough integers are of {@code least} to {@code most}. */
  static void within(int[] values, int count, int least, int most, String what) {
    count(values, count, what);
    for (int n = 0; n < count; n++) {
      if (values[n] < least || values[n] > most) {
        String is = what + "[" + n + "] is " + values[n];
        throw new IllegalArgumentException(is + "; it must be from " + least + " to " + most);
      }
    }
  }

  /** Square roots and lengths of a batch. */
  static void batch(int layer, LayerSpec spec, HostRows C, Positions positions, int[] lengths) {
    present(C, "square root", layer);
    rows(C, C.rows(), HostBatch.outputs(spec), "square root", layer);
    if (positions.masked()) {
      throw new IllegalArgumentException(
          "lengths or a mask on the device for a batch of the host; give lengths as an array");
    }
    if (C.rows() % positions.rows() != 0) {
      String is = "square root " + C + " of layer " + layer;
      throw new IllegalArgumentException(is + " must have K rows for each of " + positions);
    }
    if (lengths != null) {
      within(lengths, positions.datapoints(), 0, positions.positions(), "lengths");
      counting(lengths, positions.datapoints());
    }
  }

  /** That one of the positions counts. */
  private static void counting(int[] lengths, int count) {
    for (int n = 0; n < count; n++) {
      if (lengths[n] > 0) {
        return;
      }
    }
    throw new IllegalArgumentException(
        "all " + count + " lengths are 0, a batch without a position; leave it out");
  }

  /** That a batch has no more rows than there is memory for. */
  static void fits(int layer, HostRows C, int most, boolean holds) {
    if (C.rows() > most || !holds) {
      String is = "square root " + C + " of layer " + layer + " has more than the " + most;
      throw new IllegalArgumentException(
          is + " rows that build() took memory for; say rows(" + C.rows() + ")");
    }
  }

  /** That directions can be written. */
  static void writable(int layer, HostWeights direction) {
    boolean bias = direction.bias() == null || direction.bias().writable();
    if (!bias || !direction.weights().writable()) {
      throw new IllegalArgumentException(
          "direction of layer " + layer + " is a read-only buffer; give one that can be written");
    }
  }

  /** One of each for every layer. */
  static void counts(List<HostWeights> gradients, List<HostWeights> directions, int layers) {
    if (gradients.size() != layers || directions.size() != layers) {
      String are = gradients.size() + " gradients and " + directions.size() + " directions";
      throw new IllegalArgumentException(are + " for " + layers + " layers");
    }
  }
}
