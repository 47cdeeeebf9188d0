/**
 * The exact Gauss-Newton step beside other Levenberg-Marquardt trainings of the same network on the
 * same rows: Encog and Commons Math in this JVM, PyTorch in a process of its own, in turns.
 */
package dev.krongauss.bench.exact;
