/**
 * {@code bench/compare}: the same network from the same start with several optimisers, and what
 * came out as CSV, pictures and one page.
 *
 * <p>{@link dev.krongauss.bench.Compare} reads as the whole: options, data, device, run folder,
 * then one {@link dev.krongauss.bench.Training} an optimiser, and the results.
 */
package dev.krongauss.bench;
