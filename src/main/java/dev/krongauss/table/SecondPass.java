package dev.krongauss.table;

import dev.krongauss.data.RowSplit;
import java.io.IOException;

/** Reads a table again, this time to encode it. */
final class SecondPass {
  private final TableSource source;
  private final ColumnPlan plan;
  private final Encoder encoder;
  private final RowSplit split;
  private final Classes classes;
  private final int targetWidth;

  /**
   * @param weights of the classes; empty: none
   */
  SecondPass(
      TableSource source, ColumnPlan plan, Encoder encoder, double[] weights, RowSplit split) {
    this.source = source;
    this.plan = plan;
    this.encoder = encoder;
    this.split = split;
    classes = plan.task() == Task.REGRESSION ? null : new Classes(plan, weights);
    targetWidth = classes == null ? plan.outputs() : classes.width();
  }

  Encoded read() throws IOException {
    int width = plan.inputWidth();
    Encoded encoded = new Encoded(split, width, targetWidth);
    int[] next = new int[2]; // of training and held-out rows
    try (RowPass pass = source.pass(encoder.cells(source.columns().size()))) {
      int row = 0;
      while (pass.next()) {
        if (row == split.size()) {
          throw changed();
        }
        boolean heldOut = split.isHeldOut(row++);
        int at = next[heldOut ? 1 : 0]++;
        encoder.inputs(pass.row(), encoded.inputs(heldOut), at * width);
        targets(pass.row(), encoded.targets(heldOut), at);
      }
      if (row < split.size()) {
        throw changed();
      }
    }
    return encoded;
  }

  private void targets(Row row, float[] into, int at) throws IOException {
    if (classes != null) {
      classes.put((int) encoder.target(row, 0), into, at);
      return;
    }
    for (int i = 0; i < targetWidth; i++) {
      into[at * targetWidth + i] = encoder.standardisedTarget(row, i);
    }
  }

  private IOException changed() {
    return Say.problem(
        "%s changed while it was read: it had %s; read it when it is whole",
        source.name(), Say.count(split.size(), "row"));
  }
}
