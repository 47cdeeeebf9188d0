package dev.krongauss.onnx;

import dev.krongauss.model.LossFunction;
import dev.krongauss.net.ModelFile;
import dev.krongauss.net.Network;
import dev.krongauss.table.ColumnPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** What an ONNX model takes; immutable. {@link Onnx#options()} is the start. */
public final class OnnxOptions {
  /** What the rows are given as. */
  enum Inputs {
    /** Columns of a plan, numbers in float32. */
    COLUMNS,
    /** Columns of a plan, numbers in float64. */
    DOUBLE_COLUMNS,
    /** The encoded row as one matrix, and classes by number. */
    ENCODED
  }

  private final Inputs inputs;

  OnnxOptions(Inputs inputs) {
    this.inputs = inputs;
  }

  /**
   * For runtimes and browsers without texts: the model takes the encoded rows as {@code inputs},
   * {@code float [N][d_0]}, as {@code RowReader} makes them, and {@code label} is {@code int64
   * [N]}, the number of the class from 0; the metadata has the names. All arithmetic is float32.
   */
  public OnnxOptions numbersOnly() {
    return new OnnxOptions(Inputs.ENCODED);
  }

  /**
   * The columns of numbers are {@code double [N][1]}: for numbers that float32 cannot tell apart,
   * such as seconds since 1970.
   */
  public OnnxOptions doubleInputs() {
    return new OnnxOptions(Inputs.DOUBLE_COLUMNS);
  }

  /** As {@link Onnx#write(Network, LossFunction, Path)}. */
  public void write(Network net, LossFunction loss, Path file) throws IOException {
    Libraries.check();
    write(Subject.of(net, loss, Optional.empty()), file);
  }

  /** As {@link Onnx#write(Network, LossFunction, ColumnPlan, Path)}. */
  public void write(Network net, LossFunction loss, ColumnPlan columns, Path file)
      throws IOException {
    Libraries.check();
    write(Subject.of(net, loss, Optional.of(columns)), file);
  }

  /** As {@link Onnx#write(ModelFile, Path)}. */
  public void write(ModelFile model, Path file) throws IOException {
    Libraries.check();
    write(Subject.of(model), file);
  }

  private void write(Subject subject, Path file) throws IOException {
    Models.write(subject, inputs, file);
  }
}
