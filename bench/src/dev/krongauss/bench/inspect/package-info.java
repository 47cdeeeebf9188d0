/**
 * {@code bench/inspect}: one network, one batch, and everything that the library computes for it as
 * JSON, to be compared with another implementation. {@link dev.krongauss.bench.inspect.CaseReader}
 * reads a case, {@link dev.krongauss.bench.inspect.Inspection} computes it.
 *
 * <p>Sees the package {@code dev.krongauss.bench} alone.
 */
package dev.krongauss.bench.inspect;
