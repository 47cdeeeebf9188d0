/**
 * A model of the time of an update on a GPU, from SoftCUDA's exact counts: {@code bench/model}
 * ({@link dev.krongauss.bench.model.TimeModel}).
 *
 * <p>Sees {@code problem} and the package {@code dev.krongauss.bench}.
 */
package dev.krongauss.bench.model;
