package dev.krongauss.bench.site;

import java.nio.file.Path;
import java.util.Map;

/** The frame around a page: head, list of pages, list of the page's headings. */
final class Layout {
  private static final Path API = Path.of("apidocs/index.html");
  private static final Path STYLE = Path.of("site.css");
  private static final String FRAME =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>%s</title>
      <link rel="stylesheet" href="%s">
      </head>
      <body>
      <details class="menu"><summary>Krongauss: all pages</summary>
      %s</details>
      <nav class="side" aria-label="Pages">
      %s</nav>
      <main>
      %s</main>
      %s</body>
      </html>
      """;

  private final Contents contents;
  private final Map<Path, MarkdownPage> pages;

  /**
   * @param contents order of the pages
   * @param pages all pages by their path from the project's folder
   */
  Layout(Contents contents, Map<Path, MarkdownPage> pages) {
    this.contents = contents;
    this.pages = pages;
  }

  /** The whole HTML of a page. */
  String html(Path page, Links links) {
    MarkdownPage content = pages.get(page);
    String list = list(page, links);
    String title =
        content.title().equals("Krongauss") ? "Krongauss" : content.title() + " · Krongauss";
    return FRAME.formatted(
        JavaListing.escaped(title),
        links.relative(STYLE),
        list,
        list,
        content.body(),
        headings(content));
  }

  private String list(Path current, Links links) {
    StringBuilder list = new StringBuilder();
    for (Contents.Group group : contents.groups()) {
      list.append("<p>").append(JavaListing.escaped(group.name())).append("</p>\n<ul>\n");
      for (Path page : group.pages()) {
        String here = page.equals(current) ? " aria-current=\"page\"" : "";
        list.append(item(links.relative(SitePages.html(page)), here, pages.get(page).title()));
      }
      list.append("</ul>\n");
    }
    return list + "<p>API</p>\n<ul>\n" + item(links.relative(API), "", "Javadoc") + "</ul>\n";
  }

  private static String headings(MarkdownPage content) {
    if (content.headings().size() < 2) {
      return "";
    }
    StringBuilder list = new StringBuilder();
    list.append("<nav class=\"page\" aria-label=\"On this page\">\n<p>On this page</p>\n<ul>\n");
    content.headings().forEach((anchor, text) -> list.append(item("#" + anchor, "", text)));
    return list.append("</ul>\n</nav>\n").toString();
  }

  private static String item(String link, String attributes, String text) {
    return "<li><a href=\"%s\"%s>%s</a></li>%n"
        .formatted(link, attributes, JavaListing.escaped(text));
  }
}
