/**
 * What runs inside of the GPU kit: {@link dev.krongauss.bench.kit.Kit} is its command, and starts a
 * {@link dev.krongauss.bench.kit.Worker} for everything that touches the device, so that a crash or
 * a hang costs one case and not the stage. A {@link dev.krongauss.bench.kit.Session} goes through
 * all stages in brief, within a {@link dev.krongauss.bench.kit.Budget}.
 */
package dev.krongauss.bench.kit;
