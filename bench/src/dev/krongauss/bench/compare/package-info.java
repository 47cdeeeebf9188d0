/**
 * {@code bench/compare}: the same network from the same start with several optimisers, and what
 * came out as CSV, pictures and one page.
 *
 * <p>{@link dev.krongauss.bench.compare.Compare} reads as the whole: options ({@link
 * dev.krongauss.bench.compare.CompareOptions}, {@link dev.krongauss.bench.compare.OptionChecks}),
 * data ({@link dev.krongauss.bench.compare.Loading}), device, run folder. {@link
 * dev.krongauss.bench.compare.Experiment} is the order of the runs: the grid ({@link
 * dev.krongauss.bench.compare.GridSearch}), each optimiser by a {@link
 * dev.krongauss.bench.compare.Runner} with its {@link dev.krongauss.bench.compare.Watch} over the
 * held-out rows, peers ({@link dev.krongauss.bench.compare.PeerRuns}), costs. The results are
 * judged by {@link dev.krongauss.bench.compare.Claims} and shown by {@link
 * dev.krongauss.bench.compare.ComparisonPage}.
 *
 * <p>The top of the comparison: sees {@code run}, {@code page}, {@code update}, {@code peers},
 * {@code problem}, the package {@code dev.krongauss.bench}, and of {@code kernels} what describes
 * the device.
 */
package dev.krongauss.bench.compare;
