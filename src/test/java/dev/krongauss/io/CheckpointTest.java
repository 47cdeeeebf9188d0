package dev.krongauss.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.Resumable;
import dev.krongauss.model.State;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The file: what others can read of it, and that no damaged or foreign one changes anything. */
final class CheckpointTest {
  private static final float[] VALUES = {1, -0f, Float.MIN_VALUE, Float.NaN, 5, 6};

  @TempDir private Path folder;

  private final Arena arena = TestDevice.get().newArena("checkpoint test");
  private final Stream stream = TestDevice.get().stream();

  @AfterEach
  void close() {
    arena.close();
  }

  /** A part with one of each. */
  private final class Part implements Resumable {
    private final Matrix matrix;
    private final Buffer words = arena.ints(2, "words");
    private long number = 7;
    private String text = "seven \"7\"\n";
    private String setting = "on";

    Part(int rows, int columns) {
      matrix = arena.matrix(rows, columns, "matrix");
    }

    Part filled() {
      matrix.upload(VALUES, stream);
      words.uploadInts(new int[] {-1, 0x7fc12345}, stream);
      return this;
    }

    @Override
    public void exchange(State state) {
      state.same("setting", setting);
      state.matrix("matrix", matrix);
      state.buffer("words", words);
      number = state.number("number", number);
      text = state.text("text", text);
    }

    void assertUntouched() {
      assertThat(matrix.download(stream)).containsOnly(0f);
      assertThat(words.downloadInts(2, stream)).containsOnly(0);
      assertThat(number).isEqualTo(1);
      assertThat(text).isEqualTo("one");
    }
  }

  @Test
  void everyBitComesBack() throws IOException {
    Path file = saved();
    Part other = fresh(2, 3);
    Checkpoint.load(file, stream, Map.of("part", other));
    assertThat(bits(other.matrix.download(stream))).isEqualTo(bits(VALUES));
    assertThat(other.words.downloadInts(2, stream)).containsExactly(-1, 0x7fc12345);
    assertThat(other.number).isEqualTo(7);
    assertThat(other.text).isEqualTo("seven \"7\"\n");
    assertThat(folder).isDirectoryContaining(p -> p.equals(file)).isNotEmptyDirectory();
    assertThat(Files.list(folder)).as("no temporary file is left").hasSize(1);
  }

  /** As the format's description has it, read without our reader. */
  @Test
  void itIsASafetensorsFile() throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(saved())).order(ByteOrder.LITTLE_ENDIAN);
    int head = (int) bytes.getLong(0);
    String json = new String(bytes.array(), 8, head, StandardCharsets.UTF_8);
    CRC32C sum = new CRC32C();
    sum.update(bytes.duplicate().position(8 + head + 24));
    assertThat(json)
        .startsWith("{\"__metadata__\":{\"krongauss.format\":\"2\",")
        .contains("\"krongauss.crc32c.part.words\":\"%08x\"".formatted(sum.getValue()))
        .contains("\"part.text\":\"seven \\\"7\\\"\\u000a\"")
        .contains("\"part.matrix\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}")
        .contains("\"part.words\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[24,32]}");
    assertThat(head % 8).isZero();
    assertThat(bytes.capacity()).isEqualTo(8 + head + 32);
    assertThat(bytes.getFloat(8 + head + 16)).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 8, 100, -1, -20})
  void aFileThatIsCutShortChangesNothing(int length) throws IOException {
    Path file = saved();
    byte[] bytes = Files.readAllBytes(file);
    int kept = length < 0 ? bytes.length + length : length;
    Files.write(file, Arrays.copyOf(bytes, kept));
    refused(file, "cut short");
  }

  @Test
  void aDamagedFileChangesNothing() throws IOException {
    Path file = saved();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 9] ^= 4;
    Files.write(file, bytes);
    refused(file, "is damaged: the checksum of 'part.matrix' is ");
  }

  @Test
  void aChangedNumberInTheHeadChangesNothing() throws IOException {
    Path file = saved();
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    String changed = text.replace("\"part.number\":\"7\"", "\"part.number\":\"8\"");
    assertThat(changed).isNotEqualTo(text);
    Files.writeString(file, changed, StandardCharsets.ISO_8859_1);
    refused(file, "is damaged: the checksum of names, shapes and texts is ");
  }

  @Test
  void aForeignFileChangesNothing() throws IOException {
    Path file = folder.resolve("foreign");
    Files.writeString(file, "this is no checkpoint at all");
    refused(file, "it is no safetensors file, or damaged");
    rewritten(file, json -> "[]");
    refused(file, "its head is no safetensors head ('{' was expected at character 0)");
    rewritten(file, json -> "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}");
    refused(file, "the place of tensor 'a' does not fit its shape");
    rewritten(
        file,
        json ->
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[9000000000,9000000000],"
                + "\"data_offsets\":[0,8]}}");
    refused(file, "its head is no safetensors head (long overflow)");
    rewritten(file, json -> "{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[4,8]}}");
    refused(file, "tensor 'a' begins at 4 instead of 0");
    rewritten(file, json -> "{}");
    refused(file, "is a safetensors file, but no checkpoint of this library");
    rewritten(file, json -> "{\"__metadata__\":{\"krongauss.format\":\"3\"}}");
    refused(file, "has checkpoint format 3, this library reads 1 and 2");
    refused(folder.resolve("none"), "there is no checkpoint");
  }

  @Test
  void anotherStateChangesNothing() throws IOException {
    Path file = saved();
    Part shape = fresh(3, 2);
    assertThatThrownBy(() -> Checkpoint.load(file, stream, Map.of("part", shape)))
        .hasMessageContaining("its 'part.matrix' is F32[2][3], but here it is F32[3][2]");
    shape.assertUntouched();
    Part setting = fresh(2, 3);
    setting.setting = "off";
    assertThatThrownBy(() -> Checkpoint.load(file, stream, Map.of("part", setting)))
        .hasMessageContaining("its 'part.setting' is on, but here it is off");
    setting.assertUntouched();
    Part name = fresh(2, 3);
    assertThatThrownBy(() -> Checkpoint.load(file, stream, Map.of("other", name)))
        .hasMessageContaining("it has no 'other.setting'");
    name.assertUntouched();
    assertThatThrownBy(() -> Checkpoint.load(file, stream, Map.of()))
        .hasMessageContaining("it also has [part.matrix, part.number");
  }

  @Test
  void twoValuesOfOneNameAreAnError() {
    Resumable twice =
        state -> {
          state.number("n", 1);
          state.number("n", 2);
        };
    assertThatThrownBy(
            () -> Checkpoint.save(folder.resolve("twice"), stream, Map.of("part", twice)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("two values of the state are named 'part.n'");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void twoTensorsOfOneNameAreAnError() {
    Matrix matrix = arena.matrix(1, 1, "matrix");
    Resumable twice =
        state -> {
          state.of("a").matrix("b.c", matrix);
          state.of("a.b").matrix("c", matrix);
        };
    assertThatThrownBy(
            () -> Checkpoint.save(folder.resolve("twice"), stream, Map.of("part", twice)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("two tensors of the state are named 'part.a.b.c'");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void theFormatsOwnNamesAreNoParts() {
    Resumable part = state -> state.text("format", "3");
    for (String name : new String[] {"krongauss", "krongauss.crc32c"}) {
      assertThatThrownBy(() -> Checkpoint.save(folder.resolve("own"), stream, Map.of(name, part)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("a part is named '" + name + "'");
    }
    assertThat(folder).isEmptyDirectory();
  }

  private Path saved() throws IOException {
    Path file = folder.resolve("run.safetensors");
    Checkpoint.save(file, stream, Map.of("part", new Part(2, 3).filled()));
    return file;
  }

  private Part fresh(int rows, int columns) {
    Part part = new Part(rows, columns);
    part.number = 1;
    part.text = "one";
    return part;
  }

  private void refused(Path file, String why) {
    Part part = fresh(2, 3);
    assertThatThrownBy(() -> Checkpoint.load(file, stream, Map.of("part", part)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(why);
    part.assertUntouched();
  }

  /** A file of this head and as many zeros as it speaks of. */
  private static void rewritten(Path file, UnaryOperator<String> head) throws IOException {
    byte[] json = head.apply("").getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(file, bytes.putLong(json.length).put(json).array());
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }
}
