package dev.krongauss.bench.fetch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A web server on this machine that does, request by request, what it is told. */
final class FetchServer implements AutoCloseable {
  /** Answers one request. */
  interface Answer {
    void to(HttpExchange request) throws IOException, InterruptedException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Deque<Answer> answers = new ArrayDeque<>();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());

  FetchServer() throws IOException {
    Logger.getLogger("com.sun.net.httpserver").setLevel(Level.OFF); // broken connections are wanted
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  /** The next requests are answered so, one each; the last goes on for all that follow. */
  FetchServer then(Answer... next) {
    synchronized (answers) {
      answers.clear();
      answers.addAll(List.of(next));
    }
    return this;
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + path);
  }

  /** Of each request: path, range and if-range, and forgets them. */
  List<String> requests() {
    synchronized (requests) {
      List<String> copy = List.copyOf(requests);
      requests.clear();
      return copy;
    }
  }

  private void handle(HttpExchange request) throws IOException {
    requests.add(
        "%s %s %s"
            .formatted(
                request.getRequestURI().getPath(),
                request.getRequestHeaders().getFirst("Range"),
                request.getRequestHeaders().getFirst("If-Range")));
    Answer answer;
    synchronized (answers) {
      answer = answers.size() > 1 ? answers.poll() : answers.peek();
    }
    try (request) {
      answer.to(request);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the server closes
    }
  }

  /** The file, or the rest of it that is asked for: what a good server does. */
  static Answer file(byte[] file, String tag) {
    return request -> part(request, file, tag, Integer.MAX_VALUE, false);
  }

  /** So many bytes of what was asked for, then the connection is cut. */
  static Answer cut(byte[] file, String tag, int bytes) {
    return request -> part(request, file, tag, bytes, false);
  }

  /** As {@link #file}, of a server that does not know If-Range. */
  static Answer blind(byte[] file, String tag) {
    return request -> part(request, file, tag, Integer.MAX_VALUE, true);
  }

  /** The whole file, whatever range is asked for. */
  static Answer whole(byte[] file) {
    return request -> {
      request.sendResponseHeaders(200, file.length);
      request.getResponseBody().write(file);
    };
  }

  static Answer status(int status) {
    return request -> request.sendResponseHeaders(status, -1);
  }

  /** So many bytes, and then nothing for as long as the server lives. */
  static Answer stall(byte[] file, int bytes) {
    return request -> {
      request.sendResponseHeaders(200, file.length);
      request.getResponseBody().write(file, 0, bytes);
      request.getResponseBody().flush();
      Thread.sleep(60_000);
    };
  }

  private static void part(HttpExchange request, byte[] file, String tag, int bytes, boolean blind)
      throws IOException {
    String range = request.getRequestHeaders().getFirst("Range");
    String ifRange = request.getRequestHeaders().getFirst("If-Range");
    int from = 0;
    if (range != null && (blind || ifRange == null || ifRange.equals(tag))) {
      from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
    }
    if (tag != null) {
      request.getResponseHeaders().set("ETag", tag);
    }
    if (from >= file.length) {
      request.getResponseHeaders().set("Content-Range", "bytes */" + file.length);
      request.sendResponseHeaders(416, -1);
      return;
    }
    if (from > 0) {
      String stated = "bytes %d-%d/%d".formatted(from, file.length - 1, file.length);
      request.getResponseHeaders().set("Content-Range", stated);
    }
    request.sendResponseHeaders(from > 0 ? 206 : 200, file.length - from);
    int end = (int) Math.min(file.length, (long) from + bytes);
    request.getResponseBody().write(Arrays.copyOfRange(file, from, end));
    request.getResponseBody().flush();
  }

  @Override
  public void close() {
    threads.shutdownNow();
    server.stop(0);
  }
}
