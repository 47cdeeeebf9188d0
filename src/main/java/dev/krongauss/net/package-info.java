/**
 * The built-in implementation of {@link dev.krongauss.model}: dense networks and their losses,
 * weights for any loss ({@link dev.krongauss.net.Loss#weighted}), and losses of your own in Java
 * ({@link dev.krongauss.net.HostLoss}) or in CUDA ({@link dev.krongauss.net.CudaLoss}).
 */
package dev.krongauss.net;
