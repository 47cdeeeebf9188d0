package dev.krongauss.train;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.StringJoiner;

/** An {@link Held} as words of a text and back, bit for bit. */
final class HeldText {
  private HeldText() {}

  static String of(Held held) {
    StringJoiner words = new StringJoiner(" ");
    words.add(Long.toString(held.update())).add(Double.toString(held.seconds()));
    words.add(Boolean.toString(held.best()));
    words.add(Boolean.toString(held.averaged().isPresent()));
    add(words, held.scores());
    held.averaged().ifPresent(scores -> add(words, scores));
    return words.toString();
  }

  static Held parse(String text) {
    Queue<String> words = new ArrayDeque<>(List.of(text.split(" ")));
    long update = Long.parseLong(words.remove());
    double seconds = Double.parseDouble(words.remove());
    boolean best = Boolean.parseBoolean(words.remove());
    boolean averaged = Boolean.parseBoolean(words.remove());
    Scores scores = scores(words);
    Optional<Scores> more = averaged ? Optional.of(scores(words)) : Optional.empty();
    return new Held(update, seconds, scores, more, best);
  }

  private static void add(StringJoiner words, Scores scores) {
    words.add(Long.toString(scores.datapoints())).add(Integer.toString(scores.targets().size()));
    words.add(Double.toString(scores.objective()));
    words.add(Double.toString(scores.rmse())).add(Double.toString(scores.r2()));
    words.add(Double.toString(scores.logLoss())).add(Double.toString(scores.accuracy()));
    words.add(Double.toString(scores.auc()));
    for (Scores.Target each : scores.targets()) {
      words.add(Double.toString(each.rmse())).add(Double.toString(each.r2()));
    }
  }

  private static Scores scores(Queue<String> words) {
    long datapoints = Long.parseLong(words.remove());
    int targets = Integer.parseInt(words.remove());
    double[] values = new double[6];
    for (int i = 0; i < values.length; i++) {
      values[i] = Double.parseDouble(words.remove());
    }
    List<Scores.Target> each = new ArrayList<>();
    for (int i = 0; i < targets; i++) {
      double rmse = Double.parseDouble(words.remove());
      each.add(new Scores.Target(rmse, Double.parseDouble(words.remove())));
    }
    return new Scores(
        values[0], datapoints, values[1], values[2], values[3], values[4], values[5], each);
  }
}
