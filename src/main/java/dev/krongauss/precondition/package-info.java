/**
 * Damping, factorisation and application of the Kronecker factors, and the step lengths of the
 * layers; usable without any other optimiser class.
 *
 * <p>A trainer of one's own may capture its whole step: {@link
 * dev.krongauss.precondition.Preconditioner} and {@link dev.krongauss.precondition.LayerSteps} take
 * their memory and load their kernels as they are built, and what changes from step to step lies on
 * the device. A {@link dev.krongauss.net.Network} and the operations of a loss take memory with the
 * first batch, or before by their {@code reserve}.
 */
package dev.krongauss.precondition;
