package dev.krongauss.testing;

/** A kernel for tests of addresses. */
public final class StoreKernel {
  /** PTX of a kernel that stores a 1 at the place it is given. */
  public static final String PTX =
      """
      .version 7.0
      .target sm_80
      .address_size 64
      .visible .entry store_at(.param .u64 place) {
        .reg .u64 %rd<2>;
        .reg .u32 %r<2>;
        ld.param.u64 %rd1, [place];
        mov.u32 %r1, 1;
        st.global.u32 [%rd1], %r1;
        ret;
      }
      """;

  private StoreKernel() {}
}
