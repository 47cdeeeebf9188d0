/**
 * Optimisers: Gauss-Newton with Kronecker factors, and the first-order methods it is compared with.
 */
package dev.krongauss.optim;
