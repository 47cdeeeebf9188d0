package dev.krongauss.bench;

import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads an enum constant by the name that it prints, and lists those names if there is no such one.
 * Options extend it for their own enum, since picocli makes a converter without arguments.
 *
 * @param <E> the enum
 */
public abstract class LowerCaseEnum<E extends Enum<E>> implements ITypeConverter<E> {
  private final E[] constants;

  /**
   * @param constants to choose from, in the order of the message
   */
  protected LowerCaseEnum(E[] constants) {
    this.constants = constants;
  }

  /**
   * The constant that prints like this.
   *
   * @throws TypeConversionException with the known names
   */
  @Override
  public E convert(String value) {
    try {
      return named(constants, value);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  /**
   * The constant that prints like this, whatever the case of its letters.
   *
   * @throws IllegalArgumentException with the known names
   */
  public static <E extends Enum<E>> E named(E[] constants, String value) {
    for (E constant : constants) {
      if (constant.toString().equalsIgnoreCase(value.trim())) {
        return constant;
      }
    }
    throw new IllegalArgumentException(
        "'%s' is not known; choose from %s"
            .formatted(
                value,
                Arrays.stream(constants).map(E::toString).collect(Collectors.joining(", "))));
  }
}
