/**
 * {@code bench/doctor}: which convention the exported arrays of a trainer break. {@link
 * dev.krongauss.bench.doctor.Export} reads them, {@code dev.krongauss.diagnose} compares.
 *
 * <p>Sees the package {@code dev.krongauss.bench} alone.
 */
package dev.krongauss.bench.doctor;
