package dev.krongauss.bench.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.bench.fetch.DataFile.Form;
import dev.krongauss.bench.fetch.DataFile.Mirror;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A server, a folder, and a file of random bytes to be fetched. */
abstract class FetchKit {
  static final byte[] DATA = new byte[300_000];
  static final byte[] OTHER = new byte[300_000];
  static final String NAME = "data.gz";

  static {
    new Random(1).nextBytes(DATA);
    new Random(2).nextBytes(OTHER);
  }

  @TempDir Path folder;
  final List<String> said = new ArrayList<>();
  Duration patience = Duration.ofSeconds(20);
  FetchServer server;

  @BeforeEach
  void open() throws IOException {
    server = new FetchServer();
  }

  @AfterEach
  void close() {
    server.close();
  }

  void fetch(String... paths) throws IOException, InterruptedException {
    fetch(Stream.of(paths).map(server::uri).toArray(URI[]::new));
  }

  void fetch(URI... uris) throws IOException, InterruptedException {
    List<Mirror> mirrors = Stream.of(uris).map(FetchKit::mirror).toList();
    Checksum checksum = new Checksum("SHA-256", sha256(DATA), false);
    fetcher().fetch(new DataFile(NAME, List.of(checksum), 400_000, mirrors), folder);
  }

  Fetcher fetcher() {
    return new Fetcher(new Download(patience, Duration.ofMillis(1), said::add), said::add);
  }

  static Mirror mirror(URI uri) {
    return new Mirror(uri, Form.AS_IS);
  }

  /** An address where no one listens. */
  static URI nobody() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/x");
    }
  }

  void assertOnlyTheData() {
    assertThat(folder.resolve(NAME)).hasBinaryContent(DATA);
    assertThat(folder.toFile().list()).containsExactly(NAME);
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
