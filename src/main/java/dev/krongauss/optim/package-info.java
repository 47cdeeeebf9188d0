/**
 * Optimisers: Gauss-Newton with Kronecker factors, and the first-order methods it is compared with.
 *
 * <p>An update takes no decision by a value on the host. So its calls are captured as a graph, once
 * for each kind of update and shape of batch, and replayed: a step is a copy of the batch, one
 * graph launch and a copy of the report, without waiting and without allocating.
 */
package dev.krongauss.optim;
