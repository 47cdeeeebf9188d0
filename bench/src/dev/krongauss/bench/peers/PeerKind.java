package dev.krongauss.bench.peers;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** The optimisers of other frameworks, each a script in {@code bench/peers}. */
public enum PeerKind {
  /** {@code torch.optim.Adam}. */
  TORCH_ADAM("#8c2f39", Set.of(Interpreter.Need.TORCH)),
  /** The same, each step replayed from one CUDA graph; needs a GPU. */
  TORCH_ADAM_GRAPH("#c8553d", Set.of(Interpreter.Need.TORCH)),
  /** {@code torch.optim.AdamW}. */
  TORCH_ADAMW("#a23b72", Set.of(Interpreter.Need.TORCH)),
  /** {@code torch.optim.Muon} for matrices, {@code torch.optim.Adam} for biases. */
  TORCH_MUON("#7d1d5a", Set.of(Interpreter.Need.MUON)),
  /**
   * The paper's KFRA in plain PyTorch, with the arithmetic of this project's {@code scalarStep}.
   */
  TORCH_KFRA("#e0a458", Set.of(Interpreter.Need.TORCH)),
  /** One step length a layer, with factors of KFRA or KFAC, in plain PyTorch. */
  TORCH_KFRA_LAYERS("#b5651d", Set.of(Interpreter.Need.TORCH)),
  /** KFRA with the factors of BackPACK, the rest as {@link #TORCH_KFRA}. */
  BACKPACK_KFRA("#6d597a", Set.of(Interpreter.Need.BACKPACK)),
  /**
   * The library kfac_jax with its adaptive learning rate, momentum and damping, the first two of
   * which its authors advise against for mini-batches; {@code rate=X} fixes them.
   */
  KFAC_JAX("#3d5a3c", Set.of(Interpreter.Need.KFAC_JAX));

  /** Where {@link #KFAC_JAX}'s damping begins unless told otherwise. */
  public static final String DEFAULT_DAMPING = "0.1";

  private final String color;
  private final Set<Interpreter.Need> needs;

  PeerKind(String color, Set<Interpreter.Need> needs) {
    this.color = color;
    this.needs = needs;
  }

  /** The same in every picture, as {@code #rrggbb}. */
  public String color() {
    return color;
  }

  /** What its interpreter must have. */
  public Set<Interpreter.Need> needs() {
    return needs;
  }

  /** Whether it is Adam: {@link PeerRun#adam}. */
  public boolean isAdam() {
    return this == TORCH_ADAM || this == TORCH_ADAM_GRAPH;
  }

  /** Whether its curvature may be without an average: {@link PeerRun#curvatureAverage}. */
  public boolean hasCurvatureAverage() {
    return this == TORCH_KFRA || this == TORCH_KFRA_LAYERS || this == BACKPACK_KFRA;
  }

  /** Whether it trains on targets of their own, with any activation and loss of a problem. */
  public boolean trainsTables() {
    return isAdam() || this == TORCH_ADAMW || this == TORCH_MUON;
  }

  /**
   * Checks that it can train a problem.
   *
   * @throws IllegalArgumentException if it trains autoencoders with tanh only, and this is none, or
   *     has another loss than Bernoulli's or the squared one
   */
  public void check(PeerProblem problem) {
    boolean own = !problem.data().isAutoencoder();
    if (!trainsTables()
        && (own
            || !problem.activation().equals("tanh")
            || problem.loss().name().endsWith("softmax"))) {
      throw new IllegalArgumentException(
          ("%s trains autoencoders with tanh and the losses bernoulli and squared only, and %s has %s,"
                  + " activation %s and loss %s; take torch-adam, torch-adamw or torch-muon")
              .formatted(
                  this,
                  problem.data().name(),
                  own ? "targets of its own" : "its inputs as targets",
                  problem.activation(),
                  problem.loss().name()));
    }
  }

  /** Whether it runs on a GPU only. */
  public boolean needsGpu() {
    return this == TORCH_ADAM_GRAPH;
  }

  /**
   * An option of a script.
   *
   * @param flag as the script names it
   * @param values what may be given; empty for a positive number
   */
  record Option(String flag, List<String> values) {
    static Option number(String flag) {
      return new Option(flag, List.of());
    }
  }

  /** What {@link PeerChoice} may set, by the names behind its colons. */
  Map<String, Option> options() {
    Map<String, Option> options = new LinkedHashMap<>();
    if (trainsTables()) {
      options.put("rate", Option.number("--learning-rate"));
    }
    if (trainsTables() && !needsGpu()) {
      options.put("halve", Option.number("--halve-every"));
    }
    if (this == TORCH_ADAMW) {
      options.put("decay", Option.number("--weight-decay"));
    }
    if (this == TORCH_MUON) {
      options.put("scale", new Option("--scale", List.of("spectral", "rms")));
      options.put("adam-rate", Option.number("--adam-rate"));
      options.put("ends", new Option("--ends", List.of("muon", "adam")));
    }
    if (this == TORCH_KFRA_LAYERS) {
      options.put("method", new Option("--method", List.of("kfra", "kfac")));
    }
    if (this == KFAC_JAX) {
      options.put(
          "damping", new Option("--initial-damping", List.of("0.01", "0.1", "1", "10", "150")));
      options.put("rate", Option.number("--learning-rate"));
    }
    return options;
  }

  /**
   * Settings that {@code grid} stands for, as they are written; empty for a peer without tuning.
   */
  public List<String> grid() {
    return switch (this) {
      case TORCH_ADAM, TORCH_ADAM_GRAPH, TORCH_ADAMW -> rates(-6);
      case TORCH_MUON -> rates(0);
      case KFAC_JAX ->
          options().get("damping").values().stream().map(each -> "damping=" + each).toList();
      case TORCH_KFRA, TORCH_KFRA_LAYERS, BACKPACK_KFRA -> List.of();
    };
  }

  private static List<String> rates(int greatestExponent) {
    return IntStream.range(0, 8).mapToObj(i -> "rate=2^" + (greatestExponent - i)).toList();
  }

  String script() {
    return switch (this) {
      case TORCH_ADAM_GRAPH -> TORCH_ADAM.script();
      case KFAC_JAX -> "kfac_jax_peer.py"; // another name than the library's, which it imports
      default -> name().toLowerCase(Locale.ROOT) + ".py";
    };
  }

  /** As {@code torch-adam}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
