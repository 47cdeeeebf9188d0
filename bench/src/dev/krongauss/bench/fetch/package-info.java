/**
 * {@code bench/fetch}: MNIST and the Olivetti faces from public mirrors, checked and put where the
 * other commands look.
 *
 * <p>{@link dev.krongauss.bench.fetch.Fetcher} reads as the way of one file: there already, or
 * mirror after mirror downloaded ({@link dev.krongauss.bench.fetch.Download}), converted ({@link
 * dev.krongauss.bench.fetch.Olivetti}), checked ({@link dev.krongauss.bench.fetch.Checksum}) and
 * renamed.
 *
 * <p>Sees the package {@code dev.krongauss.bench} alone.
 */
package dev.krongauss.bench.fetch;
