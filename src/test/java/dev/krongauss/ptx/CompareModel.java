package dev.krongauss.ptx;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** set, setp, selp, slct, testp, copysign. */
final class CompareModel {
  private static final Set<String> LOGIC = Set.of("and", "or", "xor");

  private CompareModel() {}

  static Model of(Form form) {
    Type type = form.sources().get(0);
    boolean flush = form.has("ftz");
    return switch (form.name()) {
      case "set" -> set(form, type, flush);
      case "setp" -> in -> predicates(form, type, flush, in);
      case "selp" -> in -> Model.bits(in[2] != 0 ? in[0] : in[1]);
      case "slct" ->
          in -> Model.bits(notNegative(form.sources().get(2), flush, in[2]) ? in[0] : in[1]);
      case "testp" -> in -> List.of(Expected.truth(test(form, type.format(), in[0])));
      case "copysign" -> in -> copySign(type.format(), in);
      default -> throw new IllegalArgumentException(form.opcode());
    };
  }

  /** The second operand with the sign of the first. */
  private static List<Expected> copySign(Format f, long[] in) {
    return List.of(Expected.number(f, in[0] & f.signBit() | in[1] & (f.signBit() - 1)));
  }

  /** Zero of either sign is not negative, NaN selects the second. */
  private static boolean notNegative(Type type, boolean flush, long bits) {
    if (type == Type.S32) {
      return (int) bits >= 0;
    }
    Format f = type.format();
    Real x = f.decode(flush ? f.flush(bits) : bits);
    return !x.nan && (!x.negative || x.zero());
  }

  private static boolean test(Form form, Format f, long bits) {
    Real x = f.decode(bits);
    return switch (form.parts().get(1)) {
      case "finite" -> !x.nan && !x.infinite;
      case "infinite" -> x.infinite;
      case "number" -> !x.nan;
      case "notanumber" -> x.nan;
      case "normal" -> !x.nan && !x.infinite && !x.zero() && !f.subnormal(bits);
      case "subnormal" -> f.subnormal(bits);
      default -> throw new IllegalArgumentException(form.opcode());
    };
  }

  private static Model set(Form form, Type type, boolean flush) {
    Type result = form.results().get(0);
    boolean pair = type.pair();
    long yes =
        result.format() != null && !(pair && !result.pair())
            ? result.format().one()
            : BitModel.mask(pair ? 16 : result.width());
    if (pair) {
      Type half = type == Type.F16X2 ? Type.F16 : Type.BF16;
      return in -> Model.halves(in, x -> Expected.bits(holds(form, half, flush, x) ? yes : 0));
    }
    return in -> Model.bits(combined(form, holds(form, type, flush, in), in) ? yes : 0);
  }

  private static List<Expected> predicates(Form form, Type type, boolean flush, long[] in) {
    List<Expected> results = new ArrayList<>();
    if (type.pair()) {
      Type half = type == Type.F16X2 ? Type.F16 : Type.BF16;
      for (int shift = 0; shift <= 16; shift += 16) {
        long[] one = {in[0] >>> shift & 0xffff, in[1] >>> shift & 0xffff};
        results.add(Expected.truth(combined(form, holds(form, half, flush, one), in)));
      }
      return results;
    }
    boolean holds = holds(form, type, flush, in);
    results.add(Expected.truth(combined(form, holds, in)));
    if (form.results().size() == 2) {
      results.add(Expected.truth(combined(form, !holds, in)));
    }
    return results;
  }

  private static boolean combined(Form form, boolean holds, long[] in) {
    String logic = form.parts().get(2);
    if (!LOGIC.contains(logic)) {
      return holds;
    }
    boolean with = in[2] != 0;
    return switch (logic) {
      case "and" -> holds && with;
      case "or" -> holds || with;
      default -> holds != with;
    };
  }

  private static boolean holds(Form form, Type type, boolean flush, long[] in) {
    String comparison = form.parts().get(1);
    if (type.format() == null) {
      return ordered(comparison, type.integer(in[0]).compareTo(type.integer(in[1])));
    }
    Format f = type.format();
    Real a = f.decode(flush ? f.flush(in[0]) : in[0]);
    Real b = f.decode(flush ? f.flush(in[1]) : in[1]);
    boolean nan = a.nan || b.nan;
    if (comparison.equals("num") || comparison.equals("nan")) {
      return nan == comparison.equals("nan");
    }
    boolean unordered = comparison.length() == 3;
    return nan ? unordered : ordered(comparison.substring(0, 2), a.compare(b));
  }

  private static boolean ordered(String comparison, int sign) {
    return switch (comparison) {
      case "eq" -> sign == 0;
      case "ne" -> sign != 0;
      case "lt", "lo" -> sign < 0;
      case "le", "ls" -> sign <= 0;
      case "gt", "hi" -> sign > 0;
      case "ge", "hs" -> sign >= 0;
      default -> throw new IllegalArgumentException(comparison);
    };
  }
}
