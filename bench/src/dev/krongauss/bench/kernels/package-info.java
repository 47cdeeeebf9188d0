/**
 * The device benchmark of {@code bench/kernels} ({@link dev.krongauss.bench.kernels.BenchKernels},
 * a case by {@link dev.krongauss.bench.kernels.KernelBench}) and the JMH benchmarks of {@code
 * bench/jmh}.
 *
 * <p>Sees {@code run}, for what a result says of the machine, {@code update}, for what is told of
 * times, and the package {@code dev.krongauss.bench}.
 */
package dev.krongauss.bench.kernels;
