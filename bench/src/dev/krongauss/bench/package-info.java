/**
 * {@code bench/compare}: the same network from the same start with several optimisers, and what
 * came out as CSV, pictures and one page.
 *
 * <p>{@link dev.krongauss.bench.Compare} reads as the whole: options ({@link
 * dev.krongauss.bench.CompareOptions}, {@link dev.krongauss.bench.OptionChecks}), data, device, run
 * folder ({@link dev.krongauss.bench.RunFolder}; {@link dev.krongauss.bench.RecordedRun} for one
 * that goes on). {@link dev.krongauss.bench.Experiment} is the order of the runs: the grid ({@link
 * dev.krongauss.bench.GridSearch}), each {@link dev.krongauss.bench.Contender} by a {@link
 * dev.krongauss.bench.Runner}, peers ({@link dev.krongauss.bench.PeerRuns}), costs ({@link
 * dev.krongauss.bench.UpdateMeter}). Its {@link dev.krongauss.bench.Results} are shown by {@link
 * dev.krongauss.bench.Page} and judged by {@link dev.krongauss.bench.Claims}.
 *
 * <p>The smaller commands here are {@link dev.krongauss.bench.Phases} and {@link
 * dev.krongauss.bench.Settings}; others have packages: analyse, fetch, inspect, kernels, kit,
 * peers.
 */
package dev.krongauss.bench;
