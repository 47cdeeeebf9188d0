/**
 * The same training in other frameworks: {@link dev.krongauss.bench.peers.PeerProblem} writes data,
 * first weights and batches as files, {@link dev.krongauss.bench.peers.Interpreter} finds a Python,
 * and {@link dev.krongauss.bench.peers.PeerRun} runs a script of {@code bench/peers} on them.
 *
 * <p>Sees {@code problem}, {@code process} and the package {@code dev.krongauss.bench}.
 */
package dev.krongauss.bench.peers;
