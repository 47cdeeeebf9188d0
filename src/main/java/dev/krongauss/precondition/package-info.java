/**
 * Damping, factorisation and application of the Kronecker factors; usable without any other
 * optimiser class.
 *
 * <p>A trainer of one's own may capture its whole step: {@link
 * dev.krongauss.precondition.Preconditioner} takes its memory and loads its kernels as it is built,
 * and what changes from step to step lies on the device. A {@link dev.krongauss.net.Network} and
 * the operations of a loss take memory with the first batch, or before by their {@code reserve}.
 */
package dev.krongauss.precondition;
