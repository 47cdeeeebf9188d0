/**
 * Damping, factorisation and application of the Kronecker factors; usable without any other
 * optimiser class.
 */
package dev.krongauss.precondition;
