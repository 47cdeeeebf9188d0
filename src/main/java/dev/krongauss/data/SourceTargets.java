package dev.krongauss.data;

import dev.krongauss.model.LossFunction;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The targets of the batches that are on their way, on the heap, and what the losses in use say of
 * them: a source cannot be looked through as a whole. The thread that fills batches asks the losses
 * that are known by then; the others are asked when a batch is used.
 *
 * <p>Three batches are on their way at most, the present one among them.
 */
final class SourceTargets {
  private static final int PLACES = 3;

  private final RowSource source;
  private final List<LossFunction> losses = new CopyOnWriteArrayList<>();
  private final float[][] targets;
  private final List<Map<LossFunction, String>> answers; // "" where a loss takes them
  private int current;

  SourceTargets(RowSource source, int rows) {
    this.source = source;
    this.targets = new float[PLACES][Math.multiplyExact(rows, source.targetWidth())];
    this.answers = List.of(new HashMap<>(), new HashMap<>(), new HashMap<>());
  }

  /** A row is there. */
  void put(long number, int n, FloatBuffer row) {
    int width = source.targetWidth();
    row.get(0, targets[place(number)], n * width, width);
  }

  /** All rows are. */
  void filled(long number) {
    int place = place(number);
    answers.get(place).clear();
    for (LossFunction loss : losses) {
      answers.get(place).put(loss, ask(loss, place));
    }
  }

  /** The batch that {@link #check} is about from now on. */
  void current(long number) {
    current = place(number);
  }

  /**
   * @throws IllegalArgumentException if the loss cannot take a target
   */
  void check(LossFunction loss) {
    if (!losses.contains(loss)) {
      losses.add(loss);
    }
    String answer = answers.get(current).computeIfAbsent(loss, each -> ask(each, current));
    if (!answer.isEmpty()) {
      throw new IllegalArgumentException(
          "a batch of %s does not fit loss %s: %s".formatted(source.name(), loss.name(), answer));
    }
  }

  private String ask(LossFunction loss, int place) {
    try {
      loss.checkTargets(targets[place], source.targetWidth());
      return "";
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }

  private static int place(long number) {
    return (int) (number % PLACES);
  }
}
