package dev.krongauss.diagnose;

/**
 * One convention that is broken.
 *
 * @param fault which
 * @param layer of what was handed over, from 0
 * @param number what the fault says of its number, for instance the factor; NaN where it has none
 * @param sentence what was found, with values
 * @param remedy the line to change
 */
public record Finding(Fault fault, int layer, double number, String sentence, String remedy) {
  Finding(Fault fault, int layer, double number, String sentence) {
    this(fault, layer, number, sentence, fault.remedy());
  }

  @Override
  public String toString() {
    return "layer %d: %s; %s".formatted(layer, sentence, remedy);
  }
}
