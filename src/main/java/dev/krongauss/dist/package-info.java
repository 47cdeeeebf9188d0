/**
 * Ranks that train as one: a group of processes or threads, a device each, and what they say to
 * each other.
 *
 * <p>Threads of one JVM open a device each, {@link dev.krongauss.device.Devices#open(int)}: GPUs,
 * or as many of SoftCUDA as {@code krongauss.softcuda.devices} says.
 *
 * <p>{@link dev.krongauss.dist.Collective} is the little that data-parallel training needs of an
 * engine: exchanges of device memory in pairs, broadcasts, and small gathers on the host. No engine
 * adds anything up: sums are taken by this project's kernels, in the order of one binary tree, so
 * that their bits depend neither on the engine nor on the number of ranks; but where {@linkplain
 * dev.krongauss.dist.Collective#inAnyOrder any order} will do, for speed.
 */
package dev.krongauss.dist;
