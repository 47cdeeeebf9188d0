package dev.krongauss.bench.update;

import dev.krongauss.bench.LowerCaseEnum;
import java.util.Locale;

/** A choice of tile and of accuracies by purpose. */
enum PrecisionVariant {
  FP32("tf32x3_64", "fp32", "fp32"),
  FFMA("ffma", "fp32", "fp32"),
  TANGENTS("tf32x3_64", "tangents", "fp32"),
  SOLVES("tf32x3_64", "tf32", "fp32"),
  RECURSION("tf32x3_64", "tf32", "recursion");

  private final String tile;
  private final String direction;
  private final String curvature;

  PrecisionVariant(String tile, String direction, String curvature) {
    this.tile = tile;
    this.direction = direction;
    this.curvature = curvature;
  }

  /** What is built afterwards has it. */
  void set() {
    System.setProperty("krongauss.tile", tile);
    System.setProperty("krongauss.direction", direction);
    System.setProperty("krongauss.curvature", curvature);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads one. */
  static final class Converter extends LowerCaseEnum<PrecisionVariant> {
    /** Of every variant. */
    Converter() {
      super(values());
    }
  }
}
