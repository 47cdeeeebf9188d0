package dev.krongauss.kernel.tuning;

import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.tile.Tile;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * A kernel in all tiles that a launcher may choose, loaded, each with the dynamic shared memory
 * that it asks for and with the number of its blocks that a multiprocessor holds at once.
 *
 * <p>Public for the launchers; no part of the API.
 */
public final class Variants {
  private final Map<Tile, Function> functions = new EnumMap<>(Tile.class);
  private final int[] resident = new int[Tile.values().length];

  /**
   * Loads the kernels.
   *
   * @param names the kernel's name with a tile
   * @throws dev.krongauss.device.DeviceException if the device cannot load them, or has less shared
   *     memory
   */
  public Variants(Device device, Set<Tile> tiles, java.util.function.Function<Tile, Name> names) {
    boolean asked = Chip.of(device).equals(Chip.ofDevice(device)) && !device.isSoftware();
    for (Tile tile : tiles) {
      Name name = names.apply(tile);
      Function function = device.function(name.file(), name.kernel());
      function.allowShared(tile.sharedBytes());
      functions.put(tile, function);
      resident[tile.ordinal()] =
          asked
              ? Math.max(1, function.blocksPerMultiprocessor(tile.threads(), tile.sharedBytes()))
              : tile.resident();
    }
  }

  /** A kernel and its file, as {@link Device#function} takes them. */
  public record Name(String file, String kernel) {}

  /** Whether there is a kernel for this tile. */
  public boolean has(Tile tile) {
    return functions.containsKey(tile);
  }

  /** The kernel for a tile that is {@linkplain #has there}. */
  public Function of(Tile tile) {
    return functions.get(tile);
  }

  /**
   * Blocks that a multiprocessor holds at once: what the driver says of the device, or for SoftCUDA
   * and for a {@linkplain Chip#of chip by name}, whose registers nobody knows, what the launch
   * bounds promise.
   */
  public int resident(Tile tile) {
    return resident[tile.ordinal()];
  }

  /** Begins a launch with blocks of this tile. */
  public Launch on(Stream s, Tile tile) {
    return of(tile).on(s).block(tile.threads(), 1, 1).shared(tile.sharedBytes());
  }
}
