/**
 * Processes that the benchmarks start: commands of this project and other programs.
 *
 * <p>Sees no other room.
 */
package dev.krongauss.bench.process;
