package dev.krongauss.kernel;

import static dev.krongauss.kernel.tile.Tiles.distinct;
import static dev.krongauss.kernel.tile.Tiles.squareOrDiagonal;

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

/**
 * Damps, factorises and inverts any number of symmetric positive definite matrices of any sizes,
 * diagonal ones among them, in one launch ({@code kernels/cholesky.cu}): for several dampings each,
 * or for the first one of several with which all of them have an inverse.
 *
 * <p>{@link #plan} allocates and uploads what a launch needs, once; {@link Plan#factoriseAndInvert}
 * and {@link Plan#climb} then enqueue one kernel and nothing else, so they can be captured into a
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
   * 4.5 MiB for n = 1001, 68 MiB for n = 4097; none for a diagonal one.
   *
   * @param S square [n][n] of any sizes, of which the lower triangle is read, or the diagonals
   *     [1][n] of diagonal ones, n below 2²⁴; nothing is written
   * @param X for each candidate as many matrices as S, of the same shapes; both halves are written,
   *     mirror images to the bit
   * @throws IllegalArgumentException if there is no matrix or no candidate, if shapes or counts do
   *     not fit, or if two of the X are the same memory or one of the S
   * @throws dev.krongauss.device.DeviceException if the device's memory is too small
   */
  public Plan plan(Arena arena, List<Matrix> S, List<List<Matrix>> X) {
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
    return new Plan(device, function, arena, List.copyOf(S), X);
  }

  private static void check(List<Matrix> S, Matrix X, int candidate, int matrix) {
    Matrix shape = S.get(matrix);
    int n = squareOrDiagonal(shape, "S of matrix " + matrix);
    Check.that(
        !Tiles.diagonal(shape) || n < Diagonal.MOST,
        "a diagonal of %d elements; at most 2^24 - 1",
        n);
    String name = "X of candidate " + candidate + " of matrix " + matrix;
    Check.shape(X, shape.rows(), n, name);
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
    /** Rungs of a ladder at most; {@code kMostRungs} of {@code kernels/cholesky_work.cuh}. */
    public static final int MOST_RUNGS = 4;

    private final Function function;
    private final int matrices;
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
        Device device, Function function, Arena arena, List<Matrix> S, List<List<Matrix>> X) {
      this.function = function;
      this.matrices = S.size();
      int end = 0;
      for (int k = 0; k < S.size() * X.size(); k++) {
        Matrix result = X.get(k / matrices).get(k % matrices);
        items.add(new CholeskyItem(S.get(k % matrices), result, end));
        end = items.get(k).end();
      }
      int[] order = CholeskyTasks.order(items.stream().mapToInt(CholeskyItem::tiles).toArray());
      tasks = order.length / CholeskyTasks.INTS;
      taskList = arena.ints(order.length, "Cholesky tasks");
      taskList.uploadInts(order, device.stream());
      itemTable = arena.ints((long) CholeskyItem.INTS * items.size(), "Cholesky items");
      itemTable.uploadInts(CholeskyItem.table(items), device.stream());
      int tiles = Math.max(1, end); // diagonal matrices have none
      workspace = arena.floats((long) tiles * CholeskyItem.TILE_FLOATS, "Cholesky workspace");
      flags = arena.ints((long) PlanSize.FLAGS * tiles, "Cholesky flags");
      sums = arena.floats(tiles, "Cholesky sums");
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

    /**
     * X[c][m] = (S[m] + damping[c][m] I)⁻¹. Enqueues exactly one kernel; waits for nothing.
     *
     * <p>A matrix that is not positive definite, or not finite, is a result: its {@code info} says
     * so, all of its X is NaN, and no other matrix or candidate feels it.
     *
     * @param damping device address of floats {@code [candidates][matrices]}
     * @param info device address of ints {@code [candidates][matrices]}: 0, or the 1-based column
     *     of the first pivot that is not positive and finite
     * @param condition device address of floats {@code [candidates][matrices]}, or 0 for none: ‖S +
     *     damping I‖_F ‖X‖_F, at least the condition number κ in the 2-norm and at most n κ; NaN
     *     where info is not 0, infinite or NaN where it or X leaves the range of floats. X is to be
     *     trusted to about n 2⁻²⁴ κ. Diagonal matrices have none: what is there stays
     * @throws IllegalArgumentException for an address that is null or no multiple of 4
     */
    public void factoriseAndInvert(Stream s, long damping, long info, long condition) {
      launch(s, damping, info, condition, 0, 1);
    }

    /**
     * The same with the first of several rungs of dampings with which all matrices have an inverse.
     * Rungs behind it are not tried: their infos stay as they are. Where there is none, X is that
     * of the last one. Still one kernel, which finds out by itself.
     *
     * @param damping device address of floats {@code [rungs][candidates][matrices]}
     * @param info device address of ints {@code [rungs][candidates][matrices]}
     * @param first rung to begin with. If it is not 0, somebody else has tried the one before: if
     *     all of its infos are 0, nothing is done
     * @param rungs number of them, behind {@code first}, at most {@value #MOST_RUNGS}
     * @throws IllegalArgumentException for an address that is null or no multiple of 4, or rungs
     *     beyond those limits
     */
    public void climb(Stream s, long damping, long info, int first, int rungs) {
      Check.that(
          0 <= first && first < rungs && rungs <= MOST_RUNGS,
          "rungs %d to %d; give a range within 0 to %d",
          first,
          rungs,
          MOST_RUNGS);
      launch(s, damping, info, 0, first, rungs);
    }

    private void launch(Stream s, long damping, long info, long condition, int first, int rungs) {
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
          .i32(items.size())
          .pointer(workspace.pointer())
          .pointer(flags.pointer())
          .pointer(sums.pointer())
          .pointer(done.pointer())
          .pointer(control.pointer())
          .pointer(damping)
          .pointer(info)
          .pointer(condition)
          .i32(first)
          .i32(rungs)
          .launch();
    }

    /** Another number of blocks than the device holds at once, for tests. */
    Plan blocks(int count) {
      blocks = count;
      return this;
    }

    /** As if so many launches had ended, for tests: 0 to 2³¹ − 1. */
    Plan ended(int launches, Stream s) {
      control.uploadInts(Arrays.copyOf(new int[] {launches}, PlanSize.CONTROL_INTS), s);
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
