package dev.krongauss.bench.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What fails for want of graphics costs a picture; what fails for another reason is not hidden. */
final class DrawingTest {
  @Test
  void errorsOfJavasGraphicsCostThePictureAlone() throws IOException {
    Drawing drawing = new Drawing("test");
    assertThat(drawing.draw(() -> "a picture")).contains("a picture");
    assertThat(
            drawing.<String>draw(
                () -> {
                  throw new InternalError(new NullPointerException("Fontconfig head is null"));
                }))
        .isEmpty();
    assertThat(drawing.obstacle()).get().asString().contains("Fontconfig head is null");
    assertThat(drawing.draw(() -> "another")).as("not tried again").isEmpty();
    for (Error error : List.of(new UnsatisfiedLinkError("libfreetype.so.6"), ofFonts())) {
      assertThat(
              new Drawing("test")
                  .<String>draw(
                      () -> {
                        throw error;
                      }))
          .isEmpty();
    }
  }

  /** As thrown where there is fontconfig but no font. */
  private static Error ofFonts() {
    Error error = new Error("Probable fatal error: No physical fonts found.");
    StackTraceElement place =
        new StackTraceElement(
            null, "java.desktop", null, "sun.font.SunFontManager", "loadFonts", null, 1);
    error.setStackTrace(new StackTraceElement[] {place});
    return error;
  }

  @Test
  void whatIsNotOfJavasGraphicsIsNotHidden() {
    Drawing drawing = new Drawing("test");
    assertThatThrownBy(
            () ->
                drawing.draw(
                    () -> {
                      throw new IllegalStateException("a bug");
                    }))
        .hasMessage("a bug");
    assertThatThrownBy(
            () ->
                drawing.draw(
                    () -> {
                      throw new OutOfMemoryError("of pixels");
                    }))
        .hasMessage("of pixels");
    assertThatThrownBy(
            () ->
                drawing.draw(
                    () -> {
                      throw new IOException("disk full");
                    }))
        .hasMessage("disk full");
  }
}
