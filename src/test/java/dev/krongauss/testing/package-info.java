/**
 * What tests share: the device, batches in device memory, problems with a reference beside them,
 * comparisons.
 */
package dev.krongauss.testing;
