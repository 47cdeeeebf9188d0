package dev.krongauss.bench.peers;

import java.util.Locale;

/** The optimisers of other frameworks, each a script in {@code bench/peers}. */
public enum PeerKind {
  /** {@code torch.optim.Adam}. */
  TORCH_ADAM("#8c2f39", false),
  /** The same, each step replayed from one CUDA graph; needs a GPU. */
  TORCH_ADAM_GRAPH("#c8553d", false),
  /** KFRA in plain PyTorch, with the arithmetic of this project's at its defaults. */
  TORCH_KFRA("#e0a458", false),
  /** KFRA with the factors of BackPACK, the rest as {@link #TORCH_KFRA}. */
  BACKPACK_KFRA("#6d597a", true);

  private final String color;
  private final boolean needsBackpack;

  PeerKind(String color, boolean needsBackpack) {
    this.color = color;
    this.needsBackpack = needsBackpack;
  }

  /** The same in every picture, as {@code #rrggbb}. */
  public String color() {
    return color;
  }

  /** Whether its interpreter must import BackPACK, too. */
  public boolean needsBackpack() {
    return needsBackpack;
  }

  /** Whether it has a learning rate; the others take none. */
  public boolean hasLearningRate() {
    return this == TORCH_ADAM || this == TORCH_ADAM_GRAPH;
  }

  /** Whether it runs on a GPU only. */
  public boolean needsGpu() {
    return this == TORCH_ADAM_GRAPH;
  }

  String script() {
    String name = this == TORCH_ADAM_GRAPH ? TORCH_ADAM.name() : name();
    return name.toLowerCase(Locale.ROOT) + ".py";
  }

  /** As {@code torch-adam}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
