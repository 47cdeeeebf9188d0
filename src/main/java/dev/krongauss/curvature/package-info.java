/**
 * Kronecker factors of the Gauss-Newton matrix (KFAC, KFLR, KFRA as two switches of one engine) and
 * its exact products.
 */
package dev.krongauss.curvature;
