package dev.krongauss.bench.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Gets one address into one {@link Part}, going on where an earlier attempt broke off. */
final class Download {
  /** Times that one address is tried; each but the first goes on where the one before broke off. */
  static final int ATTEMPTS = 5;

  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-\\d+/(\\d{1,18}|\\*)");
  private static final Pattern SIZE = Pattern.compile("bytes \\*/(\\d{1,18})");
  private static final int BUFFER = 1 << 16;
  private static final int OK = 200;
  private static final int PARTIAL = 206;
  private static final int RANGE_NOT_SATISFIABLE = 416;

  private final HttpClient client;
  private final Duration patience;
  private final Duration pause;
  private final Consumer<String> say;

  /**
   * Makes one.
   *
   * @param patience for an answer to begin, and for it to go on
   * @param pause before the second attempt at an address, doubled before each further one
   * @param say gets a line for what the user should know
   */
  Download(Duration patience, Duration pause, Consumer<String> say) {
    this.patience = patience;
    this.pause = pause;
    this.say = say;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(CONNECT);
    if (ProxySelector.getDefault() != null) {
      builder.proxy(ProxySelector.getDefault());
    }
    client = builder.build();
  }

  /**
   * Gets the whole file; what was received stays in the part if that fails. Lengths that a server
   * states are sometimes wrong: what breaks off and is whole is not asked for again.
   *
   * @param limit bytes that are not exceeded
   * @param whole whether the part's bytes are the file
   * @return what the server says of the bytes that would explain that they are not those wanted;
   *     empty: nothing
   * @throws FetchException why this address does not give the file
   * @throws IOException if the disk fails
   */
  String get(URI uri, Part part, long limit, Whole whole) throws IOException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        String label = attempt(uri, part, limit);
        part.sync();
        return label;
      } catch (BrokenOffException e) {
        if (part.length() > 0 && whole.test()) {
          part.sync();
          say.accept("  %s; but the checksums are right".formatted(e.getMessage()));
          return "";
        }
        if (attempt == ATTEMPTS) {
          throw new FetchException(
              "%s, at the last of %d attempts".formatted(e.getMessage(), ATTEMPTS), e);
        }
        Duration wait = pause.multipliedBy(1L << attempt - 1);
        say.accept("  %s; trying again in %s".formatted(e.getMessage(), seconds(wait)));
        Thread.sleep(wait.toMillis());
      }
    }
  }

  private String attempt(URI uri, Part part, long limit)
      throws IOException, BrokenOffException, InterruptedException {
    boolean resume = part.isOf(uri.toString());
    HttpResponse<InputStream> answer = answer(uri, part, resume);
    try (InputStream body = answer.body()) {
      int status = answer.statusCode();
      if (status == OK) {
        begin(uri, answer, part, resume);
      } else if (status == PARTIAL && resume) {
        requireContinuation(answer, part);
      } else if (status == RANGE_NOT_SATISFIABLE && resume) {
        requireComplete(answer, part);
        return "";
      } else {
        throw new FetchException("HTTP status " + status + AnswerHeaders.location(answer));
      }
      receive(body, part, limit);
      return AnswerHeaders.label(answer);
    }
  }

  private HttpResponse<InputStream> answer(URI uri, Part part, boolean resume)
      throws IOException, BrokenOffException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(patience)
            .header("User-Agent", "krongauss-bench-fetch")
            .header("Accept-Encoding", "identity");
    if (resume) {
      request.header("Range", "bytes=%d-".formatted(part.length()));
      if (!part.origin().mark().isEmpty()) {
        request.header("If-Range", part.origin().mark());
      }
    }
    try {
      return client.send(request.build(), BodyHandlers.ofInputStream());
    } catch (IllegalArgumentException | UncheckedIOException e) {
      throw new FetchException("the server redirects to no usable address: " + e.getMessage(), e);
    } catch (IOException e) {
      String message = noAnswer(uri, e);
      if (resume) { // what broke the transfer off may pass
        throw new BrokenOffException(message, e);
      }
      throw new FetchException(message, e);
    }
  }

  private String noAnswer(URI uri, IOException e) {
    if (e instanceof ConnectException || e instanceof HttpConnectTimeoutException) {
      return "no connection to %s: %s".formatted(uri.getAuthority(), reason(e));
    }
    return e instanceof HttpTimeoutException
        ? "no answer within %s".formatted(seconds(patience))
        : "no answer: " + reason(e);
  }

  /** The whole file comes, asked for or because a range was ignored or the file has changed. */
  private void begin(URI uri, HttpResponse<?> answer, Part part, boolean resume)
      throws IOException {
    if (resume) {
      say.accept("  the server sends the file from its beginning");
    }
    long total = answer.headers().firstValueAsLong("Content-Length").orElse(-1);
    part.start(new Part.Origin(uri.toString(), AnswerHeaders.mark(answer), total));
  }

  private static void requireContinuation(HttpResponse<?> answer, Part part)
      throws IOException, BrokenOffException {
    String stated = answer.headers().firstValue("Content-Range").orElse("");
    Matcher range = RANGE.matcher(stated);
    Part.Origin origin = part.origin();
    boolean fits =
        range.matches()
            && Long.parseLong(range.group(1)) == part.length()
            && (range.group(2).equals("*")
                || origin.total() < 0
                || Long.parseLong(range.group(2)) == origin.total())
            && (AnswerHeaders.mark(answer).isEmpty()
                || AnswerHeaders.mark(answer).equals(origin.mark()));
    if (!fits) {
      long length = part.length();
      part.clear();
      throw new BrokenOffException(
          ("the server goes on with another file or place (Content-Range \"%s\", version \"%s\";"
                  + " wanted from %,d of %,d on, version \"%s\")")
              .formatted(
                  stated, AnswerHeaders.mark(answer), length, origin.total(), origin.mark()));
    }
  }

  /** No bytes after what is there: complete, or of a file that is no longer the same. */
  private static void requireComplete(HttpResponse<?> answer, Part part)
      throws IOException, BrokenOffException {
    String stated = answer.headers().firstValue("Content-Range").orElse("");
    Matcher size = SIZE.matcher(stated);
    if (!size.matches() || Long.parseLong(size.group(1)) != part.length()) {
      long length = part.length();
      part.clear();
      throw new BrokenOffException(
          "the server's file has changed: \"%s\", but %,d bytes are here"
              .formatted(stated, length));
    }
  }

  private void receive(InputStream body, Part part, long limit)
      throws IOException, BrokenOffException {
    long total = part.origin().total();
    byte[] buffer = new byte[BUFFER];
    try (StallGuard guard = new StallGuard(body, patience);
        TransferProgress progress = new TransferProgress(part.length(), total)) {
      for (int n = read(body, buffer, guard, part); n >= 0; n = read(body, buffer, guard, part)) {
        guard.alive();
        if (part.length() + n > limit) {
          part.clear();
          throw new FetchException(
              "the server sends more than the %,d bytes that the file can have".formatted(limit));
        }
        part.append(buffer, n);
        progress.show(part.length());
      }
    }
    if (total >= 0 && part.length() != total) {
      throw new BrokenOffException("broken off at " + place(part));
    }
  }

  private int read(InputStream body, byte[] buffer, StallGuard guard, Part part)
      throws IOException, BrokenOffException {
    try {
      int n = body.read(buffer);
      if (guard.stalled()) {
        throw new IOException("closed");
      }
      return n;
    } catch (IOException e) {
      String cause = guard.stalled() ? "nothing came for " + seconds(patience) : reason(e);
      throw new BrokenOffException("broken off at %s: %s".formatted(place(part), cause), e);
    }
  }

  private static String place(Part part) throws IOException {
    long total = part.origin().total();
    return "%,d bytes of %s".formatted(part.length(), total < 0 ? "?" : "%,d".formatted(total));
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1e3);
  }

  private static String reason(IOException e) {
    Throwable deepest = e;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    return deepest.getMessage() == null ? deepest.getClass().getSimpleName() : deepest.getMessage();
  }

  /** A look at bytes on the disk. */
  interface Whole {
    boolean test() throws IOException;
  }

  /** An attempt that broke off: another one may go on. */
  private static final class BrokenOffException extends Exception {
    private static final long serialVersionUID = 1L;

    BrokenOffException(String message) {
      super(message);
    }

    BrokenOffException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
