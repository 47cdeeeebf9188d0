package dev.krongauss.kernel;

import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.group.Groups;
import dev.krongauss.kernel.group.LinkTables;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.TileChoice;
import java.util.EnumMap;
import java.util.Map;

/**
 * The tangents of all layers' directions through one layer ({@code kernels/tangents.cu}); {@link
 * Chain#tangents} takes them through all.
 */
public final class Tangents {
  private final TileChoice choice;
  private final Map<Tile, Function> functions = new EnumMap<>(Tile.class);

  /**
   * Loads the kernels.
   *
   * @throws IllegalArgumentException if {@code krongauss.tile} or {@code krongauss.curvature} has
   *     an unknown value
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Tangents(Device device) {
    this(device, new TileChoice(device));
  }

  /**
   * Loads the kernels for tiles that are chosen elsewhere; for passes of one tile and tests, no
   * API.
   */
  public Tangents(Device device, TileChoice choice) {
    this.choice = choice;
    for (Tile tile : choice.allSmallTangents()) {
      functions.put(tile, device.function("tangents", "tangents_f32" + tile.variant()));
    }
  }

  /**
   * One layer: the chunks of the layers below behind one another, then that of its own direction,
   * as {@link Link.Tangents} says.
   */
  public void layer(Stream s, Link.Tangents link) {
    Tile tile = choice.smallTangents(link.D().columns());
    LinkTables.Tangents table = new LinkTables.Tangents(link, tile, link.input().rows());
    Groups.launch(functions.get(tile), tile.threads(), s, 1, table);
  }
}
