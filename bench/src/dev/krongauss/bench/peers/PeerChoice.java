package dev.krongauss.bench.peers;

import dev.krongauss.bench.LowerCaseEnum;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A peer with its settings, as {@code --peer} names it: {@code torch-adam}, {@code
 * torch-muon:scale=rms:rate=2^-5}, {@code kfac-jax:damping=1}.
 *
 * @param kind which peer
 * @param settings values by the names of {@link PeerKind#options}, in that order
 */
public record PeerChoice(PeerKind kind, Map<String, String> settings) {
  private static final String GRID = "grid";

  /** A peer at its defaults. */
  public static PeerChoice of(PeerKind kind) {
    return new PeerChoice(kind, Map.of());
  }

  /**
   * Reads what {@link #label} writes; {@code grid} among the options stands for every value of the
   * peer's grid.
   *
   * @throws IllegalArgumentException with the option, the cause and the way out
   */
  public static List<PeerChoice> parse(String text) {
    List<String> parts = new ArrayList<>(List.of(text.trim().split(":", -1)));
    PeerKind kind = LowerCaseEnum.named(PeerKind.values(), parts.remove(0));
    if (!parts.remove(GRID)) {
      return List.of(choice(kind, text, parts));
    }
    if (kind.grid().isEmpty()) {
      throw new IllegalArgumentException(
          "'%s': %s has no grid; leave it out".formatted(text, kind));
    }
    List<PeerChoice> choices = new ArrayList<>();
    for (String each : kind.grid()) {
      List<String> all = new ArrayList<>(parts);
      all.add(each);
      choices.add(choice(kind, text, all));
    }
    return choices;
  }

  /** The shortest text that {@link #parse} reads as this; unique in a run. */
  public String label() {
    StringBuilder text = new StringBuilder(kind.toString());
    settings.forEach((name, value) -> text.append(':').append(name).append('=').append(value));
    return text.toString();
  }

  /** The run of this peer under its {@link #label}. */
  public PeerRun run(Interpreter interpreter) {
    PeerRun run = PeerRun.of(kind, interpreter).name(label());
    settings.forEach(
        (name, value) -> {
          PeerKind.Option option = kind.options().get(name);
          run.option(option.flag(), option.values().isEmpty() ? decimal(value) : value);
        });
    return run;
  }

  /** The {@link #label}. */
  @Override
  public String toString() {
    return label();
  }

  private static PeerChoice choice(PeerKind kind, String text, List<String> parts) {
    Map<String, String> given = new LinkedHashMap<>();
    for (String part : parts) {
      String[] sides = part.split("=", 2);
      PeerKind.Option option = kind.options().get(sides[0]);
      if (option == null) {
        throw new IllegalArgumentException(
            "'%s' in '%s' is no option; %s takes %s"
                .formatted(
                    part,
                    text,
                    kind,
                    kind.options().isEmpty()
                        ? "none"
                        : String.join(", ", kind.options().keySet())));
      }
      String value = sides.length == 2 ? sides[1] : "";
      check(text, sides[0], value, option);
      if (given.put(sides[0], value) != null) {
        throw new IllegalArgumentException("'%s' has %s twice".formatted(text, sides[0]));
      }
    }
    Map<String, String> ordered = new LinkedHashMap<>();
    kind.options().keySet().stream()
        .filter(given::containsKey)
        .forEach(name -> ordered.put(name, given.get(name)));
    return new PeerChoice(kind, ordered);
  }

  private static void check(String text, String name, String value, PeerKind.Option option) {
    if (!option.values().isEmpty()) {
      if (!option.values().contains(value)) {
        throw new IllegalArgumentException(
            "'%s': %s must be one of %s".formatted(text, name, String.join(", ", option.values())));
      }
      return;
    }
    boolean whole = name.equals("halve");
    try {
      double number = whole ? Integer.parseInt(value) : Double.parseDouble(decimal(value));
      if (number > 0 && number < Double.POSITIVE_INFINITY) {
        return;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(wrongNumber(text, name, whole), e);
    }
    throw new IllegalArgumentException(wrongNumber(text, name, whole));
  }

  private static String wrongNumber(String text, String name, boolean whole) {
    return "'%s': %s needs a positive number behind its =, for example %s"
        .formatted(text, name, name + (whole ? "=200" : "=1e-3 or " + name + "=2^-9"));
  }

  /** A power of two written out. */
  private static String decimal(String value) {
    return value.startsWith("2^")
        ? Double.toString(Math.scalb(1.0, Integer.parseInt(value.substring(2))))
        : value;
  }
}
