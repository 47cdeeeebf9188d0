/**
 * Checkpoints: the state of a run in one safetensors file, which other programs can read and write,
 * too.
 *
 * <p>{@link dev.krongauss.io.Checkpoint#save} walks over weights, optimiser and batches ({@link
 * dev.krongauss.model.Resumable}) and writes a file that is whole or not there; {@link
 * dev.krongauss.io.Checkpoint#load} checks all of it before it changes anything. A run that goes on
 * from a checkpoint gives the same bits as one that was never stopped, on the same device.
 *
 * <p>Device memory is copied in parts, so that a tensor may be larger than the heap. Of symmetric
 * matrices, of which the lower triangle counts, a file has both halves. The head's metadata are the
 * texts and numbers of the parts, and those of the format, version 2:
 *
 * <ul>
 *   <li>{@code krongauss.format}: 2
 *   <li>{@code krongauss.crc32c.NAME}: CRC-32C of the bytes of tensor NAME, eight hexadecimal
 *       digits
 *   <li>{@code krongauss.crc32c}: CRC-32C of a line {@code "name":"text"} for each text but this
 *       one, and then a line {@code "name":TYPE[size]…[size]} for each tensor, both sorted by name
 * </ul>
 *
 * <p>So a program may order, spell and place everything as it likes, if it keeps the metadata.
 * Texts whose names have no dot and tensors without elements are nobody's and not looked at.
 * Version 1 had one checksum over the file as it was written; it is still read.
 *
 * <p>{@link dev.krongauss.io.TensorFile} is the door for other kinds of files with the same
 * checksums: {@code net.ModelFile} is one.
 */
package dev.krongauss.io;
