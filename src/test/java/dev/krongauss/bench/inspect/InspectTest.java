package dev.krongauss.bench.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The command {@code bench/inspect}: what it writes where, and what it says of wrong cases. */
class InspectTest {
  @TempDir private Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void standardOutputIsTheJsonAlone() throws Exception {
    assertThat(run(JSON.std.asString(small()))).isZero();
    Map<String, Object> written = JSON.std.mapFrom(out.toString(StandardCharsets.UTF_8));
    assertThat(written).containsOnlyKeys("loss", "output", "layers", "direction");
    assertThat(out.toString(StandardCharsets.UTF_8)).doesNotContain("INFO").endsWith("}\n");
  }

  @Test
  void aFieldThatIsNotKnownIsSaid() throws Exception {
    Map<String, Object> json = small();
    json.put("gama", 1);
    assertThat(run(JSON.std.asString(json))).isZero();
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("field gama is not known");
  }

  @Test
  void aFileThatIsNotThereIsNotAWrongCase() {
    assertThat(execute(folder.resolve("none.json"))).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("none.json");
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        edit("sizes", json -> json.remove("sizes")),
        edit("sizes", json -> json.put("sizes", List.of(3))),
        edit("sizes[1]", json -> json.put("sizes", List.of(2, 0, 2))),
        edit("sizes[0]", json -> json.put("sizes", List.of(2.5, 3, 2))),
        edit("activation", json -> json.put("activation", "sine")),
        edit("output", json -> json.put("output", "tanh")),
        edit("loss", json -> json.put("loss", 3)),
        edit("loss", json -> json.put("loss", "hinge")),
        edit("sizes", json -> json.put("loss", "mixture")),
        edit("split", json -> mixture(json).put("split", "middle")),
        edit("targets[1]", json -> mixture(json).put("targets", List.of(1, 2))),
        edit("W", json -> json.put("W", List.of())),
        edit("W[0]", json -> json.put("W", List.of(List.of(), List.of()))),
        edit("b[1]", json -> json.put("b", List.of(List.of(0, 0, 0), List.of(0)))),
        edit("b[0][2]", json -> json.put("b", List.of(List.of(0, 0, "x"), List.of(0, 0)))),
        edit("input", json -> json.put("input", List.of())),
        edit("input[1]", json -> json.put("input", List.of(List.of(1, 2), List.of(1)))),
        edit("input[0][1]", json -> json.put("input", List.of(List.of(1, 1e39)))),
        edit("targets", json -> json.put("targets", List.of(0))),
        edit("targets[1]", json -> json.put("targets", List.of(0, 2))),
        edit("targets[1]", json -> json.put("targets", List.of(0, List.of(0.5, 0.6)))),
        edit("targets[0][1]", json -> json.put("targets", List.of(List.of(0.5, -0.5), 1))),
        edit("gamma2", json -> json.put("gamma2", -1)),
        edit("gamma2", json -> json.put("gamma2", 1e37)),
        edit("gamma2", json -> json.putAll(Map.of("gamma2", 0, "eta", 0))),
        edit("eta", json -> json.put("eta", "none")),
        edit("sampled_gradients", json -> json.put("sampled_gradients", List.of())),
        edit("sampled_gradients[0]", json -> json.put("sampled_gradients", List.of(List.of()))));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void aWrongFieldIsNamed(String field, Consumer<Map<String, Object>> edit) throws Exception {
    Map<String, Object> json = small();
    edit.accept(json);
    assertThat(run(JSON.std.asString(json))).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("bench/inspect: " + field + ":");
    assertThat(out.size()).isZero();
  }

  static Stream<Arguments> texts() {
    return Stream.of(
        Arguments.of("case", "no JSON"),
        Arguments.of("case", "[1, 2]"),
        Arguments.of("case", "null"),
        Arguments.of("case", ""),
        Arguments.of("sizes", "{\"sizes\": [2, 3,, 2]}"),
        Arguments.of("gamma2", "{\"gamma2\": 1e-3"),
        Arguments.of("eta", "{\"eta\": 1, \"eta\": 2}"),
        Arguments.of(
            "sizes[1]", "{\"sizes\": [2, NaN, 2], \"activation\": \"tanh\", \"gamma2\": 1}"));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void textThatIsNotJsonIsAWrongCase(String field, String text) throws Exception {
    assertThat(run(text)).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("bench/inspect: " + field + ":");
  }

  /** Two inputs, three hidden units, two classes, two datapoints. */
  private static Map<String, Object> small() {
    Map<String, Object> json = new java.util.LinkedHashMap<>();
    json.put("sizes", List.of(2, 3, 2));
    json.put("activation", "tanh");
    json.put("output", "identity");
    json.put("loss", "softmax");
    json.put(
        "W",
        List.of(
            List.of(List.of(0.1, 0.2), List.of(-0.3, 0.4), List.of(0.5, -0.6)),
            List.of(List.of(0.1, 0.2, 0.3), List.of(0.4, -0.5, 0.6))));
    json.put("b", List.of(List.of(0, 0.1, 0), List.of(0, 0)));
    json.put("input", List.of(List.of(1, 2), List.of(-1, 0.5)));
    json.put("targets", List.of(0, 1));
    json.put("gamma2", 1e-3);
    json.put("eta", 1e-5);
    return json;
  }

  /** The same with three outputs and the mixture as its loss. */
  private static Map<String, Object> mixture(Map<String, Object> json) {
    List<Object> row = List.of(0.1, 0.2, 0.3);
    json.put("loss", "mixture");
    json.put("sizes", List.of(2, 3, 3));
    json.put("W", List.of(((List<?>) json.get("W")).get(0), List.of(row, row, row)));
    json.put("b", List.of(List.of(0, 0.1, 0), List.of(0, 0, 0)));
    return json;
  }

  private static Arguments edit(String field, Consumer<Map<String, Object>> edit) {
    return Arguments.of(field, edit);
  }

  private int run(String text) throws Exception {
    Path file = folder.resolve("case.json");
    Files.writeString(file, text);
    return execute(file);
  }

  private int execute(Path file) {
    PrintStream before = System.err;
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    try (PrintStream json = new PrintStream(out, true, StandardCharsets.UTF_8)) {
      return Inspect.commandLine(json).execute(file.toString());
    } finally {
      System.setErr(before);
    }
  }
}
