package dev.krongauss.ptx;

import static java.math.BigInteger.ONE;
import static java.math.BigInteger.ZERO;

import java.math.BigInteger;

/**
 * add.cc and its relatives. There is one adder: a - b is a + ~b + carry in, and the bit that it
 * carries out is what addc and subc add, whichever instruction made it. (The ISA writes "a borrow";
 * that nvcc's own 128-bit division is right only so is shown by WideTest.) The second result is the
 * bit afterwards; without .cc it stays what it was.
 */
final class CarryModel {
  private CarryModel() {}

  static Model of(Form form) {
    boolean product = form.name().startsWith("mad");
    boolean subtracts = form.name().startsWith("sub");
    boolean takes = form.name().endsWith("c");
    boolean gives = form.has("cc");
    Type type = form.sources().get(0);
    int width = type.width();
    BigInteger all = ONE.shiftLeft(width).subtract(ONE);
    return in -> {
      BigInteger a = Type.unsigned(in[0], width);
      BigInteger b = Type.unsigned(in[1], width);
      if (product) {
        BigInteger p = type.integer(in[0]).multiply(type.integer(in[1]));
        a = (form.has("hi") ? p.shiftRight(width) : p).and(all);
        b = Type.unsigned(in[2], width);
      }
      boolean before = takes && (in[in.length - 1] & 0xffffffffL) != 0;
      BigInteger other = subtracts ? all.subtract(b) : b;
      BigInteger carry = takes ? (before ? ONE : ZERO) : subtracts ? ONE : ZERO;
      BigInteger sum = a.add(other).add(carry);
      boolean after = gives ? sum.testBit(width) : before;
      return Model.bits(sum.and(all).longValue(), after ? 1 : 0);
    };
  }
}
