/**
 * Checkpoints: the state of a run in one safetensors file, which other programs can open, too.
 *
 * <p>{@link dev.krongauss.io.Checkpoint#save} walks over weights, optimiser and batches ({@link
 * dev.krongauss.model.Resumable}) and writes a file that is whole or not there; {@link
 * dev.krongauss.io.Checkpoint#load} checks all of it before it changes anything. A run that goes on
 * from a checkpoint gives the same bits as one that was never stopped, on the same device.
 */
package dev.krongauss.io;
