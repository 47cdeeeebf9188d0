package dev.krongauss.device;

/**
 * A step that is made many times over, such as a graph's launch on a stream: what a call of the
 * driver needs is made once, so that the step leaves no garbage on the Java heap.
 */
public final class Repeated {
  private final Driver driver;
  private final String what;
  private final Driver.Call call;

  Repeated(Driver driver, String what, Driver.Call call) {
    this.driver = driver;
    this.what = what;
    this.call = call;
  }

  /**
   * Makes the step.
   *
   * @throws DeviceException if the driver fails
   */
  public void run() {
    driver.check(what, call);
  }
}
