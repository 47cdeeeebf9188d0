package dev.krongauss.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.Resumable;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints that another program has read and written again, unchanged and changed. */
final class RewrittenCheckpointTest {
  private static final float[] W = {1, -0f, Float.MIN_VALUE, Float.NaN, 5, 6};
  private static final int[] WORDS = {-1, 0x7fc12345, 0x7fa00001};
  private static final String TEXT = "λ = \ud83d\ude00 \"\\/\" \t\u007f\u2028";
  private static final String BY_ANOTHER =
      "was written by another program since it was saved, and values were changed: ";

  @TempDir private Path folder;

  private final Arena arena = TestDevice.get().newArena("rewritten checkpoint test");
  private final Stream stream = TestDevice.get().stream();
  private final Matrix matrix = arena.matrix(2, 3, "W");
  private final Buffer words = arena.ints(WORDS.length, "words");
  private final Matrix other = arena.matrix(1, 1, "other");
  private long number;
  private Rewritten file;

  private final Resumable part =
      state -> {
        state.buffer("words", words);
        state.matrix("W", matrix);
        number = state.number("number", number);
        state.text("text", TEXT);
        state.matrix("A", other);
      };

  @BeforeEach
  void save() throws IOException {
    fill(W, WORDS, 7, 3);
    Path saved = folder.resolve("saved");
    Checkpoint.save(saved, stream, Map.of("part", part));
    file = new Rewritten(saved);
    fill(new float[6], new int[3], 0, 0);
  }

  @AfterEach
  void close() {
    arena.close();
  }

  private void fill(float[] w, int[] ints, long n, float a) {
    matrix.upload(w, stream);
    words.uploadInts(ints, stream);
    number = n;
    other.upload(new float[] {a}, stream);
  }

  @Test
  void everyOrderAndSpellingLoads() throws IOException {
    List<String> byType = file.names();
    byType.sort(
        Comparator.comparing((String name) -> file.kinds.get(name).type()).thenComparing(n -> n));
    for (String space : new String[] {"", " ", "\n\t"}) {
      for (int padding : new int[] {1, 8, 256}) {
        file.comma = "," + space;
        file.colon = ":" + space;
        file.padding = padding;
        file.ascii = !file.ascii;
        loads(file.write(folder.resolve("a"), file.names()));
        loads(file.write(folder.resolve("b"), byType));
        List<String> backwards = file.names();
        Collections.reverse(backwards);
        loads(file.write(folder.resolve("c"), backwards));
        file.reverseHead();
      }
    }
  }

  /** What PyTorch's writer notes, and tensors that hold nothing. */
  @Test
  void otherProgramsNotesAndEmptyTensorsLoad() throws IOException {
    file.about.put("format", "pt");
    file.put("none", "F32", new byte[0], 0);
    file.put("wide", "BF16", new byte[0], 0, 5);
    file.put("a.tall", "I64", new byte[0], 5, 0);
    file.put("b.deep", "F8_E4M3", new byte[0], 3, 0, 2);
    for (int rotation = 0; rotation < file.names().size(); rotation++) {
      List<String> order = file.names();
      Collections.rotate(order, rotation);
      loads(file.write(folder.resolve("notes"), order));
      file.reverseHead();
    }
  }

  @Test
  void changedValuesAreSaidAndTakenWhenAskedFor() throws IOException {
    ByteBuffer values = ByteBuffer.wrap(file.data.get("part.W")).order(ByteOrder.LITTLE_ENDIAN);
    values.putFloat(0, 2);
    Path path = file.write(folder.resolve("edited"), file.names());
    refused(path, BY_ANOTHER + "the checksum of 'part.W' is ");
    refused(path, "Checkpoint.loadChanged takes it as it is");
    assertThat(message(path)).doesNotContain("part.A").doesNotContain("texts");
    Checkpoint.loadChanged(path, stream, Map.of("part", part));
    assertThat(matrix.download(stream)).startsWith(2f, -0f);
    assertThat(number).isEqualTo(7);
  }

  @Test
  void aChangedTextIsSaidAndTakenWhenAskedFor() throws IOException {
    file.about.put("part.number", "8");
    Path path = file.write(folder.resolve("edited"), file.names());
    refused(path, BY_ANOTHER + "the checksum of names, shapes and texts is ");
    Checkpoint.loadChanged(path, stream, Map.of("part", part));
    assertThat(number).isEqualTo(8);
  }

  @Test
  void tensorsThatCameAndWentAreSaid() throws IOException {
    file.put("part.B", "F32", new byte[8], 2);
    byte[] gone = file.data.remove("part.A");
    Safetensors.Tensor kind = file.kinds.remove("part.A");
    Path path = file.write(folder.resolve("edited"), file.names());
    refused(path, "'part.B' is new");
    refused(path, "'part.A' is gone");
    refused(path, "; nor does it fit: it has no 'part.A' F32[1][1], which is needed here");
    assertThat(message(path)).doesNotContain("loadChanged"); // it would not take it either
    assertThatThrownBy(() -> Checkpoint.loadChanged(path, stream, Map.of("part", part)))
        .hasMessageContaining("it has no 'part.A' F32[1][1], which is needed here");
    file.put(kind.name(), "F16", new byte[gone.length / 2], kind.shape());
    Path half = file.write(folder.resolve("half"), file.names());
    assertThatThrownBy(() -> Checkpoint.loadChanged(half, stream, Map.of("part", part)))
        .hasMessageContaining("its 'part.A' is F16[1][1], but here it is F32[1][1]");
    file.put(kind.name(), "F32", gone, kind.shape());
    Path more = file.write(folder.resolve("more"), file.names());
    assertThatThrownBy(() -> Checkpoint.loadChanged(more, stream, Map.of("part", part)))
        .hasMessageContaining("it also has [part.B], for which there is no place here");
  }

  /** In place, the head as it was: nobody can tell a program from a bad disk. */
  @Test
  void aChangeInPlaceIsDamageUnlessItIsAskedFor() throws IOException {
    Path saved = folder.resolve("saved");
    byte[] bytes = Files.readAllBytes(saved);
    bytes[bytes.length - 1] ^= 1;
    Files.write(saved, bytes);
    refused(saved, "is damaged: the checksum of 'part.A' is ");
    Checkpoint.loadChanged(saved, stream, Map.of("part", part));
    assertThat(other.download(stream)[0]).isNotEqualTo(3);
  }

  @Test
  void whatTheFormatForbidsIsRefused() throws IOException {
    Path path = folder.resolve("wrong");
    file.about.put("steps", 7);
    refused(file.write(path, file.names()), "'steps' in __metadata__ is 7, and should be a string");
    file.about.remove("steps");
    file.data.put("part.A", new byte[8]);
    refused(file.write(path, file.names()), "the place of tensor 'part.A' does not fit its shape");
    String tensor = "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}";
    for (String[] wrong :
        new String[][] {
          {"\"a\":" + tensor.formatted(4, 8), "tensor 'a' begins at 4 instead of 0"},
          {
            "\"a\":" + tensor.formatted(0, 4) + ",\"b\":" + tensor.formatted(0, 4),
            "tensor 'b' begins at 0 instead of 4"
          },
          {
            "\"a\":" + tensor.formatted(0, 4) + ",\"a\":" + tensor.formatted(4, 8),
            "'a' stands there twice"
          },
          {"\"a\":" + tensor.formatted(8, 4), "the place of tensor 'a' is none"},
          {
            "\"a\":{\"dtype\":\"NEW\",\"shape\":[1],\"data_offsets\":[0,9223372036854775807]}",
            "its head is no safetensors head (long overflow)"
          },
          {"\"a\":[1]", "'a' is no object"},
          {"\"a\":true", "a string, an object, an array or a whole number was expected"},
          {
            "\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}",
            "shape of tensor 'a' is not an array"
          },
          {"\"\\ud800\":1.5", "was expected at character"},
        }) {
      refused(file.write(path, "{" + wrong[0] + "}", List.of()), wrong[1]);
    }
    byte[] bytes = Files.readAllBytes(path);
    bytes[9] = (byte) 0xff; // no UTF-8
    Files.write(path, bytes);
    refused(path, "its head is no safetensors head (no UTF-8)");
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 100_000_001);
    Files.write(path, bytes);
    refused(
        path, "is no checkpoint: it is no safetensors file, or damaged in its first bytes; give");
    refused(path, "; copy it again, or go on from an older one");
    refused(folder, " is a folder; give the file of a checkpoint");
  }

  /** A type of tomorrow stands where it stands; only what is asked for must be known. */
  @Test
  void anUnknownTypeIsNamed() throws IOException {
    file.put("part.Z", "F2_NEW", new byte[3], 12);
    Path path = file.write(folder.resolve("new"), file.names());
    assertThatThrownBy(() -> Checkpoint.loadChanged(path, stream, Map.of("part", part)))
        .hasMessageContaining("it also has [part.Z]");
  }

  private void loads(Path path) throws IOException {
    fill(new float[6], new int[3], 0, 0);
    Checkpoint.load(path, stream, Map.of("part", part));
    assertThat(ByteBuffer.wrap(bytes(matrix.download(stream))))
        .isEqualTo(ByteBuffer.wrap(bytes(W)));
    assertThat(words.downloadInts(3, stream)).isEqualTo(WORDS);
    assertThat(number).isEqualTo(7);
    assertThat(other.download(stream)).containsExactly(3);
  }

  private static byte[] bytes(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  private void refused(Path path, String why) {
    assertThat(message(path)).contains(path.toString()).contains(why);
    assertThat(matrix.download(stream)).containsOnly(0f);
    assertThat(words.downloadInts(3, stream)).containsOnly(0);
    assertThat(number).isZero();
  }

  private String message(Path path) {
    try {
      Checkpoint.load(path, stream, Map.of("part", part));
    } catch (CheckpointException e) {
      return e.getMessage();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    throw new AssertionError(path + " was taken");
  }
}
