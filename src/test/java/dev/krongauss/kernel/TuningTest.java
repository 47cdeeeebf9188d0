package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Device;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.Shapes;
import dev.krongauss.kernel.tuning.Tuning;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The choices by chip family: each must be legal on its chips, whatever its speed. */
final class TuningTest {
  /** The kernels that {@link Tuning} chooses for. */
  private static final Set<String> TILED =
      Set.of("matmul", "matmul_tensor", "chain", "gradient", "gram", "solve", "tangents");

  /** Of every multiprocessor: registers, and shared memory that each block takes by itself. */
  private static final int REGISTERS = 65536;

  private static final int RESERVED = 1024;

  /**
   * Shared memory that a block has without asking for more, and what it may ask for from 8.6 on.
   */
  private static final int STATIC_BYTES = 48 * 1024;

  private static final int MOST_BYTES = 99 * 1024;

  /**
   * Limits of a multiprocessor: CUDA C++ Programming Guide 13, technical specifications for each
   * compute capability.
   */
  private enum Chip {
    TURING(75, 64, 1024),
    A100(80, 164, 2048),
    A40(86, 100, 1536),
    ORIN(87, 164, 1536),
    L40(89, 100, 1536),
    H100(90, 228, 2048),
    B200(100, 228, 2048),
    B300(103, 228, 2048),
    THOR(110, 228, 1536),
    RTX_5090(120, 100, 1536),
    SPARK(121, 100, 1536),
    UNHEARD_OF(130, 64, 1024);

    final int capability;
    final int sharedBytes;
    final int threads;

    Chip(int capability, int sharedKilobytes, int threads) {
      this.capability = capability;
      this.sharedBytes = 1024 * sharedKilobytes;
      this.threads = threads;
    }

    int resident(Kernel kernel) {
      int byRegisters = REGISTERS / (kernel.threads * ((kernel.registers + 7) / 8 * 8));
      int byShared = sharedBytes / (kernel.sharedBytes + RESERVED);
      return Math.min(threads / kernel.threads, Math.min(byRegisters, byShared));
    }
  }

  /** A kernel as {@code kernels/BUDGET.md} has it, with the registers of the greediest chip. */
  private record Kernel(String file, String name, int threads, int registers, int sharedBytes) {
    Tile tile() {
      return Arrays.stream(Tile.values())
          .filter(tile -> tile != Tile.FFMA && name.endsWith("_" + tile.key()))
          .findFirst()
          .orElse(Tile.FFMA);
    }
  }

  @ParameterizedTest
  @EnumSource(Chip.class)
  void everyKernelThatMayBeChosenFits(Chip chip) throws IOException {
    Tuning tuning = Tuning.of(chip.capability);
    for (Tile tile : tuning.tiles()) {
      List<Kernel> kernels = kernels().filter(k -> k.tile() == tile).toList();
      assertThat(kernels).as("kernels of %s", tile).isNotEmpty();
      for (Kernel kernel : kernels) {
        int wanted = kernel.file.equals("chain") ? tuning.chainBlocks() : tile.resident();
        assertThat(kernel.threads).as("threads of %s", kernel).isEqualTo(tile.threads());
        int most = tile.sharedBytes() > 0 ? MOST_BYTES : STATIC_BYTES;
        assertThat(kernel.sharedBytes)
            .as("shared of %s", kernel)
            .isBetween(tile.sharedBytes(), most);
        assertThat(chip.resident(kernel))
            .as("blocks of %s on a multiprocessor", kernel)
            .isGreaterThanOrEqualTo(wanted);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Chip.class)
  void tilesAreTakenWhereTheyArePossible(Chip chip) {
    Tuning tuning = Tuning.of(chip.capability);
    assertThat(tuning.tiles()).contains(Tile.FFMA).doesNotContain(Tile.TF32_64);
    assertThat(tuning.chainBlocks()).isPositive();
    for (Tile tile : tuning.tiles()) {
      assertThat(tuning.clocks(tile)).as("%s", tile).isBetween(1, 10_000);
      assertThat(tuning.clocksAlone(tile)).as("%s", tile).isGreaterThan(tuning.clocks(tile));
    }
  }

  /**
   * Rows and columns in fragments of 16 and 8, and every thread copies as many quads of a stage.
   */
  @ParameterizedTest
  @EnumSource(Tile.class)
  void tilesDivideAmongTheirThreads(Tile tile) {
    assertThat(tile.threads() % 32).isZero();
    assertThat(tile.rows() * tile.columns() % (4 * tile.threads())).isZero();
    for (int side : new int[] {tile.rows(), tile.columns()}) {
      assertThat(side % 16).isZero();
      assertThat(side * 16 % (4 * tile.threads())).isZero();
    }
  }

  @Test
  void anUnknownChipGetsWhatIsSafeEverywhere() {
    for (int capability : new int[] {0, 53, 70, 75, 81, 99, 119, 122, 130, 999}) {
      Tuning tuning = Tuning.of(capability);
      assertThat(tuning).as("%d", capability).hasSameClassAs(Tuning.of(-1));
      assertThat(tuning.tiles()).as("%d", capability).containsExactly(Tile.FFMA);
    }
    assertThat(Tuning.of(80)).isNotInstanceOf(Tuning.of(-1).getClass());
  }

  @Test
  void softCudaIsNotTakenForTheChipThatItPlays() {
    Device device = TestDevice.get();
    assertThat(Tuning.of(device).tiles())
        .isEqualTo(
            device.isSoftware()
                ? Set.of(Tile.FFMA)
                : Tuning.of(device.computeCapability()).tiles());
  }

  @Test
  void slicesCoverAllRowsAndFitTheWorkspace() {
    for (int tiles : new int[] {1, 3, 10, 36, 511, 512, 513, 10_000}) {
      for (int M : new int[] {0, 1, 255, 256, 511, 512, 1000, 4096, 100_000, Integer.MAX_VALUE}) {
        int slices = Shapes.slices(M, tiles);
        assertThat(slices).as("M = %d, %d tiles", M, tiles).isBetween(1, Shapes.MOST_SLICES);
        if (slices > 1) {
          assertThat((long) slices * tiles).isLessThanOrEqualTo(Shapes.MOST_SLICED_BLOCKS);
          assertThat(M / slices).isGreaterThanOrEqualTo(Shapes.LEAST_SLICE);
        }
      }
    }
  }

  /** The tiled ones. */
  private static Stream<Kernel> kernels() throws IOException {
    String page = Files.readString(Path.of("kernels", "BUDGET.md"));
    return Budget.emptyRegisters().in(page).rows().values().stream()
        .filter(cells -> TILED.contains(cells.get(0)))
        .map(
            cells ->
                new Kernel(
                    cells.get(0),
                    cells.get(1).replace("`", ""),
                    number(cells, 3),
                    Math.max(number(cells, 4), number(cells, 8)),
                    Math.max(number(cells, 5), number(cells, 9))));
  }

  private static int number(List<String> cells, int column) {
    return Integer.parseInt(cells.get(column));
  }
}
