/**
 * What is trained and by what: a {@link dev.krongauss.bench.problem.Problem}, which is one of the
 * paper's data sets ({@link dev.krongauss.bench.problem.PaperProblem}), a generated function
 * ({@link dev.krongauss.bench.problem.SineProblem}) or a table of one's own ({@link
 * dev.krongauss.bench.problem.TableProblem}, by {@link dev.krongauss.bench.problem.TableOptions});
 * its rows, loss and network once it is read ({@link dev.krongauss.bench.problem.ProblemData},
 * {@link dev.krongauss.bench.problem.NetworkShape}); where the files are ({@link
 * dev.krongauss.bench.problem.DataFolder}); and the optimisers by name ({@link
 * dev.krongauss.bench.problem.OptimizerKind}, with settings a {@link
 * dev.krongauss.bench.problem.Contender}).
 *
 * <p>The lowest room: of the benchmarks it sees the package {@code dev.krongauss.bench} alone.
 */
package dev.krongauss.bench.problem;
