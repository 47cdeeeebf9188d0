package dev.krongauss.optim;

import dev.krongauss.model.Batch;
import dev.krongauss.model.Model;
import dev.krongauss.model.Resumable;
import dev.krongauss.model.State;
import java.util.Optional;

/**
 * Changes a model's weights, one minibatch at a time. It owns its own device memory, not the
 * model's. A step enqueues work and returns; nothing waits until a report is read, but for a step
 * that too many rejections may forbid, and now and then for an update that lies 5 or more back.
 */
public interface Optimizer extends Resumable, AutoCloseable {
  /**
   * Makes one update on a batch.
   *
   * @return a handle: reading it waits for the step, late or at once with the same values, and
   *     ignoring it costs nothing ({@link LateReports} reads one update late)
   * @throws IllegalArgumentException if the batch does not fit the model or the loss, or holds
   *     targets that the loss cannot take
   * @throws IllegalStateException while averaged weights are swapped in, or within a capture of the
   *     device's stream: updates are captured and replayed here already
   * @throws DivergenceException if too many updates in a row were rejected; the weights are those
   *     before them
   */
  default StepReport step(Batch batch) {
    return step(batch, null);
  }

  /**
   * Makes the same update as {@link #step(Batch)}, without a report of its own: once updates are
   * replayed from their graphs, one leaves nothing on the Java heap. {@link #lastReport} makes one
   * for those that somebody wants to read.
   *
   * @throws IllegalArgumentException as {@link #step(Batch)}, and so are the others
   */
  void advance(Batch batch);

  /**
   * The report of the last update: the one that {@link #step(Batch)} has returned, if it did. Does
   * not wait.
   *
   * @return the same for all who ask before the next update; may be kept, as all reports
   * @throws IllegalStateException if there has been no update, or the optimiser was closed and
   *     nobody had asked before
   */
  StepReport lastReport();

  /**
   * The same update, bit for bit, with the device waited for after each phase unless the listener
   * says otherwise: to measure them. It is enqueued call by call, never replayed from a graph, so
   * it takes longer than {@link #step(Batch)} by what its launches and waits cost.
   *
   * @param listener told of each phase when the device has finished it, on this thread; {@link
   *     Phase#BATCH} first, when what was enqueued before is done too; null for none, and {@link
   *     #step(Batch)}
   * @return as {@link #step(Batch)}
   */
  StepReport step(Batch batch, PhaseListener listener);

  /**
   * Nodes of the graph that the last update was replayed from, or with other ranks of the graphs:
   * kernels, copies, fills and library calls. Besides them an update enqueues the copy of its
   * report, that of the batch if it lies elsewhere than the last one, and with other ranks what is
   * done between graphs.
   *
   * @return 0 where it was enqueued call by call: the first two of each kind, and those with a
   *     listener
   */
  int graphNodes();

  /** The model whose weights it changes; stays the caller's. */
  Model model();

  /** Short name for tables and files: {@code kfra}, {@code adam}, … */
  String name();

  /**
   * Why it took its method, with the numbers: of {@link GaussNewton#auto} from the first step on.
   *
   * @return empty where there was nothing to choose, or not yet
   */
  default String choice() {
    return "";
  }

  /**
   * The optimiser that makes the updates: this, the default, or the one that {@link
   * GaussNewton#auto} has chosen, which stays its own.
   *
   * @return empty before there is a choice
   */
  default Optional<Optimizer> chosen() {
    return Optional.of(this);
  }

  /**
   * Walks over all that the next updates depend on, the model's weights apart: moments or factors,
   * inverses, scalars, counters. An optimiser with the same settings that takes this state makes
   * the same updates, bit for bit. Settings are not part of it.
   *
   * @throws IllegalStateException while averaged weights are swapped in
   */
  @Override
  void exchange(State state);

  /**
   * Gathers on rank 0 what other ranks have of a state that is {@linkplain
   * GaussNewtonSetters#shard() sharded}, for a checkpoint that is saved there before the next
   * update, which gives the memory back: all ranks call this, and wait for one another. Else it
   * does nothing.
   */
  default void gather() {}

  @Override
  void close();
}
