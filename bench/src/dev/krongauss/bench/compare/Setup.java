package dev.krongauss.bench.compare;

import dev.krongauss.bench.problem.ProblemData;
import dev.krongauss.bench.problem.Split;
import dev.krongauss.device.Device;

/**
 * What is the same for every optimiser of a comparison.
 *
 * @param device that computes; the caller's
 * @param rows data and loss
 * @param batch rows of a mini-batch, of all ranks
 * @param split how it is cut, and who else trains
 */
record Setup(Device device, ProblemData rows, int batch, Split split) {}
