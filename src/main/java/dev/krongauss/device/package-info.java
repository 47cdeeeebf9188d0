/**
 * Device memory, streams, modules and libraries: the only package that touches JCuda and LWJGL.
 *
 * <p>{@link dev.krongauss.device.Device#open()} finds a GPU or falls back to SoftCUDA, the CUDA
 * driver in software that executes the same PTX; {@link dev.krongauss.device.Devices} opens one of
 * several. Ownership is simple: an {@link dev.krongauss.device.Arena} owns buffers, a {@link
 * dev.krongauss.device.Device} owns arenas and streams, and a {@link dev.krongauss.device.Matrix}
 * owns nothing. {@link dev.krongauss.device.Stream#capture} turns work into a {@link
 * dev.krongauss.device.Graph}, and {@link dev.krongauss.device.Cuts} work with calls that no graph
 * can hold into several.
 *
 * <p>Every copy and fill has a stream: the driver's calls without one use its default stream, for
 * which streams of this library do not wait. Copies to and from Java arrays go through pinned
 * memory of the device, 4 MiB, and have ended when they return. Whatever takes a matrix writes rows
 * × columns of it, never what lies between the rows of a view.
 *
 * <p>Other code lives in the same JVM and driver. Every call of JCuda goes through {@code Driver},
 * which leaves the caller's exception mode and the thread's current context as they are: a call
 * that throws its result and one that returns it are the same, and the device's context is current
 * for the call alone, or for a whole update.
 */
package dev.krongauss.device;
