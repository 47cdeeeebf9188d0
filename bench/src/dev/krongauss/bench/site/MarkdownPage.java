package dev.krongauss.bench.site;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;
import org.commonmark.renderer.text.TextContentRenderer;

/**
 * A page of Markdown as HTML. Formulas are {@code ```math} blocks and <code>$`…`$</code> within a
 * line; headings get the anchors that hosts of sources give them.
 */
final class MarkdownPage {
  private static final List<Extension> EXTENSIONS = List.of(TablesExtension.create());
  private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();
  private static final TextContentRenderer TEXT =
      TextContentRenderer.builder().extensions(EXTENSIONS).build();

  private final Map<Node, String> identifiers = new HashMap<>();
  private final Map<String, String> headings = new LinkedHashMap<>();
  private final String title;
  private final String body;

  /**
   * @param text the page
   * @param links where its links lead
   * @throws SiteException if a link or a formula is wrong, or the page has no heading
   */
  MarkdownPage(String text, Links links) {
    Node document = PARSER.parse(text);
    Rewriting rewriting = new Rewriting(links);
    document.accept(rewriting);
    rewriting.formulas();
    if (rewriting.title == null) {
      throw new SiteException("a page without a first heading: %s", text.lines().findFirst());
    }
    title = rewriting.title;
    HtmlRenderer renderer =
        HtmlRenderer.builder()
            .extensions(EXTENSIONS)
            .attributeProviderFactory(
                context ->
                    (node, tag, attributes) -> {
                      if (identifiers.containsKey(node) && tag.matches("h\\d")) {
                        attributes.put("id", identifiers.get(node));
                      }
                    })
            .build();
    body =
        renderer
            .render(document)
            .replace("<table>", "<div class=\"table\"><table>")
            .replace("</table>", "</table></div>");
  }

  /** The first heading. */
  String title() {
    return title;
  }

  /** The content of the page. */
  String body() {
    return body;
  }

  /** Anchors of the headings of second level, with their texts. */
  Map<String, String> headings() {
    return headings;
  }

  /** All anchors. */
  boolean hasAnchor(String anchor) {
    return identifiers.containsValue(anchor);
  }

  /** The anchor of a heading: lower case, blanks as hyphens, no punctuation. */
  static String anchor(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
  }

  private final class Rewriting extends AbstractVisitor {
    private final Links links;
    private final List<Runnable> replacements = new ArrayList<>();
    private String title;

    Rewriting(Links links) {
      this.links = links;
    }

    /** Done after the walk, which it would disturb. */
    void formulas() {
      replacements.forEach(Runnable::run);
    }

    @Override
    public void visit(Heading heading) {
      String text = TEXT.render(heading).strip();
      String anchor = anchor(text);
      for (int i = 1; identifiers.containsValue(anchor); i++) {
        anchor = anchor(text) + "-" + i;
      }
      identifiers.put(heading, anchor);
      if (title == null) {
        title = text;
      } else if (heading.getLevel() == 2) {
        headings.put(anchor, text);
      }
      visitChildren(heading);
    }

    @Override
    public void visit(Link link) {
      link.setDestination(links.resolve(link.getDestination()));
      visitChildren(link);
    }

    @Override
    public void visit(Image image) {
      image.setDestination(links.resolve(image.getDestination()));
    }

    @Override
    public void visit(FencedCodeBlock block) {
      if (block.getInfo().equals("math")) {
        replace(block, html(Formula.mathml(block.getLiteral(), true)));
      } else if (block.getInfo().equals("java")) {
        replace(
            block, html("<pre><code>" + JavaListing.html(block.getLiteral()) + "</code></pre>"));
      }
    }

    @Override
    public void visit(Code code) {
      if (code.getPrevious() instanceof Text before
          && code.getNext() instanceof Text after
          && before.getLiteral().endsWith("$")
          && after.getLiteral().startsWith("$")) {
        HtmlInline formula = new HtmlInline();
        formula.setLiteral(Formula.mathml(code.getLiteral(), false));
        replacements.add(
            () -> {
              before.setLiteral(before.getLiteral().replaceAll("\\$$", ""));
              after.setLiteral(after.getLiteral().substring(1));
              code.insertAfter(formula);
              code.unlink();
            });
      }
    }

    private void replace(Node node, Node by) {
      replacements.add(
          () -> {
            node.insertAfter(by);
            node.unlink();
          });
    }

    private Node html(String text) {
      HtmlBlock block = new HtmlBlock();
      block.setLiteral(text);
      return block;
    }
  }
}
