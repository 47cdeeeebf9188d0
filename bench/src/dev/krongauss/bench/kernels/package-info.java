/** The device benchmark of {@code bench/kernels} and the JMH benchmarks of {@code bench/jmh}. */
package dev.krongauss.bench.kernels;
