package dev.krongauss.kernel;

/**
 * {@link KernelTest} in another order of warps, blocks and streams. The build runs it in a JVM of
 * its own, since the order belongs to the driver.
 */
final class KernelsInOrder1 extends KernelTest {
  static {
    System.setProperty("krongauss.softcuda.seed", "1");
  }
}
