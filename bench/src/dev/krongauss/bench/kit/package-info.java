/**
 * What runs inside of the GPU kit: {@link dev.krongauss.bench.kit.Kit} is its command, and starts a
 * {@link dev.krongauss.bench.kit.Worker} for everything that touches the device, so that a crash or
 * a hang costs one case and not the stage. A {@link dev.krongauss.bench.kit.Session} goes through
 * all stages in brief, within a {@link dev.krongauss.bench.kit.Budget}.
 *
 * <p>The top: sees {@code compare}, {@code kernels}, {@code run}, {@code update}, {@code peers},
 * {@code process} and the package {@code dev.krongauss.bench}.
 */
package dev.krongauss.bench.kit;
