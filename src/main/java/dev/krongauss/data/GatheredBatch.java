package dev.krongauss.data;

import dev.krongauss.device.Matrix;
import dev.krongauss.model.Batch;
import dev.krongauss.model.BatchSource;
import dev.krongauss.model.LossFunction;
import java.util.Map;

/** A batch that is gathered on the device once its matrices are asked for, or by its source. */
record GatheredBatch(DeviceBatch place, ResidentRows rows) implements Batch {
  @Override
  public int size() {
    return place.size();
  }

  @Override
  public int wholeSize() {
    return place.wholeSize();
  }

  @Override
  public int firstRow() {
    return place.firstRow();
  }

  @Override
  public Map<String, String> origin() {
    return place.origin();
  }

  @Override
  public Matrix inputs() {
    rows.bringNow();
    return place.inputs();
  }

  @Override
  public Matrix targets() {
    rows.bringNow();
    return place.targets();
  }

  @Override
  public BatchSource source() {
    return rows;
  }

  @Override
  public void checkTargets(LossFunction loss) {
    place.checkTargets(loss);
  }
}
