/**
 * What launchers take beside matrices, where several of them take the same: a transfer function, a
 * layer's part of a pass, the past of a moving average, a count on the device.
 *
 * <p>Each mirrors a shared header of the kernels: {@code activation.cuh}, {@code chain.cuh}, {@code
 * batches.cuh}, {@code count.cuh}.
 */
package dev.krongauss.kernel.argument;
