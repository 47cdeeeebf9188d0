package dev.krongauss.kernel;

import static dev.krongauss.kernel.tile.Tiles.distinct;
import static dev.krongauss.kernel.tile.Tiles.square;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.cholesky.CholeskyItem;
import dev.krongauss.kernel.cholesky.CholeskyTasks;
import dev.krongauss.kernel.cholesky.PlanSize;
import dev.krongauss.kernel.tile.Tiles;
import dev.krongauss.kernel.tuning.Chip;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Damps, factorises and inverts any number of symmetric positive definite matrices of any sizes,
 * for several dampings each, in one launch ({@code kernels/cholesky.cu}).
 *
 * <p>{@link #plan} allocates and uploads what the launch needs, once; {@link
 * Plan#factoriseAndInvert} then enqueues one kernel and nothing else, so it can be captured into a
 * graph and replayed. {@link CholeskyColumns} does the same slowly, a launch a tile column.
 */
public final class Cholesky {
  private final Device device;
  private final Function function;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public Cholesky(Device device) {
    this.device = device;
    this.function = device.function("cholesky", "cholesky_f32");
  }

  /**
   * Prepares X[c][m] = (S[m] + damping[c][m] I)⁻¹ for all candidates c and matrices m. Allocates
   * from {@code arena}, uploads and waits: not to be captured. The plan is valid as long as the
   * arena and the memory of S and X.
   *
   * <p>Workspace: with T = ⌈n / 64⌉, T² + 2 T tiles of 16 KiB for each candidate of each matrix,
   * 4.5 MiB for n = 1001, 68 MiB for n = 4097.
   *
   * @param S square [n][n], of any sizes; the lower triangle is read, nothing is written
   * @param X for each candidate as many matrices as S, of the same shapes; both halves are written,
   *     mirror images to the bit
   * @throws IllegalArgumentException if there is no matrix or no candidate, if shapes or counts do
   *     not fit, or if two of the X are the same memory or one of the S
   * @throws dev.krongauss.device.DeviceException if the device's memory is too small
   */
  public Plan plan(Arena arena, List<Matrix> S, List<List<Matrix>> X) {
    return plan(arena, S, X, IntStream.range(0, S.size()).toArray(), S.size());
  }

  /**
   * The same for matrices whose dampings, infos and conditions stand among those of others, which
   * somebody else inverts ({@link Diagonal}).
   *
   * @param places of each S in a row of dampings, infos and conditions
   * @param row length of such a row, of which there is one a candidate
   * @throws IllegalArgumentException as {@link #plan(Arena, List, List)}, or if there is not one
   *     place of its own for each S within the row
   */
  public Plan plan(Arena arena, List<Matrix> S, List<List<Matrix>> X, int[] places, int row) {
    Check.that(
        places.length == S.size()
            && Arrays.stream(places).distinct().count() == places.length
            && Arrays.stream(places).allMatch(place -> place >= 0 && place < row),
        "places %s of %d matrices; each needs one of its own in a row of %d",
        Arrays.toString(places),
        S.size(),
        row);
    Check.that(
        !S.isEmpty() && !X.isEmpty(),
        "%d matrices and %d candidates; a plan needs at least one of each",
        S.size(),
        X.size());
    Set<Long> outputs = new HashSet<>();
    for (int c = 0; c < X.size(); c++) {
      Check.that(
          X.get(c).size() == S.size(),
          "candidate %d has %d results for %d matrices; give one for each",
          c,
          X.get(c).size(),
          S.size());
      for (int m = 0; m < S.size(); m++) {
        check(S, X.get(c).get(m), c, m);
        Check.that(
            outputs.add(X.get(c).get(m).pointer()),
            "X of candidate %d of matrix %d is also another one's, at 0x%x; each needs memory of"
                + " its own",
            c,
            m,
            X.get(c).get(m).pointer());
      }
    }
    return new Plan(device, function, arena, List.copyOf(S), X, places, row);
  }

  private static void check(List<Matrix> S, Matrix X, int candidate, int matrix) {
    int n = square(S.get(matrix), "S of matrix " + matrix);
    String name = "X of candidate " + candidate + " of matrix " + matrix;
    Check.shape(X, n, n, name);
    for (int m = 0; m < S.size(); m++) {
      distinct(X, S.get(m), name, "S of matrix " + m);
    }
  }

  /**
   * The device memory and the task list of one set of factorisations; made by {@link
   * Cholesky#plan}.
   *
   * <p>Launches of one plan share its workspace: they follow one another on a stream or through
   * events, as replays of a graph do. Different plans know nothing of each other.
   */
  public static final class Plan {
    private final Function function;
    private final int matrices;
    private final int row;
    private final List<CholeskyItem> items = new ArrayList<>();
    private final int tasks;
    private final Buffer taskList;
    private final Buffer itemTable;
    private final Buffer workspace;
    private final Buffer flags;
    private final Buffer sums;
    private final Buffer done;
    private final Buffer control;
    private int blocks;

    private Plan(
        Device device,
        Function function,
        Arena arena,
        List<Matrix> S,
        List<List<Matrix>> X,
        int[] places,
        int row) {
      this.function = function;
      this.matrices = S.size();
      this.row = row;
      int end = 0;
      for (int k = 0; k < S.size() * X.size(); k++) {
        Matrix result = X.get(k / matrices).get(k % matrices);
        int place = k / matrices * row + places[k % matrices];
        items.add(new CholeskyItem(S.get(k % matrices), result, end, place));
        end = items.get(k).end();
      }
      int[] order = CholeskyTasks.order(items.stream().mapToInt(CholeskyItem::tiles).toArray());
      tasks = order.length / CholeskyTasks.INTS;
      taskList = arena.ints(order.length, "Cholesky tasks");
      taskList.uploadInts(order, device.stream());
      itemTable = arena.ints((long) CholeskyItem.INTS * items.size(), "Cholesky items");
      itemTable.uploadInts(CholeskyItem.table(items), device.stream());
      workspace = arena.floats((long) end * CholeskyItem.TILE_FLOATS, "Cholesky workspace");
      flags = arena.ints((long) PlanSize.FLAGS * end, "Cholesky flags");
      sums = arena.floats(end, "Cholesky sums");
      done = arena.ints(items.size(), "Cholesky products done");
      control = arena.ints(PlanSize.CONTROL_INTS, "Cholesky control");
      int resident =
          Chip.of(device).multiprocessors() * function.blocksPerMultiprocessor(Tiles.THREADS, 0);
      blocks = Math.max(1, Math.min(resident, tasks));
    }

    /** Number of dampings that each matrix is factorised with. */
    public int candidates() {
      return items.size() / matrices;
    }

    /** Length of a row of dampings: the number of matrices, unless others stand among them. */
    public int row() {
      return row;
    }

    private int rows() {
      return row * candidates();
    }

    /**
     * X[c][m] = (S[m] + damping[c][m] I)⁻¹. Enqueues exactly one kernel; waits for nothing.
     *
     * <p>A matrix that is not positive definite, or not finite, is a result: its {@code info} says
     * so, all of its X is NaN, and no other matrix or candidate feels it.
     *
     * @param damping device address of floats {@code [candidates][row]}, row the number of matrices
     *     unless others stand among them
     * @param info device address of ints {@code [candidates][row]}: 0, or the 1-based column of the
     *     first pivot that is not positive and finite
     * @param condition device address of floats {@code [candidates][row]}, or 0 for none: ‖S +
     *     damping I‖_F ‖X‖_F, at least the condition number κ in the 2-norm and at most n κ; NaN
     *     where info is not 0, infinite or NaN where it or X leaves the range of floats. X is to be
     *     trusted to about n 2⁻²⁴ κ
     * @throws IllegalArgumentException for an address that is null or no multiple of 4
     */
    public void factoriseAndInvert(Stream s, long damping, long info, long condition) {
      launch(s, damping, info, condition, info, 0);
    }

    /**
     * The same, but only if every launch before has failed, each with other dampings; the kernel
     * looks itself. Otherwise X and {@code info} stay as they are.
     *
     * @param before device address of ints {@code [launches][candidates][row]}: the infos of the
     *     launches before, those of the others included
     * @param launches number of them, at least 1
     * @param info as for {@link #factoriseAndInvert}, not among those before
     * @throws IllegalArgumentException for an address that is null or no multiple of 4, or an info
     *     among those before
     */
    public void retry(Stream s, long damping, long info, long before, int launches) {
      checkAddress(before, "infos before");
      Check.that(launches >= 1, "a retry after %d launches; it needs at least one", launches);
      long end = before + 4L * launches * rows();
      Check.that(
          info + 4L * rows() <= before || info >= end,
          "info 0x%x is among the infos of the launches before, 0x%x to 0x%x",
          info,
          before,
          end);
      launch(s, damping, info, 0, before, launches);
    }

    private void launch(
        Stream s, long damping, long info, long condition, long before, int launches) {
      checkAddress(damping, "damping");
      checkAddress(info, "info");
      Check.that(condition % 4 == 0, "condition 0x%x is not a multiple of 4", condition);
      function
          .on(s)
          .grid(blocks, 1, 1)
          .block(Tiles.THREADS, 1, 1)
          .pointer(taskList.pointer())
          .i32(tasks)
          .pointer(itemTable.pointer())
          .pointer(workspace.pointer())
          .pointer(flags.pointer())
          .pointer(sums.pointer())
          .pointer(done.pointer())
          .pointer(control.pointer())
          .pointer(damping)
          .pointer(info)
          .pointer(condition)
          .pointer(before)
          .i32(launches)
          .i32(rows())
          .launch();
    }

    /** Another number of blocks than the device holds at once, for tests. */
    Plan blocks(int count) {
      blocks = count;
      return this;
    }

    /** As if so many launches had ended, for tests: 0 to 2³¹ − 1. */
    Plan ended(int launches, Stream s) {
      control.uploadInts(new int[] {0, launches, 0}, s);
      return this;
    }

    /** L of the last launch, compact [n][n] with zeros above the diagonal; waits. */
    float[] downloadL(int candidate, int matrix, Stream s) {
      return item(candidate, matrix).unpackedL(downloadWorkspace(s));
    }

    /** L⁻¹ of the last launch, likewise. */
    float[] downloadInverse(int candidate, int matrix, Stream s) {
      return item(candidate, matrix).unpackedInverse(downloadWorkspace(s));
    }

    private float[] downloadWorkspace(Stream s) {
      return workspace.downloadFloats((int) (workspace.bytes() / Float.BYTES), s);
    }

    private CholeskyItem item(int candidate, int matrix) {
      return items.get(candidate * matrices + matrix);
    }

    private static void checkAddress(long pointer, String name) {
      Check.that(
          pointer != 0 && pointer % 4 == 0,
          "%s 0x%x is null or not a multiple of 4; give the address of device memory",
          name,
          pointer);
    }
  }
}
