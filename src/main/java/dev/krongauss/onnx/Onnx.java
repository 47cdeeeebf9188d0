package dev.krongauss.onnx;

import dev.krongauss.model.LossFunction;
import dev.krongauss.net.ModelFile;
import dev.krongauss.net.Network;
import dev.krongauss.table.ColumnPlan;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Writes networks as ONNX models, of operator set 17 of ai.onnx, or 19 where texts are among the
 * inputs; no other operators are used. The file is whole or not there; an older one is replaced.
 *
 * <p>Inputs, N rows of each:
 *
 * <ul>
 *   <li>with a {@link ColumnPlan}: one a column, with the column's name: numbers {@code float
 *       [N][1]}, a missing one NaN; categories {@code string [N][1]}, a missing one the empty text.
 *       A category that the plan does not have is as none.
 *   <li>with a plan of a file without column names, if all are numbers: {@code inputs}, {@code
 *       float [N][columns of the file but the targets]}, missing ones NaN. Columns that the plan
 *       left out are there, and not read.
 *   <li>without a plan: {@code inputs}, {@code float [N][d_0]}.
 * </ul>
 *
 * <p>Outputs, by the loss; weights of datapoints change nothing:
 *
 * <ul>
 *   <li>squared: {@code value}, {@code float [N][d_L]}; with a plan in the units of the targets.
 *   <li>bernoulli: {@code probability}, {@code float [N][1]}, or {@code probabilities}, {@code
 *       float [N][d_L]}, if there are several outputs; with a plan {@code label}, {@code string
 *       [N]}, too: the positive class where the probability is above a half.
 *   <li>softmax: {@code probabilities}, {@code float [N][d_L]}, and {@code label}: with a plan
 *       {@code string [N]}, the name of the most probable class, without {@code int64 [N]}, its
 *       number from 0.
 *   <li>mixture: {@code probability}, {@code float [N][1]}; with a plan {@code label}, as above.
 *   <li>a loss of your own: {@code outputs}, {@code float [N][d_L]}, as the network gives them.
 * </ul>
 *
 * <p>If a column has the name of an output, all outputs get {@code predicted_} before theirs, and
 * the log says so. {@link #options()} has other inputs.
 *
 * <p>Sources: the ONNX specification, <a href="https://onnx.ai/onnx/repo-docs/IR.html">IR</a> and
 * <a href="https://onnx.ai/onnx/operators/">operators</a>.
 */
public final class Onnx {
  private Onnx() {}

  /**
   * Writes a network that takes its inputs as one matrix.
   *
   * @param net its weights are read after what its device's stream has to do
   * @param loss that it was trained with
   * @param file replaced if it is there
   * @throws IOException if the file cannot be written
   * @throws IllegalArgumentException if the model would be larger than 2 GiB, the most that ONNX's
   *     format holds in one file
   * @throws IllegalStateException if a library is missing; the message names it
   */
  public static void write(Network net, LossFunction loss, Path file) throws IOException {
    options().write(net, loss, file);
  }

  /**
   * Writes a network that takes the columns of a table.
   *
   * @param net its weights are read after what its device's stream has to do
   * @param loss that it was trained with
   * @param columns that its inputs and targets were made by
   * @param file replaced if it is there
   * @throws IOException if the file cannot be written
   * @throws IllegalArgumentException if the columns do not fit the network or the loss, or the
   *     model would be larger than 2 GiB
   * @throws IllegalStateException if a library is missing; the message names it
   */
  public static void write(Network net, LossFunction loss, ColumnPlan columns, Path file)
      throws IOException {
    options().write(net, loss, columns, file);
  }

  /**
   * Writes a saved network; no device is needed. It takes the columns of a table if the model file
   * has them, as its text {@code columns}; its other texts become metadata.
   *
   * @param file replaced if it is there
   * @throws IOException if the file cannot be written
   * @throws IllegalArgumentException if the columns do not fit the network or the loss, or the
   *     model would be larger than 2 GiB
   * @throws IllegalStateException if a library is missing; the message names it
   */
  public static void write(ModelFile model, Path file) throws IOException {
    options().write(model, file);
  }

  /** The same with other inputs. */
  public static OnnxOptions options() {
    return new OnnxOptions(OnnxOptions.Inputs.COLUMNS);
  }
}
