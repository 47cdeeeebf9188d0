package dev.krongauss.train;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.State;
import dev.krongauss.net.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A copy of a network's best weights on the device. While these are in the network, the copy has
 * the last ones.
 */
final class BestWeights implements AutoCloseable {
  private static final String NONE = "none";

  private final Network network;
  private final Stream stream;
  private final Arena arena;
  private final List<Matrix> kept = new ArrayList<>();
  private Optional<Held> held = Optional.empty();
  private boolean inNetwork;

  BestWeights(Network network) {
    this.network = network;
    this.stream = network.device().stream();
    this.arena = network.device().newArena("best weights");
    for (Matrix W : network.parameters()) {
      kept.add(arena.matrix(W.rows(), W.columns(), "W"));
    }
  }

  /** The evaluation that the best weights are from. */
  Optional<Held> held() {
    return held;
  }

  /** An evaluation, with whether it is better than all before; one that is no number is not. */
  Held compared(long update, double seconds, Scores scores, Optional<Scores> averaged) {
    Held next = new Held(update, seconds, scores, averaged, false);
    double least = held.map(each -> each.better().objective()).orElse(Double.POSITIVE_INFINITY);
    boolean better = next.better().objective() < least;
    return new Held(update, seconds, scores, averaged, better);
  }

  /** Enqueues the copy of the network's present weights. */
  Held keep(Held now) {
    for (int l = 0; l < kept.size(); l++) {
      stream.copy(network.parameters().get(l), kept.get(l));
    }
    held = Optional.of(now);
    return now;
  }

  /** Makes the best weights the network's and keeps the last ones here. */
  void putIn() {
    if (held.isPresent() && !inNetwork) {
      exchangeWeights();
    }
  }

  /** Takes the last weights back. */
  void takeOut() {
    if (inNetwork) {
      exchangeWeights();
    }
  }

  private void exchangeWeights() {
    float[][] last = network.weights();
    for (int l = 0; l < kept.size(); l++) {
      stream.copy(kept.get(l), network.parameters().get(l));
      kept.get(l).upload(last[l], stream);
    }
    inNetwork = !inNetwork;
  }

  void exchange(State state) {
    state.matrices("W", kept);
    String text = state.text("held", held.map(HeldText::of).orElse(NONE));
    long place = state.count("inNetwork", inNetwork ? 1 : 0);
    if (state.replaces()) {
      held = text.equals(NONE) ? Optional.empty() : Optional.of(HeldText.parse(text));
      inNetwork = place == 1;
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
