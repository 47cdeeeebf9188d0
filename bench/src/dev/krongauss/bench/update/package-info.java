/**
 * What an update costs and what settings bring: {@code bench/phases} ({@link
 * dev.krongauss.bench.update.Phases}, by {@link dev.krongauss.bench.update.UpdateMeter} with waits,
 * as an {@link dev.krongauss.bench.update.UpdateCost} each), the same by events for a GPU ({@link
 * dev.krongauss.bench.update.UpdateEvents}), an update beside its library calls ({@link
 * dev.krongauss.bench.update.LibraryFloor}), the share of evaluations ({@link
 * dev.krongauss.bench.update.EvaluationCost}), its cost to the host ({@link
 * dev.krongauss.bench.update.UpdateBenchmark}), {@code bench/settings} ({@link
 * dev.krongauss.bench.update.Settings}), and what accuracy brings or costs training, {@code
 * bench/precision} ({@link dev.krongauss.bench.update.Precision}).
 *
 * <p>Sees {@code problem} and the package {@code dev.krongauss.bench}.
 */
package dev.krongauss.bench.update;
