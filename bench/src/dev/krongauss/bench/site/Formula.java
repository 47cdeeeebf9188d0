package dev.krongauss.bench.site;

import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A formula of TeX as MathML, as browsers show it without help: letters, numbers, {@code ^ _ {}},
 * {@code \frac \sqrt \bar \hat \mathcal \mathbb \mathrm \text \left \right \min \max \log}, and the
 * letters and operators of {@link #SYMBOLS}. Anything else is an error.
 */
final class Formula {
  private static final Pattern TOKEN =
      Pattern.compile("\\\\(?:[A-Za-z]+|.)|\\d+(?:\\.\\d+)?|\\s+|.", Pattern.DOTALL);
  private static final Pattern GREEK_OR_LETTER = Pattern.compile("[\\p{L}∂∇∞⊤]");

  /** Commands that stand for one character. */
  private static final Map<String, String> SYMBOLS =
      Map.ofEntries(
          Map.entry("alpha", "α"),
          Map.entry("beta", "β"),
          Map.entry("gamma", "γ"),
          Map.entry("delta", "δ"),
          Map.entry("varepsilon", "ε"),
          Map.entry("eta", "η"),
          Map.entry("theta", "θ"),
          Map.entry("kappa", "κ"),
          Map.entry("lambda", "λ"),
          Map.entry("mu", "μ"),
          Map.entry("xi", "ξ"),
          Map.entry("pi", "π"),
          Map.entry("rho", "ρ"),
          Map.entry("sigma", "σ"),
          Map.entry("omega", "ω"),
          Map.entry("Delta", "Δ"),
          Map.entry("Sigma", "Σ"),
          Map.entry("partial", "∂"),
          Map.entry("nabla", "∇"),
          Map.entry("infty", "∞"),
          Map.entry("top", "⊤"),
          Map.entry("sum", "∑"),
          Map.entry("otimes", "⊗"),
          Map.entry("odot", "⊙"),
          Map.entry("cdot", "⋅"),
          Map.entry("times", "×"),
          Map.entry("le", "≤"),
          Map.entry("ge", "≥"),
          Map.entry("approx", "≈"),
          Map.entry("leftarrow", "←"),
          Map.entry("to", "→"),
          Map.entry("in", "∈"),
          Map.entry("ldots", "…"),
          Map.entry("{", "{"),
          Map.entry("}", "}"),
          Map.entry("lVert", "‖"),
          Map.entry("rVert", "‖"),
          Map.entry("langle", "⟨"),
          Map.entry("rangle", "⟩"));

  private static final Map<String, String> SPACES =
      Map.of(",", "0.17em", ";", "0.28em", "quad", "1em", "qquad", "2em");
  private static final Map<String, String> ACCENTS = Map.of("bar", "‾", "hat", "^");
  private static final Set<String> STRETCHED = Set.of("(", ")", "[", "]", "‖", "{", "}", "⟨", "⟩");

  private final String tex;
  private final Matcher tokens;
  private String token;

  private Formula(String tex) {
    this.tex = tex;
    tokens = TOKEN.matcher(tex);
    advance();
  }

  /**
   * The formula as a {@code math} element.
   *
   * @param block whether it stands on lines of its own
   * @throws SiteException if it has a command that is not known, or braces do not match
   */
  static String mathml(String tex, boolean block) {
    Formula formula = new Formula(tex.strip());
    String body = formula.row("");
    if (formula.token != null) {
      throw formula.wrong("'%s' closes nothing".formatted(formula.token));
    }
    return "<math" + (block ? " display=\"block\"" : "") + ">" + body + "</math>";
  }

  /** Elements up to a closing token, which is not taken. */
  private String row(String end) {
    StringBuilder row = new StringBuilder("<mrow>");
    while (token != null && !token.equals(end) && !token.equals("}") && !token.equals("\\right")) {
      row.append(scripted());
    }
    return row.append("</mrow>").toString();
  }

  /** An element with what stands below and above it. */
  private String scripted() {
    boolean sum = token.equals("\\sum");
    String base = element();
    String below = "";
    String above = "";
    while ("_".equals(token) || "^".equals(token)) {
      boolean down = token.equals("_");
      advance();
      String script = element();
      below = down ? below + script : below;
      above = down ? above : above + script;
    }
    String kind = sum ? "munderover" : "msubsup";
    if (below.isEmpty() && above.isEmpty()) {
      return base;
    } else if (above.isEmpty()) {
      kind = sum ? "munder" : "msub";
    } else if (below.isEmpty()) {
      kind = sum ? "mover" : "msup";
    }
    return "<" + kind + ">" + base + below + above + "</" + kind + ">";
  }

  private String element() {
    if (token == null) {
      throw wrong("an argument is missing");
    }
    String taken = token;
    advance();
    if (taken.equals("{")) {
      String row = row("}");
      expect("}");
      return row;
    }
    if (taken.startsWith("\\")) {
      return command(taken.substring(1));
    }
    if (Character.isDigit(taken.charAt(0))) {
      return "<mn>" + taken + "</mn>";
    }
    return character(taken);
  }

  private String command(String name) {
    if (SYMBOLS.containsKey(name)) {
      return character(SYMBOLS.get(name));
    }
    if (SPACES.containsKey(name)) {
      return "<mspace width=\"" + SPACES.get(name) + "\"/>";
    }
    if (ACCENTS.containsKey(name)) {
      return "<mover accent=\"true\">" + element() + "<mo>" + ACCENTS.get(name) + "</mo></mover>";
    }
    return switch (name) {
      case "frac" -> "<mfrac>" + element() + element() + "</mfrac>";
      case "sqrt" -> "<msqrt>" + element() + "</msqrt>";
      case "mathrm", "text" -> "<mtext>" + verbatim() + "</mtext>";
      case "mathcal" -> "<mi>" + script(verbatim()) + "</mi>";
      case "mathbb" -> "<mi>" + doubleStruck(verbatim()) + "</mi>";
      case "min", "max", "log" -> "<mi>" + name + "</mi>";
      case "left" -> fenced();
      default -> throw wrong("\\%s is not known".formatted(name));
    };
  }

  private String fenced() {
    String open = fence();
    String row = row("\\right");
    expect("\\right");
    return "<mrow>" + open + row + fence() + "</mrow>";
  }

  private String fence() {
    String taken = token == null ? "" : token;
    advance();
    String sign = taken.startsWith("\\") ? SYMBOLS.get(taken.substring(1)) : taken;
    return "<mo stretchy=\"true\">" + sign + "</mo>";
  }

  private static String character(String sign) {
    if (sign.isBlank()) {
      return "";
    }
    if (GREEK_OR_LETTER.matcher(sign).matches()) {
      return "<mi>" + sign + "</mi>";
    }
    String shown =
        switch (sign) {
          case "-" -> "−";
          case "'" -> "′";
          case "<" -> "&lt;";
          case ">" -> "&gt;";
          case "&" -> "&amp;";
          default -> sign;
        };
    String fixed = STRETCHED.contains(sign) ? " stretchy=\"false\"" : "";
    return "<mo" + fixed + ">" + shown + "</mo>";
  }

  /** The text between braces as it is, spaces included. */
  private String verbatim() {
    StringBuilder text = new StringBuilder();
    if (!"{".equals(token)) {
      throw wrong("a brace is missing");
    }
    while (tokens.find() && !tokens.group().equals("}")) {
      text.append(tokens.group());
    }
    advance();
    return text.toString();
  }

  private static String script(String letter) {
    return switch (letter) {
      case "H" -> "ℋ";
      case "G" -> "𝒢";
      default -> throw new SiteException("\\mathcal{%s} is not known", letter);
    };
  }

  private static String doubleStruck(String letter) {
    return switch (letter) {
      case "R" -> "ℝ";
      case "E" -> "𝔼";
      default -> throw new SiteException("\\mathbb{%s} is not known", letter);
    };
  }

  private void expect(String wanted) {
    if (!wanted.equals(token)) {
      throw wrong("'%s' is missing".formatted(wanted));
    }
    advance();
  }

  /** The next token that is not white space; null at the end. */
  private void advance() {
    do {
      token = tokens.find() ? tokens.group() : null;
    } while (token != null && token.isBlank());
  }

  private SiteException wrong(String problem) {
    return new SiteException("formula '%s': %s", tex, problem);
  }
}
