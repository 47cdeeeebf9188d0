package dev.krongauss.data;

import dev.krongauss.model.State;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What decides every batch of an endless row of them.
 *
 * @param data where they come from
 * @param batchSize rows a batch, those of all ranks
 * @param stack rows of a datapoint
 * @param seed of the permutations
 */
record Order(RowSource data, int batchSize, int stack, long seed) {
  /** In a checkpoint, that it is the same. */
  void exchange(State state) {
    state.same("data", StreamedRows.identity(data));
    state.same("batchSize", Integer.toString(batchSize));
    state.same("seed", Long.toString(seed));
    if (stack > 1) {
      state.same("stack", Integer.toString(stack));
    }
  }

  /**
   * What ranks compare.
   *
   * @param number of a batch, from 0
   */
  Map<String, String> origin(long number) {
    Map<String, String> origin = new LinkedHashMap<>();
    origin.put("data", StreamedRows.identity(data));
    if (!(data instanceof Dataset)) {
      origin.put("rows of the data", RowsDigest.of(data));
    }
    origin.put("rows of a datapoint", Integer.toString(stack));
    origin.put("seed of the batches", Long.toString(seed));
    origin.put("batch number", Long.toString(number));
    return origin;
  }
}
