package dev.krongauss.bench.model;

import java.util.List;

/** A GPU of the model; its rates and their sources are those of SoftCUDA's estimate. */
enum ModelledGpu {
  H200(90, 132, 2048, 32, 228),
  H100(90, 132, 2048, 32, 228),
  A100(80, 108, 2048, 32, 164),
  RTX4090(89, 128, 1536, 24, 100);

  private static final int REGISTERS = 65536;
  private static final int WARP = 32;
  private static final int PARTITIONS = 4;
  private static final int REGISTER_UNIT = 256;
  private static final int SHARED_RESERVED = 1024;
  private static final int SHARED_UNIT = 128;

  private final int capability;
  private final int multiprocessors;
  private final int threads;
  private final int blocks;
  private final int sharedKilobytes;

  /** The last three a multiprocessor: CUDA C++ Programming Guide 12, "Compute Capabilities". */
  ModelledGpu(int capability, int multiprocessors, int threads, int blocks, int sharedKilobytes) {
    this.capability = capability;
    this.multiprocessors = multiprocessors;
    this.threads = threads;
    this.blocks = blocks;
    this.sharedKilobytes = sharedKilobytes;
  }

  /** As SoftCUDA's option {@code gpu} has it. */
  String option() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /** As {@code krongauss.chip} takes it. */
  String chip() {
    return capability + ":" + multiprocessors;
  }

  int multiprocessors() {
    return multiprocessors;
  }

  /** Whose registers the budget has for it: sm_80 stands for 8.9, which has the same. */
  String architecture() {
    return capability >= 90 ? "sm_90" : "sm_80";
  }

  /**
   * Blocks of a kernel that a multiprocessor holds at once, at least 1.
   *
   * @param blockThreads of a block
   * @param registers of a thread
   * @param sharedBytes of a block
   */
  int resident(int blockThreads, int registers, int sharedBytes) {
    int warps = (blockThreads + WARP - 1) / WARP;
    int ofWarp = up(Math.max(registers, 1) * WARP, REGISTER_UNIT);
    int byRegisters = PARTITIONS * (REGISTERS / PARTITIONS / ofWarp) / warps;
    int byShared = sharedKilobytes * 1024 / up(sharedBytes + SHARED_RESERVED, SHARED_UNIT);
    List<Integer> limits = List.of(threads / WARP / warps, byRegisters, byShared, blocks);
    return Math.max(1, limits.stream().min(Integer::compare).orElseThrow());
  }

  private static int up(int x, int unit) {
    return (x + unit - 1) / unit * unit;
  }
}
