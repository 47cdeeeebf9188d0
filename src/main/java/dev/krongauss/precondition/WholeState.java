package dev.krongauss.precondition;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.model.State;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * A walk by a rank that has its own layers alone, as one over all layers: what it gives for its own
 * goes on with what {@link ShardedState} has for the others.
 */
class WholeState implements State {
  private final State of;
  private final String prefix;
  private final ShardedState sharded;

  WholeState(State of, String prefix, ShardedState sharded) {
    this.of = of;
    this.prefix = prefix;
    this.sharded = sharded;
  }

  /** Exchanges the matrices of all layers, given this rank's. */
  void layers(String name, List<Matrix> own, boolean symmetric) {
    List<Matrix> whole = sharded.whole(name, own, of.reads());
    String last = name.substring(prefix.length());
    if (symmetric) {
      of.symmetrics(last, whole);
    } else {
      of.matrices(last, whole);
    }
  }

  @Override
  public void matrices(String name, List<Matrix> values) {
    if (values.size() == sharded.owners().layers()) {
      of.matrices(name, values); // every rank has them
    } else {
      layers(prefix + name, values, false);
    }
  }

  @Override
  public void symmetrics(String name, List<Matrix> values) {
    layers(prefix + name, values, true);
  }

  /** Each batch enters the factors of all layers: others' counts are this rank's. */
  @Override
  public long[][] counts(List<String> names, long[][] values) {
    long[][] whole = new long[sharded.owners().layers()][];
    Arrays.fill(whole, values[0]);
    int first = sharded.owners().first();
    System.arraycopy(values, 0, whole, first, values.length);
    return Arrays.copyOfRange(of.counts(names, whole), first, first + values.length);
  }

  @Override
  public void matrix(String name, Matrix values) {
    of.matrix(name, values);
  }

  @Override
  public void symmetric(String name, Matrix values) {
    of.symmetric(name, values);
  }

  @Override
  public void buffer(String name, Buffer words) {
    of.buffer(name, words);
  }

  @Override
  public long number(String name, long value) {
    return of.number(name, value);
  }

  @Override
  public long count(String name, long value) {
    return of.count(name, value);
  }

  @Override
  public String text(String name, String value) {
    return of.text(name, value);
  }

  @Override
  public String text(String name, String value, String former) {
    return of.text(name, value, former);
  }

  @Override
  public String kind(String name, String value, Collection<String> known, String former) {
    return of.kind(name, value, known, former);
  }

  @Override
  public String oneOf(String name, String value, Collection<String> known) {
    return of.oneOf(name, value, known);
  }

  @Override
  public void same(String name, String value) {
    of.same(name, value);
  }

  @Override
  public void same(String name, String value, String former) {
    of.same(name, value, former);
  }

  @Override
  public boolean replaces() {
    return of.replaces();
  }

  @Override
  public boolean reads() {
    return of.reads();
  }

  @Override
  public State of(String part) {
    return new WholeState(of.of(part), prefix + part + ".", sharded);
  }
}
