package dev.krongauss.bench.fetch;

import static dev.krongauss.bench.fetch.FetchServer.file;
import static dev.krongauss.bench.fetch.FetchServer.stall;
import static dev.krongauss.bench.fetch.FetchServer.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.bench.fetch.FetchServer.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server does wrong is said, and leaves nothing wrong. */
final class BadServerTest extends FetchKit {
  /** So that what is loaded at first does not count against a short patience. */
  @BeforeAll
  static void warmUp(@TempDir Path folder) throws Exception {
    BadServerTest first = new BadServerTest();
    first.folder = folder;
    first.open();
    first.server.then(file(DATA, null));
    first.fetch("a");
    first.close();
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

  private static Answer labelled(String encoding, String type, byte[] bytes) {
    return request -> {
      request.getResponseHeaders().set("Content-Encoding", encoding);
      request.getResponseHeaders().set("Content-Type", type);
      file(bytes, null).to(request);
    };
  }

  private static byte[] packed(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  /** Many a mirror says that of every .gz file, and an S3 client's word stays with the object. */
  @ParameterizedTest
  @ValueSource(
      strings = {"gzip", "x-gzip", "aws-chunked", "aws-chunked,gzip", "Identity", "br", "?"})
  void rightBytesAreTakenWhateverTheirLabel(String encoding) throws Exception {
    server.then(labelled(encoding, "application/x-gzip", DATA));
    fetch("a");
    assertOnlyTheData();
  }

  @Test
  void whatTheServerPackedOnceMoreIsUnpacked() throws Exception {
    server.then(labelled("gzip", "application/gzip", packed(DATA)));
    fetch("a");
    assertOnlyTheData();
    Files.delete(folder.resolve(NAME));
    server.then(file(packed(DATA), null)); // without a word
    fetch("b");
    assertOnlyTheData();
  }

  @Test
  void wrongBytesNameTheLabelAsTheLikelyCause() {
    server.then(labelled("br", "application/gzip", OTHER));
    assertThatThrownBy(() -> fetch("a"))
        .hasMessageContainingAll(sha256(OTHER), "Content-Encoding: br");
    server.then(labelled("identity", "text/html; charset=utf-8", OTHER));
    assertThatThrownBy(() -> fetch("b"))
        .hasMessageContainingAll(sha256(OTHER), "Content-Type: text/html", "may be a page")
        .hasMessageNotContaining("Content-Encoding");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void rightBytesAreTakenThoughTheirLengthWasStatedWrong() throws Exception {
    server.then(
        request -> {
          request.sendResponseHeaders(200, DATA.length + 100);
          request.getResponseBody().write(DATA);
          request.getResponseBody().flush();
          Thread.sleep(300); // what a client has not read when the connection ends is lost to it
        });
    fetch("a");
    assertOnlyTheData();
    assertThat(server.requests()).hasSize(1);
    assertThat(said).anyMatch(line -> line.contains("but the checksums are right"));
  }

  /** Without a mark, nothing but the checksums tells that a server goes on with another file. */
  @Test
  void whatWasKeptOfAnotherFileIsFetchedAnew() throws Exception {
    Files.write(folder.resolve(NAME + ".part"), Arrays.copyOf(OTHER, 1000));
    Files.write(
        folder.resolve(NAME + ".part.from"), List.of(server.uri("a").toString(), "", "300000"));
    server.then(file(DATA, null));
    fetch("a");
    assertOnlyTheData();
    assertThat(server.requests()).containsExactly("/a bytes=1000- null", "/a null null");
  }

  @Test
  void whatIsCheckedUnpackedMayBePackedAnyhow() throws Exception {
    DataFile file =
        new DataFile(
            NAME,
            List.of(new Checksum("SHA-256", sha256(DATA), true)),
            400_000,
            List.of(mirror(server.uri("a"))));
    byte[] bytes = packed(DATA);
    server.then(file(bytes, null));
    fetcher().fetch(file, folder);
    assertThat(folder.resolve(NAME)).hasBinaryContent(bytes);
    Files.delete(folder.resolve(NAME));
    server.then(file(DATA, null)); // unpacked on its way
    fetcher().fetch(file, folder);
    try (InputStream in = new GZIPInputStream(Files.newInputStream(folder.resolve(NAME)))) {
      assertThat(in.readAllBytes()).isEqualTo(DATA);
    }
    Files.delete(folder.resolve(NAME));
    server.then(file(OTHER, null));
    assertThatThrownBy(() -> fetcher().fetch(file, folder))
        .hasMessageContaining("it has none, since gzip reports \"Not in GZIP format\"");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aRedirectToNowhereIsSaid() {
    server.then(
        status(302),
        request -> {
          request.getResponseHeaders().set("Location", "http://[nowhere");
          request.sendResponseHeaders(302, -1);
        },
        status(404));
    assertThatThrownBy(() -> fetch("a", "b", "c"))
        .hasMessageContainingAll(
            server.uri("a") + ": ", server.uri("b") + ": ", server.uri("c") + ": HTTP status 404");
  }

  @Test
  void aRedirectThatGoesRoundIsSaid() {
    server.then(
        request -> {
          request.getResponseHeaders().set("Location", "/a");
          request.sendResponseHeaders(302, -1);
        });
    assertThatThrownBy(() -> fetch("a"))
        .hasMessageContaining("HTTP status 302, a redirect to /a that is not followed");
  }

  @Test
  void aRedirectIsFollowed() throws Exception {
    server.then(
        request -> {
          request.getResponseHeaders().set("Location", "/elsewhere");
          request.sendResponseHeaders(302, -1);
        },
        file(DATA, null));
    fetch("a");
    assertOnlyTheData();
    assertThat(server.requests()).containsExactly("/a null null", "/elsewhere null null");
  }
}
