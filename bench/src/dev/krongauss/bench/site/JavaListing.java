package dev.krongauss.bench.site;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Java as HTML, with comments, texts and words of the language marked. */
final class JavaListing {
  private static final Pattern PART =
      Pattern.compile(
          "(?<comment>//[^\n]*|/\\*.*?\\*/)|(?<text>\"(?:[^\"\\\\]|\\\\.)*\")"
              + "|\\b(?<word>import|package|public|private|static|final|class|interface|record|void"
              + "|int|long|float|double|boolean|char|for|while|if|else|return|new|try|catch|throw"
              + "|throws|implements|extends|this|true|false|null|var)\\b",
          Pattern.DOTALL);

  private JavaListing() {}

  /** The marked text, escaped. */
  static String html(String source) {
    StringBuilder html = new StringBuilder();
    Matcher part = PART.matcher(source);
    int end = 0;
    while (part.find()) {
      html.append(escaped(source.substring(end, part.start())));
      String kind =
          part.group("comment") != null ? "comment" : part.group("text") != null ? "text" : "word";
      html.append("<span class=\"").append(kind).append("\">");
      html.append(escaped(part.group())).append("</span>");
      end = part.end();
    }
    return html.append(escaped(source.substring(end))).toString();
  }

  /** A text that HTML shows as it is. */
  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
