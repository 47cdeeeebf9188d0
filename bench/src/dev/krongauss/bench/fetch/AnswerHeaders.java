package dev.krongauss.bench.fetch;

import java.net.http.HttpResponse;
import java.util.Locale;

/** What the headers of a server's answer tell of the file that comes, or does not. */
final class AnswerHeaders {
  private AnswerHeaders() {}

  /** Where an answer points that is not followed: from https to http, or round and round. */
  static String location(HttpResponse<?> answer) {
    return answer
        .headers()
        .firstValue("Location")
        .map(place -> ", a redirect to %s that is not followed".formatted(place))
        .orElse("");
  }

  /** Likely causes of wrong bytes; a header alone is no reason to refuse right ones. */
  static String label(HttpResponse<?> answer) {
    String encoding = answer.headers().firstValue("Content-Encoding").orElse("");
    String type = answer.headers().firstValue("Content-Type").orElse("");
    StringBuilder text = new StringBuilder();
    if (!encoding.isEmpty() && !encoding.equalsIgnoreCase("identity")) {
      text.append(
          "; the server says Content-Encoding: %s, though asked not to pack what it sends"
              .formatted(encoding));
    }
    if (type.toLowerCase(Locale.ROOT).startsWith("text/")) {
      text.append("; the server says Content-Type: %s, so it may be a page".formatted(type));
    }
    return text.toString();
  }

  /** A strong ETag, or the date; weak tags do not promise the same bytes. */
  static String mark(HttpResponse<?> answer) {
    String tag = answer.headers().firstValue("ETag").orElse("");
    return tag.isEmpty() || tag.startsWith("W/")
        ? answer.headers().firstValue("Last-Modified").orElse("")
        : tag;
  }
}
