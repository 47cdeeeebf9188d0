package dev.krongauss.bench.fetch;

import static dev.krongauss.bench.fetch.FetchServer.blind;
import static dev.krongauss.bench.fetch.FetchServer.cut;
import static dev.krongauss.bench.fetch.FetchServer.file;
import static dev.krongauss.bench.fetch.FetchServer.status;
import static dev.krongauss.bench.fetch.FetchServer.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A file is there in the end, whole and right, whatever was there before. */
final class FetcherTest extends FetchKit {
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
    List<String> requests = server.requests();
    assertThat(requests).hasSize(3).startsWith("/a null null");
    // of what was sent the client may lose the end when the connection breaks
    int first = from(requests.get(1));
    assertThat(first).isBetween(1, 100_000);
    assertThat(from(requests.get(2))).isBetween(first + 1, first + 50_000);
    assertThat(said)
        .anyMatch(
            line ->
                line.contains(
                    String.format(Locale.ROOT, "broken off at %,d bytes of 300,000", first)));
  }

  /** The first byte that a request asks for. */
  private static int from(String request) {
    Matcher range = Pattern.compile("/a bytes=(\\d+)- \"v1\"").matcher(request);
    assertThat(range.matches()).as(request).isTrue();
    return Integer.parseInt(range.group(1));
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
}
