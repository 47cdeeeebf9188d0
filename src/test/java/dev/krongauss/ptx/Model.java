package dev.krongauss.ptx;

import java.util.ArrayList;
import java.util.List;

/**
 * What an instruction computes, written from the text of the PTX ISA (9.0) on exact numbers: slow,
 * obvious, and with nothing in common with native/softcuda. Sources and results are bits.
 */
interface Model {
  /** One for each result. */
  List<Expected> apply(long[] sources);

  static Model of(Form form) {
    return switch (form.name()) {
      case "add",
              "sub",
              "mul",
              "mad",
              "div",
              "abs",
              "neg",
              "min",
              "max",
              "fma",
              "rcp",
              "sqrt",
              "rsqrt",
              "sin",
              "cos",
              "lg2",
              "ex2",
              "tanh" ->
          form.sources().get(0).format() != null
              ? RealModel.of(form)
              : form.has("cc") ? CarryModel.of(form) : IntegerModel.of(form);
      case "addc", "subc", "madc" -> CarryModel.of(form);
      case "mul24", "mad24", "sad", "rem", "dp4a", "dp2a" -> IntegerModel.of(form);
      case "popc",
              "clz",
              "bfind",
              "fns",
              "brev",
              "bfe",
              "bfi",
              "szext",
              "bmsk",
              "and",
              "or",
              "xor",
              "not",
              "cnot",
              "lop3",
              "shf",
              "shl",
              "shr",
              "prmt",
              "mov" ->
          BitModel.of(form);
      case "set", "setp", "selp", "slct", "testp", "copysign" -> CompareModel.of(form);
      case "cvt" -> ConvertModel.of(form);
      default -> VideoModel.of(form);
    };
  }

  /** A function of one half of each packed operand, made one of both. */
  static List<Expected> halves(long[] in, java.util.function.Function<long[], Expected> one) {
    long[] low = new long[in.length];
    long[] high = new long[in.length];
    for (int i = 0; i < in.length; i++) {
      low[i] = in[i] & 0xffff;
      high[i] = in[i] >>> 16 & 0xffff;
    }
    return List.of(Expected.pair(one.apply(low), one.apply(high)));
  }

  static List<Expected> bits(long... values) {
    List<Expected> all = new ArrayList<>();
    for (long v : values) {
      all.add(Expected.bits(v));
    }
    return all;
  }
}
