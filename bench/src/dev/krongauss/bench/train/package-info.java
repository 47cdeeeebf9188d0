/**
 * {@code bench/train}: a model file from a table of one's own, through {@code
 * dev.krongauss.train.Training}. {@link dev.krongauss.bench.train.Train} is the command.
 */
package dev.krongauss.bench.train;
