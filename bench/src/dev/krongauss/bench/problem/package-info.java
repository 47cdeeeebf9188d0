/**
 * What is trained and by what: data, network and loss ({@link dev.krongauss.bench.problem.Problem},
 * {@link dev.krongauss.bench.problem.PaperNetwork}), where the files are ({@link
 * dev.krongauss.bench.problem.DataFolder}), and the optimisers by name ({@link
 * dev.krongauss.bench.problem.OptimizerKind}, with settings a {@link
 * dev.krongauss.bench.problem.Contender}).
 *
 * <p>The lowest room: of the benchmarks it sees the package {@code dev.krongauss.bench} alone.
 */
package dev.krongauss.bench.problem;
