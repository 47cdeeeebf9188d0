package dev.krongauss.ptx;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Values of operands: the corners of each type, combined with each other, and random bits. */
final class Operands {
  private static final double[] REALS = {
    0,
    1,
    -1,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    3,
    0.1,
    1 / 3.0,
    127.5,
    128,
    -128.5,
    255.5,
    256,
    32767.5,
    -32769,
    65504,
    65520,
    65535.5,
    1e5,
    16777217,
    2147483647.5,
    2147483648.0,
    -2147483649.0,
    4294967295.5,
    4294967296.0,
    9.223372036854775e18,
    9.223372036854776e18,
    -9.3e18,
    1.8446744e19,
    1.9e19,
    1e20,
    -7e-20,
    1e-40,
    -1e-310,
    3.4028235677973366e38,
    0.9999999,
    1.0000001,
    6e-8,
    1e38,
    160,
    -149.5,
    100.25,
    3.14159265,
    -1e-8,
    0.999999999999,
    7.8e7,
    3.3e8
  };
  private static final long[] INTEGERS = {
    0,
    1,
    2,
    3,
    5,
    7,
    8,
    15,
    16,
    17,
    23,
    24,
    25,
    31,
    32,
    33,
    40,
    63,
    64,
    65,
    100,
    127,
    128,
    200,
    254,
    255,
    256,
    257,
    0x7fff,
    0x8000,
    0xffff,
    0x10000,
    0x7fffff,
    0x800000,
    0xffffff,
    0x12345678,
    0x55555555L,
    0xaaaaaaaaL,
    0x7fffffffL,
    0x80000000L,
    0x80000001L,
    0xffffffffL,
    0x100000000L,
    0x0f0f0f0f0f0f0f0fL,
    0x7f80ff0180807fffL,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MIN_VALUE + 1
  };

  private final SplittableRandom random;

  Operands(long seed) {
    random = new SplittableRandom(seed);
  }

  /** That many tuples of sources: [tuple][source]. */
  long[][] tuples(Form form, int count) {
    List<Type> types = form.sources();
    List<long[]> corners = types.stream().map(this::corners).toList();
    long[][] all = new long[count][types.size()];
    long table = random.nextLong() & 0xff;
    for (int i = 0; i < count; i++) {
      // A single operand takes its corners in order; several are combined at random.
      boolean corner = i < count * 3 / 4;
      for (int k = 0; k < types.size(); k++) {
        long[] values = corners.get(k);
        boolean inOrder = types.size() == 1 && i < values.length;
        int pick = inOrder ? i : random.nextInt(values.length);
        boolean use = inOrder || corner && random.nextInt(8) != 0 || random.nextInt(4) == 0;
        all[i][k] = use ? values[pick] : bits(types.get(k));
        if (types.get(k) == Type.LUT) {
          all[i][k] = table;
        }
      }
    }
    return all;
  }

  private long bits(Type type) {
    return random.nextLong() & BitModel.mask(Math.max(1, type == Type.P ? 1 : register(type)));
  }

  /** Bits that an instruction gets, some of which it must ignore: those of 8-bit types. */
  private static int register(Type type) {
    return type.register() == 0 ? type.width() : type.register();
  }

  private long[] corners(Type type) {
    if (type == Type.P) {
      return new long[] {0, 1};
    }
    List<Long> values = new ArrayList<>();
    if (type.format() != null && !type.pair()) {
      reals(type.format(), values);
    } else if (type.pair()) {
      List<Long> halves = new ArrayList<>();
      reals(type.format(), halves);
      for (int i = 0; i < 3 * halves.size(); i++) {
        values.add(halves.get(i % halves.size()) | any(halves) << 16);
      }
    } else {
      for (long v : INTEGERS) {
        values.add(v & BitModel.mask(register(type)));
        values.add(-v & BitModel.mask(register(type)));
      }
    }
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  private long any(List<Long> values) {
    return values.get(random.nextInt(values.size()));
  }

  private static void reals(Format f, List<Long> values) {
    long inf = f.infinity();
    long[] positive = {
      0,
      1,
      2,
      (1L << f.fraction) - 1,
      1L << f.fraction,
      (1L << f.fraction) + 1,
      f.one() - 1,
      f.one(),
      f.one() + 1,
      inf - 1,
      inf,
      inf + 1,
      inf | 1L << (f.fraction - 1),
      inf | (1L << f.fraction) - 1
    };
    for (long v : positive) {
      values.add(v);
      values.add(v | f.signBit());
    }
    for (double v : REALS) {
      Real x = Format.F64.decode(Double.doubleToRawLongBits(v));
      values.add(f.encode(x, Format.Round.NEAREST));
    }
  }
}
