package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.kernel.Update;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pieces of captured work, and the calls between them. */
final class CutsTest {
  private final Device device = TestDevice.get();
  private final Update update = new Update(device);
  private final Cuts cuts = new Cuts();
  private final List<String> calls = new ArrayList<>();
  private final Arena memory = device.newArena("one");
  private final Buffer one = memory.floats(1, "one");

  CutsTest() {
    one.upload(new float[] {1}, device.stream());
    device.synchronize();
  }

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void callsAreMadeAtOnceWhereNothingIsCaptured() {
    cuts.call(() -> calls.add("call"));
    assertThat(calls).containsExactly("call");
  }

  @Test
  void callsAreMadeBetweenThePiecesEachTime() {
    try (Arena arena = device.newArena("cuts");
        Stream s = device.newStream()) {
      Matrix A = ones(arena, "A", s);
      Runnable seen = () -> calls.add("A is " + A.download(s)[0]);
      try (Cuts.Pieces pieces =
          cuts.capture(
              s,
              () -> {
                cuts.call(seen);
                doubles(A, s);
                cuts.call(seen);
                cuts.call(seen);
                doubles(A, s);
                doubles(A, s);
                cuts.call(() -> cuts.call(seen)); // part of the one that it is within
              })) {
        assertThat(calls).isEmpty();
        assertThat(A.download(s)).containsOnly(1f);
        assertThat(pieces.graphs()).isEqualTo(2);
        assertThat(pieces.nodes()).isEqualTo(3);
        assertThat(pieces.whole()).isFalse();
        pieces.run();
        pieces.run();
        assertThat(calls)
            .containsExactly(
                "A is 1.0",
                "A is 2.0",
                "A is 2.0",
                "A is 8.0",
                "A is 8.0",
                "A is 16.0",
                "A is 16.0",
                "A is 64.0");
      }
    }
  }

  @Test
  void piecesOfTwoStreamsFollowTheEventsThatAreRecordedBetweenThem() {
    try (Arena arena = device.newArena("cuts");
        Event there = device.newEvent();
        Event back = device.newEvent();
        Stream s = device.newStream();
        Stream other = device.newStream()) {
      Matrix A = ones(arena, "A", s);
      Runnable work =
          () -> {
            doubles(A, s);
            cuts.call(() -> there.record(s));
            cuts.to(other);
            cuts.call(() -> other.await(there));
            doubles(A, other);
            cuts.call(() -> back.record(other));
            cuts.to(s);
            cuts.call(() -> s.await(back));
            doubles(A, s);
          };
      work.run();
      try (Cuts.Pieces pieces = cuts.capture(s, work)) {
        assertThat(pieces.graphs()).isEqualTo(3);
        pieces.run();
        pieces.run();
      }
      assertThat(A.download(s)).containsOnly(512f);
    }
  }

  @Test
  void workWithoutACallIsOneGraph() {
    try (Arena arena = device.newArena("cuts");
        Stream s = device.newStream()) {
      Matrix A = ones(arena, "A", s);
      try (Cuts.Pieces pieces = cuts.capture(s, () -> doubles(A, s))) {
        assertThat(pieces.whole()).isTrue();
      }
    }
  }

  @Test
  void anotherStreamThanThatOfThePieceIsKnown() {
    try (Arena arena = device.newArena("cuts");
        Stream s = device.newStream();
        Stream other = device.newStream()) {
      Matrix A = ones(arena, "A", s);
      List<Boolean> taken = new ArrayList<>();
      cuts.capture(
              s,
              () -> {
                doubles(A, s);
                taken.add(cuts.takes(s));
                taken.add(cuts.takes(other));
                cuts.to(other);
                taken.add(cuts.takes(s));
                taken.add(cuts.takes(other));
              })
          .close();
      assertThat(taken).containsExactly(true, false, false, true);
      assertThat(cuts.takes(other)).isTrue();
    }
  }

  @Test
  void workThatFailsLeavesStreamsAndCutsUsable() {
    try (Arena arena = device.newArena("cuts");
        Stream s = device.newStream();
        Stream other = device.newStream()) {
      Matrix A = ones(arena, "A", s);
      assertThatThrownBy(
              () ->
                  cuts.capture(
                      s,
                      () -> {
                        doubles(A, s);
                        cuts.to(other);
                        doubles(A, other);
                        throw new IllegalStateException("the work failed");
                      }))
          .hasMessage("the work failed");
      assertThat(s.capturing()).isFalse();
      assertThat(other.capturing()).isFalse();
      cuts.call(() -> doubles(A, s));
      assertThat(A.download(s)).containsOnly(2f);
      assertThatThrownBy(() -> cuts.capture(s, () -> {}))
          .hasMessageContaining("nothing was enqueued");
      try (Cuts.Pieces pieces = cuts.capture(s, () -> doubles(A, s))) {
        pieces.run();
      }
      assertThat(A.download(s)).containsOnly(4f);
    }
  }

  private Matrix ones(Arena arena, String name, Stream s) {
    Matrix matrix = arena.matrix(2, 5, name);
    matrix.upload(new float[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, s);
    return matrix;
  }

  private void doubles(Matrix A, Stream s) {
    update.apply(s, List.of(A), List.of(A), one.pointer(), 0);
  }
}
