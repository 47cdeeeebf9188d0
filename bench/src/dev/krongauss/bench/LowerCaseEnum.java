package dev.krongauss.bench;

import dev.krongauss.bench.peers.PeerKind;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads an enum constant by the name that it prints, and lists those names if there is no such one.
 *
 * @param <E> the enum
 */
abstract class LowerCaseEnum<E extends Enum<E>> implements ITypeConverter<E> {
  private final E[] constants;

  private LowerCaseEnum(E[] constants) {
    this.constants = constants;
  }

  @Override
  public E convert(String value) {
    for (E constant : constants) {
      if (constant.toString().equalsIgnoreCase(value.trim())) {
        return constant;
      }
    }
    throw new TypeConversionException(
        "'%s' is not known; choose from %s"
            .formatted(
                value,
                Arrays.stream(constants).map(E::toString).collect(Collectors.joining(", "))));
  }

  /** For {@code --data}. */
  static final class OfProblem extends LowerCaseEnum<Problem> {
    OfProblem() {
      super(Problem.values());
    }
  }

  /** For {@code --peer}. */
  static final class OfPeerKind extends LowerCaseEnum<PeerKind> {
    OfPeerKind() {
      super(PeerKind.values());
    }
  }

  /** For {@code --averages}. */
  static final class OfAverages extends LowerCaseEnum<CompareOptions.Averages> {
    OfAverages() {
      super(CompareOptions.Averages.values());
    }
  }

  /** For {@code --device}. */
  static final class OfDeviceKind extends LowerCaseEnum<CompareOptions.DeviceKind> {
    OfDeviceKind() {
      super(CompareOptions.DeviceKind.values());
    }
  }
}
