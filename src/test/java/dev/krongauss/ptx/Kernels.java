package dev.krongauss.ptx;

import java.util.List;

/** PTX that runs one form for many tuples of operands: a thread takes one. */
final class Kernels {
  static final String HEADER = ".version 9.0\n.target sm_80\n.address_size 64";
  static final String REGISTERS =
      ".reg .b16 %h<12>; .reg .b32 %r<12>; .reg .b64 %d<12>; .reg .pred %p<12>;\n"
          + ".reg .b64 %in, %out; .reg .b32 %i, %n, %t, %step; .reg .pred %skip;";

  private Kernels() {}

  /** The module of some forms: kernels k0, k1 ... (in, out, n, step): lanes in step are skipped. */
  static String module(List<Form> forms, List<long[][]> tuples) {
    StringBuilder text = new StringBuilder(HEADER).append('\n');
    for (int i = 0; i < forms.size(); i++) {
      text.append(kernel("k" + i, forms.get(i), table(forms.get(i), tuples.get(i))));
    }
    return text.toString();
  }

  private static long table(Form form, long[][] tuples) {
    int at = form.sources().indexOf(Type.LUT);
    return at < 0 ? 0 : tuples[0][at];
  }

  static String kernel(String name, Form form, long table) {
    StringBuilder text = new StringBuilder();
    text.append(".visible .entry ").append(name);
    text.append("(.param .u64 in, .param .u64 out, .param .u32 n, .param .u32 step)\n{\n");
    text.append(REGISTERS).append('\n');
    text.append("ld.param.u64 %in, [in]; ld.param.u64 %out, [out];\n");
    text.append("ld.param.u32 %n, [n]; ld.param.u32 %step, [step];\n");
    text.append("mov.u32 %i, %ctaid.x; mov.u32 %t, %ntid.x; mad.lo.u32 %i, %i, %t, 0;\n");
    text.append("mov.u32 %t, %tid.x; add.u32 %i, %i, %t;\n");
    text.append("setp.ge.u32 %skip, %i, %n; @%skip bra END;\n");
    text.append("and.b32 %t, %i, %step; setp.ne.u32 %skip, %t, 0; @%skip bra END;\n");
    text.append(advance("in", form.sources().size())).append(advance("out", form.results().size()));
    for (int k = 0; k < form.operands().size(); k++) {
      clearOrLoad(text, form, k);
    }
    text.append(form.text(table)).append('\n');
    for (int k = 0; k < form.results().size(); k++) {
      store(text, form, k);
    }
    return text.append("END: ret;\n}\n").toString();
  }

  private static String advance(String pointer, int longs) {
    return "mad.wide.u32 %" + pointer + ", %i, " + 8 * longs + ", %" + pointer + ";\n";
  }

  private static void clearOrLoad(StringBuilder text, Form form, int operand) {
    int source = operand - form.results().size();
    Type type = form.operands().get(operand);
    if (source < 0 || type == Type.LUT) {
      return;
    }
    String at = ", [%in+" + 8 * source + "];\n";
    if (type == Type.P) {
      text.append("ld.global.b32 %t").append(at);
      text.append("setp.ne.u32 ").append(form.register(operand)).append(", %t, 0;\n");
    } else {
      text.append("ld.global.b").append(type.register()).append(' ');
      text.append(form.register(operand)).append(at);
    }
  }

  private static void store(StringBuilder text, Form form, int result) {
    Type type = form.results().get(result);
    String value = form.register(result);
    if (type == Type.P) {
      text.append("selp.b32 %t, 1, 0, ").append(value).append(";\n");
      value = "%t";
    }
    text.append("st.global.b").append(type == Type.P ? 32 : type.register());
    text.append(" [%out+").append(8 * result).append("], ").append(value).append(";\n");
  }
}
