/**
 * The built-in implementation of {@link dev.krongauss.model}: dense networks and their losses,
 * weights for any loss ({@link dev.krongauss.net.Loss#weighted}), residuals of your own ({@link
 * dev.krongauss.net.Residuals}), and losses of your own in Java ({@link
 * dev.krongauss.net.HostLoss}) or in CUDA ({@link dev.krongauss.net.CudaLoss}).
 *
 * <p>A trained network is saved as a {@link dev.krongauss.net.ModelFile}, computes outputs of rows
 * from any thread by {@link dev.krongauss.net.Network#predict} and {@link
 * dev.krongauss.net.Predictor}, and {@link dev.krongauss.net.Response} makes probabilities of them.
 */
package dev.krongauss.net;
