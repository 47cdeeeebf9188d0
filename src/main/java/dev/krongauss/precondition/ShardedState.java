package dev.krongauss.precondition;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.TreeSum;
import dev.krongauss.model.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The state of ranks of which each has that of its own layers, as that of one that has all:
 * gathered on rank 0 before it is written, and read by each rank for its own layers. The memory of
 * what is gathered is given back by {@link #forget}.
 */
public final class ShardedState {
  private static final float[] ONE = {1};

  private final Device device;
  private final LayerOwners owners;
  private final List<Matrix> weights;
  private final boolean diagonalTop;
  private final TreeSum pack;
  private final Map<String, List<Matrix>> gathered = new HashMap<>();
  private Arena arena; // of what is gathered, or passed over
  private Matrix passedOver;

  /**
   * @param weights W_1 … W_L, for their shapes
   * @param diagonalTop whether the last layer's G is a diagonal
   */
  public ShardedState(
      Device device, LayerOwners owners, List<Matrix> weights, boolean diagonalTop) {
    this.device = device;
    this.owners = owners;
    this.weights = weights;
    this.diagonalTop = diagonalTop;
    pack = new TreeSum(device);
  }

  /**
   * Gathers on rank 0 what a walk asks for; all ranks call this, and wait for one another.
   *
   * @param walk over the state, as it is made with {@link #of}
   */
  public void gather(Consumer<State> walk, Stream s) {
    forget();
    arena = device.newArena("state of other ranks' layers");
    long most = 0;
    for (Matrix W : weights) {
      int widest = Math.max(W.rows(), W.columns());
      most = Math.max(most, TreeSum.packedFloats(widest, widest, true));
      most = Math.max(most, TreeSum.packedFloats(W.rows(), W.columns(), false));
    }
    Buffer packed = arena.floats(most, "a matrix of another rank");
    walk.accept(new Gathering(packed, s));
    s.synchronize();
  }

  /** The walk over all layers. */
  public State of(State state) {
    return new WholeState(state, "", this);
  }

  /** Gives memory back; the next checkpoint is gathered anew. */
  public void forget() {
    gathered.clear();
    passedOver = null;
    if (arena != null) {
      arena.close();
      arena = null;
    }
  }

  LayerOwners owners() {
    return owners;
  }

  /**
   * The matrices of all layers.
   *
   * @param name under which they are walked over, with those of what part
   * @param own those of this rank's layers
   * @param reads whether they are replaced; else they are written
   * @throws IllegalStateException if they are written, and have not been gathered
   */
  List<Matrix> whole(String name, List<Matrix> own, boolean reads) {
    if (!reads && !gathered.containsKey(name)) {
      throw new IllegalStateException(
          "the state is sharded over "
              + owners.ranks().size()
              + " ranks, and rank "
              + owners.ranks().rank()
              + " has not gathered it: call gather() on all ranks after the last update, and save"
              + " on rank 0");
    }
    List<Matrix> whole = new ArrayList<>();
    for (int l = 0; l < owners.layers(); l++) {
      if (owners.own(l)) {
        whole.add(own.get(l - owners.first()));
      } else {
        whole.add(reads ? passedOver(shape(name, l)) : gathered.get(name).get(l));
      }
    }
    return whole;
  }

  private record Shape(int rows, int columns) {}

  /** Of what a layer has under a name: gradients like its weights, else factors of Q or G. */
  private Shape shape(String name, int l) {
    int o = weights.get(l).rows();
    int i = weights.get(l).columns();
    if (name.endsWith("Q")) {
      return new Shape(i, i);
    }
    if (name.endsWith("G")) {
      return new Shape(diagonalTop && l == weights.size() - 1 ? 1 : o, o);
    }
    return new Shape(o, i);
  }

  /** Where values of other ranks' layers go as they are read: one place for all. */
  private Matrix passedOver(Shape shape) {
    if (passedOver == null) {
      arena = device.newArena("state of other ranks' layers");
      int widest = weights.stream().mapToInt(W -> Math.max(W.rows(), W.columns())).max().orElse(1);
      passedOver = arena.matrix(widest, widest, "passed over");
    }
    return Matrix.wrap(passedOver.pointer(), shape.rows, shape.columns, passedOver.stride());
  }

  /** The walk that gathers: a broadcast a matrix. */
  private final class Gathering extends WholeState {
    private final Buffer packed;
    private final Stream s;
    private final String prefix;

    Gathering(Buffer packed, Stream s) {
      this("", packed, s);
    }

    private Gathering(String prefix, Buffer packed, Stream s) {
      super(NOTHING, prefix, ShardedState.this);
      this.prefix = prefix;
      this.packed = packed;
      this.s = s;
    }

    @Override
    void layers(String name, List<Matrix> own, boolean symmetric) {
      List<Matrix> all = new ArrayList<>();
      for (int l = 0; l < owners.layers(); l++) {
        Shape shape = shape(name, l);
        boolean lower = symmetric && shape.rows > 1;
        int root = owners.owner(l);
        Matrix mine = owners.own(l) ? own.get(l - owners.first()) : null;
        if (mine != null) {
          pack.sum(s, List.of(TreeSum.Item.pack(mine, packed.pointer(), lower)), 0, ONE);
        }
        long floats = TreeSum.packedFloats(shape.rows, shape.columns, lower);
        owners.ranks().broadcast(s, packed.pointer(), Float.BYTES * floats, root);
        if (mine == null && owners.ranks().rank() == 0) {
          mine = arena.matrix(shape.rows, shape.columns, name + (l + 1));
          pack.sum(s, List.of(TreeSum.Item.unpack(packed.pointer(), mine, lower)), 0, ONE);
        }
        all.add(mine);
      }
      if (owners.ranks().rank() == 0) {
        gathered.put(name, all);
      }
    }

    @Override
    public State of(String part) {
      return new Gathering(prefix + part + ".", packed, s);
    }
  }

  /** A walk that neither takes nor replaces anything. */
  private static final State NOTHING =
      new State() {
        @Override
        public void matrix(String name, Matrix values) {}

        @Override
        public void buffer(String name, Buffer words) {}

        @Override
        public long number(String name, long value) {
          return value;
        }

        @Override
        public String text(String name, String value) {
          return value;
        }

        @Override
        public void same(String name, String value) {}

        @Override
        public boolean replaces() {
          return false;
        }

        @Override
        public State of(String part) {
          return this;
        }
      };
}
