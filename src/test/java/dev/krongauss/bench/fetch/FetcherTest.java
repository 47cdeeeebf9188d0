package dev.krongauss.bench.fetch;

import static dev.krongauss.bench.fetch.FetchServer.blind;
import static dev.krongauss.bench.fetch.FetchServer.cut;
import static dev.krongauss.bench.fetch.FetchServer.file;
import static dev.krongauss.bench.fetch.FetchServer.stall;
import static dev.krongauss.bench.fetch.FetchServer.status;
import static dev.krongauss.bench.fetch.FetchServer.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.bench.fetch.DataFile.Form;
import dev.krongauss.bench.fetch.DataFile.Mirror;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a server does, a file is whole and right, or not there, and it is said why. */
final class FetcherTest {
  private static final byte[] DATA = new byte[300_000];
  private static final byte[] OTHER = new byte[300_000];
  private static final String NAME = "data.gz";

  static {
    new Random(1).nextBytes(DATA);
    new Random(2).nextBytes(OTHER);
  }

  @TempDir private Path folder;
  private final List<String> said = new ArrayList<>();
  private Duration patience = Duration.ofSeconds(20);
  private FetchServer server;

  /** So that what is loaded at first does not count against a short patience. */
  @BeforeAll
  static void warmUp(@TempDir Path folder) throws Exception {
    FetcherTest first = new FetcherTest();
    first.folder = folder;
    first.open();
    first.aFileThatIsThereIsLeftAlone();
    first.close();
  }

  @BeforeEach
  void open() throws IOException {
    server = new FetchServer();
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void aFileThatIsThereIsLeftAlone() throws Exception {
    server.then(file(DATA, null));
    fetch("a");
    assertOnlyTheData();
    assertThat(server.requests()).containsExactly("/a null null");
    fetch("a");
    assertThat(server.requests()).isEmpty();
    assertThat(said).last().asString().contains("is there, with the right checksum");
  }

  @Test
  void aWrongFileIsReplacedOnceTheRightOneIsThere() throws Exception {
    Files.write(folder.resolve(NAME), OTHER);
    server.then(status(404));
    assertThatThrownBy(() -> fetch("a")).isInstanceOf(FetchException.class);
    assertThat(folder.resolve(NAME)).hasBinaryContent(OTHER);
    server.then(file(DATA, null));
    fetch("a");
    assertOnlyTheData();
    assertThat(said).anyMatch(line -> line.contains("is not the wanted file (SHA-256"));
  }

  @Test
  void aBrokenDownloadGoesOnWhereItBrokeOff() throws Exception {
    server.then(cut(DATA, "\"v1\"", 100_000), cut(DATA, "\"v1\"", 50_000), file(DATA, "\"v1\""));
    fetch("a");
    assertOnlyTheData();
    assertThat(server.requests())
        .containsExactly("/a null null", "/a bytes=100000- \"v1\"", "/a bytes=150000- \"v1\"");
    assertThat(said).anyMatch(line -> line.contains("broken off at 100,000 bytes of 300,000"));
  }

  @Test
  void theNextRunGoesOnToo() throws Exception {
    server.then(cut(DATA, "\"v1\"", 10_000));
    assertThatThrownBy(() -> fetch("a"))
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("broken off at 50,000 bytes of 300,000")
        .hasMessageContaining("at the last of 5 attempts")
        .hasMessageContaining("what came is kept");
    assertThat(folder.resolve(NAME)).doesNotExist();
    server.requests();
    server.then(file(DATA, "\"v1\""));
    fetch("a");
    assertThat(server.requests()).containsExactly("/a bytes=50000- \"v1\"");
    assertOnlyTheData();
  }

  @Test
  void aMirrorThatCannotBeReachedDoesNotCostWhatCameFromAnother() throws Exception {
    server.then(cut(DATA, null, 10_000));
    URI nobody = nobody();
    assertThatThrownBy(() -> fetch(server.uri("a"), nobody)).isInstanceOf(FetchException.class);
    server.requests();
    server.then(file(DATA, null));
    fetch(server.uri("a"), nobody);
    assertThat(server.requests()).containsExactly("/a bytes=50000- null");
  }

  @Test
  void aServerThatIgnoresRangesSendsItAllAgain() throws Exception {
    server.then(cut(DATA, null, 100_000), whole(DATA));
    fetch("a");
    assertOnlyTheData();
    assertThat(said).contains("  the server sends the file from its beginning");
  }

  @Test
  void aFileThatChangedMeanwhileIsBegunAnew() throws Exception {
    server.then(cut(OTHER, "\"old\"", 100_000), file(DATA, "\"new\""));
    fetch("a"); // by If-Range
    assertOnlyTheData();
    Files.delete(folder.resolve(NAME));
    server.then(cut(OTHER, "\"old\"", 100_000), blind(DATA, "\"new\""), file(DATA, "\"new\""));
    fetch("a");
    assertOnlyTheData();
    assertThat(said).anyMatch(line -> line.contains("goes on with another file or place"));
    Files.delete(folder.resolve(NAME));
    byte[] longer = Arrays.copyOf(OTHER, DATA.length + 1); // neither: another length
    server.then(cut(longer, null, 100_000), file(DATA, null), file(DATA, null));
    fetch("a");
    assertOnlyTheData();
  }

  @Test
  void aPartThatIsWholeAlreadyIsTaken() throws Exception {
    Path part = folder.resolve(NAME + ".part");
    Files.write(part, DATA);
    Path from = folder.resolve(NAME + ".part.from");
    Files.write(from, List.of(server.uri("a").toString(), "\"v1\"", "300000"));
    server.then(file(DATA, "\"v1\""));
    fetch("a");
    assertThat(server.requests()).containsExactly("/a bytes=300000- \"v1\""); // answered by 416
    assertOnlyTheData();
    Files.delete(folder.resolve(NAME));
    Files.write(part, Arrays.copyOf(DATA, 300_001)); // longer than the server's file
    Files.write(from, List.of(server.uri("a").toString(), "\"v1\"", "300001"));
    fetch("a");
    assertOnlyTheData();
    assertThat(said).anyMatch(line -> line.contains("has changed: \"bytes */300000\""));
  }

  @Test
  void aPartOfUnknownOriginIsNotTaken() throws Exception {
    Files.write(folder.resolve(NAME + ".part"), OTHER);
    Files.writeString(folder.resolve(NAME + ".part.from"), "http://");
    server.then(file(DATA, null));
    fetch("a");
    assertThat(server.requests()).containsExactly("/a null null");
    assertOnlyTheData();
  }

  @Test
  void wrongBytesGiveWayToTheNextMirror() throws Exception {
    server.then(file(OTHER, null), file(DATA, null));
    fetch("bad", "good");
    assertThat(server.requests()).containsExactly("/bad null null", "/good null null");
    assertOnlyTheData();
    assertThat(said)
        .anyMatch(line -> line.contains("another file: SHA-256 " + sha256(DATA) + " is wanted"))
        .anyMatch(line -> line.contains("it has " + sha256(OTHER)));
  }

  @Test
  void wrongBytesLeaveNothing() {
    server.then(file(OTHER, null));
    assertThatThrownBy(() -> fetch("a")).isInstanceOf(FetchException.class);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void everyMirrorsFailureIsSaid() throws Exception {
    server.then(status(404), status(500), status(206), status(416), request -> request.close());
    URI nobody = nobody();
    assertThatThrownBy(
            () ->
                fetch(
                    server.uri("a"),
                    server.uri("b"),
                    server.uri("c"),
                    server.uri("d"),
                    server.uri("e"),
                    nobody))
        .isInstanceOf(FetchException.class)
        .hasMessageContainingAll(
            NAME + " could not be fetched",
            server.uri("a") + ": HTTP status 404",
            server.uri("b") + ": HTTP status 500",
            server.uri("c") + ": HTTP status 206",
            server.uri("d") + ": HTTP status 416",
            server.uri("e") + ": no answer: ",
            nobody + ": no connection to 127.0.0.1:" + nobody.getPort(),
            "--mirror URL",
            sha256(DATA));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void anAnswerThatStallsIsBrokenOff() throws Exception {
    patience = Duration.ofSeconds(1);
    server.then(stall(DATA, 1000), file(DATA, null));
    fetch("a");
    assertOnlyTheData();
    assertThat(said)
        .anyMatch(
            line -> line.contains("broken off at 1,000 bytes of 300,000: nothing came for 1.0 s"));
    assertThat(server.requests()).containsExactly("/a null null", "/a bytes=1000- null");
  }

  @Test
  void anAnswerThatDoesNotBeginIsNotWaitedFor() {
    patience = Duration.ofSeconds(1);
    server.then(request -> Thread.sleep(60_000));
    assertThatThrownBy(() -> fetch("a")).hasMessageContaining("no answer within 1.0 s");
  }

  @Test
  void anAnswerWithoutLengthIsTaken() throws Exception {
    server.then(
        request -> {
          request.sendResponseHeaders(200, 0); // chunked
          request.getResponseBody().write(DATA);
          request.getResponseBody().close();
        });
    fetch("a");
    assertOnlyTheData();
  }

  @Test
  void anAnswerWithoutEndIsStopped() {
    server.then(
        request -> {
          request.sendResponseHeaders(200, 0);
          for (int i = 0; i < 10; i++) {
            request.getResponseBody().write(DATA);
          }
        });
    assertThatThrownBy(() -> fetch("a"))
        .hasMessageContaining("sends more than the 400,000 bytes that the file can have");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aPackedAnswerIsRefused() {
    server.then(
        request -> {
          request.getResponseHeaders().set("Content-Encoding", "gzip");
          file(DATA, null).to(request);
        });
    assertThatThrownBy(() -> fetch("a")).hasMessageContaining("Content-Encoding: gzip");
  }

  @Test
  void whatIsCheckedUnpackedMayBePackedAnyhow() throws Exception {
    DataFile file =
        new DataFile(
            NAME,
            List.of(new Checksum("SHA-256", sha256(DATA), true)),
            400_000,
            List.of(mirror(server.uri("a"))));
    Path packed = folder.resolve("packed");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write(DATA);
    }
    byte[] bytes = Files.readAllBytes(packed);
    Files.delete(packed);
    server.then(file(DATA, null)); // not packed at all
    assertThatThrownBy(() -> fetcher().fetch(file, folder))
        .hasMessageContaining("it has none, since gzip reports \"Not in GZIP format\"");
    server.then(file(bytes, null));
    fetcher().fetch(file, folder);
    assertThat(folder.resolve(NAME)).hasBinaryContent(bytes);
  }

  private void fetch(String... paths) throws IOException, InterruptedException {
    fetch(Stream.of(paths).map(server::uri).toArray(URI[]::new));
  }

  private void fetch(URI... uris) throws IOException, InterruptedException {
    List<Mirror> mirrors = Stream.of(uris).map(FetcherTest::mirror).toList();
    Checksum checksum = new Checksum("SHA-256", sha256(DATA), false);
    fetcher().fetch(new DataFile(NAME, List.of(checksum), 400_000, mirrors), folder);
  }

  private Fetcher fetcher() {
    return new Fetcher(new Download(patience, Duration.ofMillis(1), said::add), said::add);
  }

  private static Mirror mirror(URI uri) {
    return new Mirror(uri, Form.AS_IS);
  }

  /** An address where no one listens. */
  private static URI nobody() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/x");
    }
  }

  private void assertOnlyTheData() {
    assertThat(folder.resolve(NAME)).hasBinaryContent(DATA);
    assertThat(folder.toFile().list()).containsExactly(NAME);
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
