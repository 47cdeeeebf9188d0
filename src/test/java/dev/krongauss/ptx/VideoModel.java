package dev.krongauss.ptx;

/** vabsdiff4, the one video instruction that compilers write for sm_80. */
final class VideoModel {
  private VideoModel() {}

  static Model of(Form form) {
    if (!form.name().equals("vabsdiff4")) {
      throw new IllegalArgumentException("no model of " + form.opcode());
    }
    return in -> {
      long sum = in[2];
      long parts = 0;
      for (int shift = 0; shift < 32; shift += 8) {
        long d = Math.abs((in[0] >>> shift & 0xff) - (in[1] >>> shift & 0xff));
        sum += d;
        parts |= d << shift;
      }
      return Model.bits((form.has("add") ? sum : parts) & 0xffffffffL);
    };
  }
}
