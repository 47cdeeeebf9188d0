package dev.krongauss.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which Python is taken, and what is said where none does; the Pythons are scripts of the test. */
final class InterpreterTest {
  private static final String GOOD =
      "echo a warning >&2; echo '{\"torch\": \"9.9\", \"gpu\": false}'";
  private static final String WITHOUT =
      "echo Traceback >&2; echo \"ModuleNotFoundError: No module named 'torch'\" >&2; exit 1";

  @TempDir private Path folder;

  @Test
  void theFirstThatImportsTorchIsTaken() throws IOException {
    String without = script("without", WITHOUT);
    String good = script("good", GOOD);
    Interpreter.Search search =
        Interpreter.find(
            Set.of(Interpreter.Need.TORCH),
            Map.of("A", "b"),
            ordered("/nowhere/python3", without, good, script("later", GOOD)),
            60);
    Interpreter found = search.orThrow();
    assertThat(found.command()).isEqualTo(good);
    assertThat(found.environment()).containsEntry("A", "b");
    assertThat(found.facts()).containsEntry("torch", "9.9");
    assertThat(search.tried()).hasSize(3);
    assertThat(search.tried().get(0)).startsWith("/nowhere/python3: cannot be started");
    assertThat(search.tried().get(1)).endsWith("No module named 'torch'");
    assertThat(search.tried().get(2)).endsWith("taken, torch 9.9");
  }

  @Test
  void whereNoneDoesAllAreNamedWithTheReason() throws IOException {
    String asks = script("asks", "echo \"asked for ${@:3}\"; exit 1");
    Interpreter.Search search =
        Interpreter.find(
            Set.of(Interpreter.Need.BACKPACK), Map.of(), ordered("/nowhere/python3", asks), 60);
    assertThat(search.found()).isNull();
    assertThatThrownBy(search::orThrow)
        .isInstanceOf(PeerException.class)
        .hasMessageContaining("torch and BackPACK")
        .hasMessageContaining("KRONGAUSS_PYTHON")
        .hasMessageContaining("PYTHONPATH")
        .hasMessageContaining("/nowhere/python3: cannot be started")
        .hasMessageContaining(asks + ": asked for backpack");
    assertThat(search.asMap()).containsEntry("interpreter", null);
  }

  @Test
  void whatAPeerNeedsIsSaid() {
    assertThat(reason(PeerKind.KFAC_JAX))
        .contains("torch and jax and kfac_jax (packages jax and kfac-jax)")
        .contains("KRONGAUSS_PYTHON, or kfac-jax's folder in PYTHONPATH");
    assertThat(reason(PeerKind.TORCH_MUON)).contains("no Python was found with torch 2.9 or newer");
    assertThat(reason(PeerKind.TORCH_KFRA_LAYERS)).contains("with torch; name one in KRONGAUSS");
  }

  private static String reason(PeerKind kind) {
    return Interpreter.find(kind.needs(), Map.of(), Set.of("/nowhere/python3"), 60).reason();
  }

  /** One that hangs does not eat the time of whoever asks. */
  @Test
  void oneThatHangsIsStopped() throws IOException {
    long begin = System.nanoTime();
    Interpreter.Search search =
        Interpreter.find(
            Set.of(Interpreter.Need.TORCH),
            Map.of(),
            ordered(script("hangs", "exec sleep 60"), script("good", GOOD)),
            1);
    assertThat(System.nanoTime() - begin).isLessThan(20_000_000_000L);
    assertThat(search.tried().get(0)).endsWith("no answer within 1 s");
    assertThat(search.tried().get(1)).endsWith("not asked, the time for all was over");
  }

  private String script(String name, String body) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, "#!/bin/bash\n" + body + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file.toString();
  }

  private static Set<String> ordered(String... names) {
    return new LinkedHashSet<>(List.of(names));
  }
}
