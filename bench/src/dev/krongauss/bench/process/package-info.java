/** Processes that the benchmarks start: commands of this project and other programs. */
package dev.krongauss.bench.process;
