package dev.krongauss.bench.page;

import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Optional;

/**
 * Pictures where Java can draw. Where it cannot, as on a server without fonts, they are left out,
 * which is said in one line, and everything else is done.
 */
public final class Drawing {
  private static final String WAY_OUT =
      "install fontconfig and a font (Debian, Ubuntu: fontconfig, fonts-dejavu-core)";

  private final String command;
  private String obstacle;

  /**
   * What draws.
   *
   * @param <T> the picture
   */
  @FunctionalInterface
  public interface Work<T> {
    /**
     * @throws IOException if the picture cannot be written
     */
    T draw() throws IOException;
  }

  /**
   * @param command that says when pictures are left out
   */
  public Drawing(String command) {
    this.command = command;
  }

  /** Tries whether text can be drawn, before there is anything to show. */
  public void rehearse() throws IOException {
    draw(
        () -> {
          Letters.draw();
          return true;
        });
  }

  /**
   * Draws.
   *
   * @return empty where Java cannot draw
   * @throws IOException if the picture cannot be written
   */
  public <T> Optional<T> draw(Work<T> work) throws IOException {
    if (obstacle != null) {
      return Optional.empty();
    }
    try {
      return Optional.of(work.draw());
    } catch (RuntimeException | Error e) {
      if (!ofJavasGraphics(e)) {
        throw e;
      }
      leaveOut(e);
    }
    return Optional.empty();
  }

  /** Why nothing is drawn; empty as long as it is. */
  public Optional<String> obstacle() {
    return Optional.ofNullable(obstacle);
  }

  private void leaveOut(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    obstacle = "this Java cannot draw: " + root.toString().lines().findFirst().orElse("");
    System.err.println(command + ": pictures are left out, since " + obstacle + "; " + WAY_OUT);
  }

  /**
   * Native libraries, fonts or the module java.desktop that are missing show as errors of every
   * kind, from one Java to the next: UnsatisfiedLinkError, NoClassDefFoundError, InternalError
   * ("Fontconfig head is null"), Error ("No physical fonts found"), NullPointerException.
   */
  private static boolean ofJavasGraphics(Throwable failure) {
    if (failure instanceof LinkageError || failure instanceof InternalError) {
      return true;
    }
    if (failure instanceof VirtualMachineError) {
      return false; // no memory
    }
    for (StackTraceElement each : failure.getStackTrace()) {
      if ("java.desktop".equals(each.getModuleName())) {
        return true;
      }
    }
    return false;
  }

  /** Of its own, so that a Java without java.desktop fails where that is met. */
  private static final class Letters {
    private Letters() {}

    static void draw() {
      BufferedImage image = new BufferedImage(64, 16, BufferedImage.TYPE_INT_RGB);
      Graphics2D graphics = image.createGraphics();
      try {
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
        graphics.drawString("objective", 0, 12);
      } finally {
        graphics.dispose();
      }
    }
  }
}
