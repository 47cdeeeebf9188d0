package dev.krongauss.bench.page;

import java.util.List;

/** Pages that need no other file. */
public final class Html {
  private static final String TEMPLATE =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>%1$s</title>
      <style>
        body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff;
               max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.5rem; }
        table { border-collapse: collapse; margin: 1rem 0; }
        th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid #ddd;
                 font-variant-numeric: tabular-nums; white-space: nowrap; }
        th:first-child, td:first-child { text-align: left; }
        figure { margin: 1.5rem 0; }
        figure svg { width: 100%%; height: auto; }
        pre { background: #f5f5f5; padding: .8rem; white-space: pre-wrap; }
        h2 { font-size: 1.15rem; margin-top: 2.2rem; }
        .wide { overflow-x: auto; }
        .claims { list-style: none; padding: 0; }
        .claims li { padding: .35rem .8rem; margin: .35rem 0; border-left: .3rem solid #bbb; }
        .claims .established { border-color: #2a9d5c; }
        .claims .refuted { border-color: #a01828; }
        .claims span { color: #555; }
        details { margin: .6rem 0; }
        summary { cursor: pointer; }
        .failure { color: #a01828; }
        footer { color: #666; font-size: .9rem; }
      </style>
      </head>
      <body>
      %2$s
      </body>
      </html>
      """;

  private Html() {}

  /**
   * A whole page.
   *
   * @param title as plain text
   * @param body as HTML
   */
  public static String page(String title, String body) {
    return TEMPLATE.formatted(escaped(title), body);
  }

  /** Drops the XML prologue, which HTML forbids, and lets the picture follow the page's width. */
  public static String scalable(String svg) {
    String element = svg.substring(svg.indexOf("<svg"));
    return element.contains("viewBox")
        ? element
        : element.replaceFirst(
            "width=\"([0-9.]+)(px|mm)?\" height=\"([0-9.]+)(px|mm)?\"", "viewBox=\"0 0 $1 $3\"");
  }

  /** A table, which scrolls by itself where the page is narrower. */
  public static String table(List<String> headings, List<List<String>> rows) {
    StringBuilder html = new StringBuilder("<div class=\"wide\"><table>\n<tr>");
    headings.forEach(h -> html.append("<th>").append(escaped(h)).append("</th>"));
    html.append("</tr>\n");
    for (List<String> row : rows) {
      html.append("<tr>");
      row.forEach(cell -> html.append("<td>").append(escaped(cell)).append("</td>"));
      html.append("</tr>\n");
    }
    return html.append("</table></div>\n").toString();
  }

  /** Text as HTML shows it. */
  public static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
