package dev.krongauss.model;

import dev.krongauss.device.Matrix;
import java.util.List;

/**
 * How gradients are taken of parts of a batch, and in which order.
 *
 * @param first row of each part
 * @param rows of each part
 * @param gradients of each part, shaped like the parameters; overwritten
 * @param upper the first of the layers, from 0, whose gradients are enqueued before those of the
 *     layers below
 * @param behindUpper called once when these are enqueued, of all parts: what it enqueues, or marks
 *     in the stream, need not wait for the rest
 */
public record Parts(
    int[] first, int[] rows, List<List<Matrix>> gradients, int upper, Runnable behindUpper) {}
