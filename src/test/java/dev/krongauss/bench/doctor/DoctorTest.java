package dev.krongauss.bench.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.io.TensorFile;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command {@code bench/doctor}: both formats, what it says, and how it ends. */
final class DoctorTest {
  // Two datapoints, two inputs, one unit: 1/2 (1 [1 2 1] + 3 [5 7 1]) = [8 11.5 2].
  private static final float[] A = {1, 2, 1, 5, 7, 1};
  private static final float[] DELTAS = {1, 3};
  private static final float[] G = {8, 11.5f, 2};

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void whatIsRightIsSaidToBe() throws Exception {
    npy("0.activations", "(2, 3)", A);
    npy("0.deltas", "(2, 1)", DELTAS);
    npy("0.gradient", "(1, 3)", G);
    npy("step", "(1,)", 7);
    assertThat(run("-n", "2")).isZero();
    assertThat(out.toString())
        .isEqualTo("1 layer: each gradient is the mean of δ āᵀ, but for rounding\n");
    assertThat(err.toString()).isEqualTo("bench/doctor: step.npy is not looked at\n");
  }

  @Test
  void aSumIsFoundInASafetensorsFile() throws Exception {
    Path file = folder.resolve("batch.safetensors");
    TensorFile.save(
        file,
        Map.of(),
        List.of(
            new TensorFile.Values("0.activations", 2, 3, A),
            new TensorFile.Values("0.deltas", 2, 1, DELTAS),
            new TensorFile.Values("0.gradient", 1, 2, new float[] {16, 23}),
            new TensorFile.Values("0.bias_gradient", 1, 1, new float[] {4})));
    assertThat(execute(file, "-n", "2")).isEqualTo(CommandLine.ExitCode.SOFTWARE);
    assertThat(out.toString())
        .startsWith("SUMMED_OR_DIVIDED\n  layer 0: the gradient is N = 2 times the mean of δ āᵀ\n")
        .contains("-> divide the gradient by N if the loss is summed");
  }

  /** [N][T][in] as it comes, and a gradient that is [in][out] beside its bias. */
  @Test
  void positionsAreRowsAndKernelsMayBeTransposed() throws Exception {
    npy("0.activations", "(1, 2, 3)", A);
    npy("0.deltas", "(1, 2, 1)", DELTAS);
    npy("0.gradient", "(2, 1)", 16, 23);
    npy("0.bias_gradient", "(1,)", 4);
    assertThat(run("-n", "1", "-t", "2")).isEqualTo(CommandLine.ExitCode.SOFTWARE);
    assertThat(out.toString()).startsWith("TRANSPOSED\n").doesNotContain("SHAPE", "SUMMED");
  }

  @Test
  void predictionsTellSumsFromDividedGradients() throws Exception {
    npy("0.activations", "(2, 3)", A);
    npy("0.deltas", "(2, 1)", 0.5f, 1.5f);
    npy("0.gradient", "(1, 3)", G);
    npy("predictions", "(2, 1)", 2, 5);
    npy("targets", "(2, 1)", 1, 2);
    assertThat(run("-n", "2")).isEqualTo(CommandLine.ExitCode.SOFTWARE);
    assertThat(out.toString())
        .startsWith("DELTAS_DIVIDED\n")
        .contains("multiply δ")
        .doesNotContain("SUMMED");
  }

  @Test
  void whatIsMissingIsNamed() throws Exception {
    assertThat(run("-n", "2")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains("has no array of a layer; names are 0.activations");
    npy("0.activations", "(2, 3)", A);
    npy("0.gradient", "(1, 3)", G);
    assertThat(run("-n", "2")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains("has no 0.deltas; layers count from 0, and each needs");
    npy("0.deltas", "(2, 1)", DELTAS);
    npy("targets", "(2, 1)", DELTAS);
    assertThat(run("-n", "2")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains("only one of predictions and targets");
    assertThat(run("-n", "0")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains("-n 0; 1 or more");
    npy("predictions", "(2, 1)", DELTAS);
    assertThat(run("-n", "2", "--without-bias", "1")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains("layer 1 without a bias, of layers 0 to 0; count from 0");
  }

  @Test
  void namesThatAreNotRightAndEmptyArraysAreSaid() throws Exception {
    npy("0.activations", "(2, 3)", A);
    npy("0.deltas", "(2, 1)", DELTAS);
    npy("0.gradient", "(1, 3)", G);
    npy("00.weights", "(1, 3)", G);
    npy("predictions", "(2, 1)", Float.NaN, 1);
    npy("targets", "(2, 1)", 0, 1);
    assertThat(run("-n", "2")).isEqualTo(CommandLine.ExitCode.SOFTWARE);
    assertThat(err.toString()).isEqualTo("bench/doctor: 00.weights.npy is not looked at\n");
    assertThat(out.toString()).startsWith("NOT_FINITE\n  layer 0: predictions: row 0, column 0");
    Path file = folder.resolve("empty.safetensors");
    String head =
        "{\"0.deltas\":{\"dtype\":\"F32\",\"shape\":[0,5000000000],\"data_offsets\":[0,0]}}";
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + head.length()).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(head.length()).put(head.getBytes(StandardCharsets.US_ASCII));
    Files.write(file, bytes.array());
    assertThat(execute(file, "-n", "2")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains("0.deltas has no values; export a batch with rows");
  }

  private int run(String... options) {
    return execute(folder, options);
  }

  private int execute(Path path, String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.add(path.toString());
    return Doctor.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
  }

  private void npy(String name, String shape, float... values) throws Exception {
    byte[] head =
        ("{'descr': '<f4', 'fortran_order': False, 'shape': %s, }\n".formatted(shape))
            .getBytes(StandardCharsets.US_ASCII);
    ByteBuffer bytes =
        ByteBuffer.allocate(10 + head.length + 4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    bytes.put((byte) 1).put((byte) 0).putShort((short) head.length).put(head);
    for (float each : values) {
      bytes.putFloat(each);
    }
    Files.write(folder.resolve(name + ".npy"), bytes.array());
  }
}
