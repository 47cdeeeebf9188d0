package dev.krongauss.table;

import static dev.krongauss.table.TableFiles.assertRefused;
import static dev.krongauss.table.TableFiles.lines;
import static dev.krongauss.table.TableFiles.quiet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.data.DataException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What does not fit is refused before it is allocated, with both numbers. */
final class MemoryTest {
  @TempDir Path folder;

  @Test
  void moreThanTheHeapHas() throws IOException {
    Path file = lines(folder, "t", "a,b,y", "1,2,3", "2,7,4", "4,0,9");
    TableReader reader = quiet(Tabular.csv(file)).task(Task.REGRESSION);
    reader.options.memory = new Memory(() -> 30);
    // 3 rows of 2 inputs and a target: 36 bytes.
    assertRefused(reader, file, "take 0.0 MB", "the Java heap has 0.0 MB left", "-Xmx");
    reader.options.memory = new Memory(() -> 40);
    assertThat(reader.read().training().size()).isEqualTo(3);
  }

  @Test
  void moreThanAnArrayHolds() {
    Memory memory = new Memory(() -> Long.MAX_VALUE);
    assertThatThrownBy(() -> memory.require("big.csv", 1, 30_000_000, 100))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(
            "big.csv: 30,000,000 rows of 100 values are 3,000,000,000 floats, and a Java array"
                + " holds 2,147,483,639")
        .hasMessageContaining("drop(...)");
  }

  @Test
  void itIsSaidBeforeItIsTaken() throws IOException {
    Path file = lines(folder, "t", "a,y", "1,3", "2,4", "NA,9");
    List<String> said = new ArrayList<>();
    Tabular.csv(file).task(Task.REGRESSION).log(said::add).read();
    assertThat(said).hasSize(2);
    assertThat(said.get(0)).contains("3 rows of 2 columns take 0.0 MB as plain numbers");
    assertThat(said.get(1)).contains("a second pass", "the encoded rows take 0.0 MB");
  }

  @Test
  void theHeapOfThisJvm() {
    assertThat(Memory.ofHeap().fits(1000)).isTrue();
    assertThat(Memory.ofHeap().fits(Runtime.getRuntime().maxMemory())).isFalse();
  }
}
