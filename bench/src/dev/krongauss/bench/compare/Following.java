package dev.krongauss.bench.compare;

/**
 * How a run into a folder is followed.
 *
 * @param loop with the limit
 * @param checkpointSeconds between checkpoints, of which rank 0 writes those that all ranks go on
 *     from; 0 for none
 * @param evaluateEvery updates between evaluations of the held-out rows; 0 for as often as it costs
 *     little
 * @param patience evaluations in a row without a better one that end it; 0 for no such end
 */
record Following(TrainingLoop loop, double checkpointSeconds, long evaluateEvery, int patience) {
  Schedule schedule() {
    return evaluateEvery > 0 ? Schedule.every(evaluateEvery) : Schedule.byCost(loop::progress);
  }
}
