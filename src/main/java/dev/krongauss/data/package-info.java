/**
 * Training data on the host, and its way to the device.
 *
 * <p>A {@link dev.krongauss.data.Dataset} holds rows of floats on the Java heap; {@link
 * dev.krongauss.data.Batches} shuffles them and puts one mini-batch after the other into device
 * memory: sent, gathered from a copy on the device, or read ahead by a thread, from a data set or
 * from a {@link dev.krongauss.data.RowSource} elsewhere. The data sets of the paper (Botev, Ritter,
 * Barber, "Practical Gauss-Newton Optimisation for Deep Learning", ICML 2017, section
 * "Experiments") come from
 *
 * <table>
 * <caption>The three data sets</caption>
 * <tr><th>class</th><th>rows</th><th>width</th><th>source</th></tr>
 * <tr><td>{@link dev.krongauss.data.Curves}</td><td>20,000 + 10,000</td><td>784</td>
 *     <td>generated</td></tr>
 * <tr><td>{@link dev.krongauss.data.Mnist}</td><td>50,000 + 10,000 + 10,000</td><td>784</td>
 *     <td>IDX files</td></tr>
 * <tr><td>{@link dev.krongauss.data.Faces}</td><td>103,500 + 20,700 + 41,400</td><td>625</td>
 *     <td>generated from the Olivetti IDX file</td></tr>
 * </table>
 *
 * <p>{@link dev.krongauss.data.CachedData} keeps the generated training sets on the disk. {@link
 * dev.krongauss.data.Mnist#oddEven} has a target of its own, the others are autoencoders' data. A
 * smooth function of a few inputs, to fit as exactly as one can, is {@link
 * dev.krongauss.data.Sine}.
 *
 * <p>Everything random is drawn from a generator of this package that is specified bit for bit, so
 * the same seed gives the same data and the same batches on every JDK and every machine.
 */
package dev.krongauss.data;
