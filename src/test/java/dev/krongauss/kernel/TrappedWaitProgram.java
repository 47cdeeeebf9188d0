package dev.krongauss.kernel;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.DeviceException;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.argument.Transfer;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.TileChoice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One launch of a kernel whose blocks wait for each other, in a JVM of its own: a trap ends the
 * context. Prints the bits of the result, or the failure.
 */
final class TrappedWaitProgram {
  private static final int ROWS = 65;
  private static final int UNITS = 130;

  private TrappedWaitProgram() {}

  /**
   * @param args {@code pass} or {@code inverse}
   */
  public static void main(String[] args) {
    try (Device device = Device.open();
        Arena arena = device.newArena("trapped wait")) {
      float[] result = args[0].equals("pass") ? pass(device, arena) : inverse(device, arena);
      System.out.println("bits " + Arrays.hashCode(result) + " of " + result.length);
    } catch (DeviceException e) {
      System.out.println(e.getMessage());
    }
  }

  /** Four layers of 2 x 3 tiles in one launch; the last one's results. */
  private static float[] pass(Device device, Arena arena) {
    Stream s = device.stream();
    List<Link.Forward> links = new ArrayList<>();
    Matrix a = filled(arena, ROWS, UNITS + 1, s);
    for (int l = 0; l < 4; l++) {
      Matrix W = filled(arena, UNITS, UNITS + 1, s);
      Matrix out = arena.matrix(ROWS, UNITS + 1, "a");
      links.add(new Link.Forward(a, W, Transfer.TANH, 0, out.columns(UNITS), null));
      a = out;
    }
    new Chain(device, arena, TileChoice.always(Tile.FFMA)).forward(s, links);
    return links.get(3).output().download(s);
  }

  /** The inverse of a matrix of 3 x 3 tiles. */
  private static float[] inverse(Device device, Arena arena) {
    Stream s = device.stream();
    Matrix S = filled(arena, UNITS, UNITS, s);
    Matrix X = arena.matrix(UNITS, UNITS, "X");
    Buffer damping = arena.floats(1, "damping");
    damping.upload(new float[] {40}, s);
    Buffer info = arena.ints(1, "info");
    Cholesky.Plan plan = new Cholesky(device).plan(arena, List.of(S), List.of(List.of(X)));
    plan.factoriseAndInvert(s, damping.pointer(), info.pointer(), 0);
    return X.download(s);
  }

  private static Matrix filled(Arena arena, int rows, int columns, Stream s) {
    Matrix matrix = arena.matrix(rows, columns, "input");
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 37 % 101 - 50) / 500f;
    }
    matrix.upload(values, s);
    return matrix;
  }
}
