package dev.krongauss.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class IdExchangeTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final byte[] NOTHING = new byte[5];

  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  private static InetSocketAddress place() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return new InetSocketAddress("127.0.0.1", free.getLocalPort());
    }
  }

  private Future<byte[]> rank(
      InetSocketAddress place, int rank, int size, byte[] bytes, Duration timeout) {
    IdExchange exchange = new IdExchange(place, new Ranks(rank, size, rank, "a test"), timeout);
    return threads.submit(() -> exchange.spread(bytes));
  }

  @Test
  void everybodyGetsTheBytesOfRank0() throws Exception {
    InetSocketAddress place = place();
    List<Future<byte[]>> others = new ArrayList<>();
    for (int r = 3; r >= 1; r--) {
      others.add(rank(place, r, 4, NOTHING, LONG));
    }
    Thread.sleep(100); // the others are there before rank 0, and try again
    Future<byte[]> first = rank(place, 0, 4, new byte[] {1, 2, 3, 4, 5}, LONG);
    assertThat(first.get()).containsExactly(1, 2, 3, 4, 5);
    for (Future<byte[]> other : others) {
      assertThat(other.get()).containsExactly(1, 2, 3, 4, 5);
    }
  }

  @Test
  void whoeverElseCallsIsNotARank() throws Exception {
    InetSocketAddress place = place();
    Future<byte[]> first = rank(place, 0, 2, new byte[] {7, 7, 7, 7, 7}, LONG);
    boolean said = false;
    while (!said) {
      try (Socket stranger = new Socket()) {
        stranger.connect(place);
        stranger.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes());
        said = true;
      } catch (java.net.ConnectException e) {
        Thread.sleep(10); // rank 0 is not there yet
      }
    }
    assertThat(rank(place, 1, 2, NOTHING, LONG).get()).containsExactly(7, 7, 7, 7, 7);
    assertThat(first.get()).hasSize(5);
  }

  @Test
  void missingRanksAreNamed() throws Exception {
    InetSocketAddress place = place();
    Duration soon = Duration.ofMillis(800);
    Future<byte[]> first = rank(place, 0, 4, NOTHING, soon);
    Future<byte[]> second = rank(place, 2, 4, NOTHING, LONG);
    assertThatThrownBy(first::get)
        .hasMessageContaining("rank 0 of 4 has waited PT0.8S")
        .hasMessageContaining("for ranks [1, 3]");
    assertThatThrownBy(second::get).hasMessageContaining("rank 0 has ended before all");
    assertThatThrownBy(rank(place, 1, 2, NOTHING, soon)::get)
        .hasMessageContaining("rank 1 of 2 has not reached rank 0 at")
        .hasMessageContaining("MASTER_ADDR");
  }

  @Test
  void contradictionsReachBothSides() throws Exception {
    InetSocketAddress place = place();
    Future<byte[]> first = rank(place, 0, 2, NOTHING, LONG);
    Future<byte[]> second = rank(place, 1, 4, NOTHING, LONG);
    for (Future<byte[]> one : List.of(first, second)) {
      assertThatThrownBy(one::get).hasMessageContaining("rank 1 is one of 4, and rank 0 one of 2");
    }
  }

  @Test
  void aPlaceThatCannotBeIsSaid() throws Exception {
    InetSocketAddress nowhere = InetSocketAddress.createUnresolved("no.such.host.invalid", 29871);
    assertThatThrownBy(rank(nowhere, 1, 2, NOTHING, LONG)::get)
        .hasMessageContaining("rank 1 of 2 at no.such.host.invalid")
        .hasMessageContaining("UnknownHostException")
        .hasMessageContaining("MASTER_ADDR and MASTER_PORT are the machine of rank 0");
    try (java.net.ServerSocket taken = new java.net.ServerSocket(0)) {
      InetSocketAddress place = new InetSocketAddress("127.0.0.1", taken.getLocalPort());
      assertThatThrownBy(rank(place, 0, 2, NOTHING, LONG)::get)
          .hasMessageContaining("BindException")
          .hasMessageContaining("a free port of it");
    }
  }

  @Test
  void aMissingAddressIsSaid() {
    Ranks ranks = new Ranks(0, 2, 0, "a test");
    assertThatThrownBy(() -> IdExchange.of(Map.of("MASTER_ADDR", "a"), ranks, LONG))
        .hasMessageContaining("MASTER_ADDR is a and MASTER_PORT null");
    assertThatThrownBy(
            () -> IdExchange.of(Map.of("MASTER_ADDR", "a", "MASTER_PORT", "99999"), ranks, LONG))
        .hasMessageContaining("MASTER_PORT 99999");
  }
}
