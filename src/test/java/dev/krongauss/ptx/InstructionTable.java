package dev.krongauss.ptx;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes native/softcuda/INSTRUCTIONS.md from forms.txt and statements.txt: what the software
 * device executes of PTX for sm_80, and what it refuses.
 */
final class InstructionTable {
  private static final String COMPARISONS = "{eq|ne|lt|le|gt|ge|equ|neu|ltu|leu|gtu|geu|num|nan}";

  private InstructionTable() {}

  public static void main(String[] arguments) throws IOException {
    Files.writeString(file(), text());
  }

  static Path file() {
    return Path.of(System.getProperty("krongauss.home", ""))
        .resolve("native/softcuda/INSTRUCTIONS.md");
  }

  static String text() throws IOException {
    List<String> out = new ArrayList<>();
    out.add("# What SoftCUDA executes");
    out.add("");
    out.add("PTX for sm_80, instruction by instruction. Written by `InstructionTable` (in");
    out.add(
        "`src/test/java/dev/krongauss/ptx`) from two lists of the tests, which hold it: `InstructionsTest`");
    out.add(
        "compares every form of the first part that ptxas takes for sm_80 with a model of the PTX ISA in");
    out.add("exact arithmetic; `StatementsTest` loads every statement of the second.");
    out.add("");
    out.add("## Arithmetic, conversions, comparisons, bits");
    out.add("");
    out.add("All run. `{|.ftz}`: with and without; `CMP`: one of");
    out.add("`eq ne lt le gt ge equ neu ltu leu gtu geu num nan`; not every combination is PTX.");
    for (String line : lines("forms.txt")) {
      if (line.startsWith("## ")) {
        title(out, line.substring(3));
      } else if (!line.startsWith("#")) {
        out.add("    " + pattern(line));
      }
    }
    out.add("");
    out.add("## Memory, barriers, tensor cores and the rest");
    List<String> refused = new ArrayList<>();
    List<String> newer = new ArrayList<>();
    for (String line : lines("statements.txt")) {
      if (line.startsWith("## ")) {
        title(out, line.substring(3));
      } else if (!line.startsWith("#")) {
        String opcode = opcode(line);
        List<String> to = line.startsWith("- ") ? refused : line.startsWith("> ") ? newer : out;
        if (!to.contains("    " + opcode)) {
          to.add("    " + opcode);
        }
      }
    }
    out.addAll(List.of("", "## Refused by name", ""));
    out.add(
        "PTX has them for sm_80; the error names the instruction, its line, the kernel and a way out.");
    out.add("");
    out.addAll(refused);
    out.addAll(List.of("", "## Not of this processor", ""));
    out.add("They need sm_89 or newer: compile for `compute_80`.");
    out.add("");
    out.addAll(newer);
    return dropEmptySections(String.join("\n", out) + "\n");
  }

  /** A title whose statements are all refused stands for nothing. */
  private static String dropEmptySections(String text) {
    return text.replaceAll("\n\n### [^\n]*\n(?=\n*#)", "\n");
  }

  private static void title(List<String> out, String words) {
    out.addAll(
        List.of("", "### " + Character.toUpperCase(words.charAt(0)) + words.substring(1), ""));
  }

  private static String pattern(String line) {
    return line.substring(0, line.indexOf(" : "))
        .replace(COMPARISONS, "CMP")
        .replaceAll("\\{[A-Z]:([^{}|]*)}", "$1")
        .replaceAll("\\{[A-Z]:", "{");
  }

  private static String opcode(String line) {
    String text = line.replaceFirst("^[->] ", "");
    return text.substring(0, text.indexOf(text.contains(" ") ? ' ' : ';'));
  }

  private static List<String> lines(String name) throws IOException {
    try (InputStream in = InstructionTable.class.getResourceAsStream(name)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().filter(line -> !line.isBlank()).toList();
    }
  }
}
