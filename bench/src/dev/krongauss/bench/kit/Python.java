package dev.krongauss.bench.kit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The first interpreter that imports torch, and sees a GPU where one is asked for. */
final class Python {
  private static final String QUESTION =
      "import torch,sys; print(torch.__version__, torch.version.cuda, torch.cuda.is_available(),"
          + " sys.version.split()[0])";

  private final Map<String, Object> map = new LinkedHashMap<>();
  private String interpreter;

  private Python() {}

  static Python withTorch(boolean software) {
    Python python = new Python();
    Set<String> candidates = new LinkedHashSet<>();
    String own = System.getenv("KRONGAUSS_PYTHON");
    if (own != null) {
      candidates.add(own);
    }
    candidates.addAll(List.of("python3", "python", "/usr/bin/python3"));
    List<String> answers = new ArrayList<>();
    for (String each : candidates) {
      List<String> lines = Libraries.output(each, "-c", QUESTION);
      String answer = lines.isEmpty() ? "does not import torch" : lines.get(lines.size() - 1);
      answers.add(each + ": " + answer);
      if (!lines.isEmpty() && (software || answer.contains(" True "))) {
        python.interpreter = each;
        break;
      }
    }
    python.map.put("interpreter", python.interpreter);
    python.map.put("tried", answers);
    python.map.put("answer", "torch, its CUDA, sees a GPU, Python");
    return python;
  }

  boolean found() {
    return interpreter != null;
  }

  String interpreter() {
    return interpreter;
  }

  String reason() {
    return "no Python has a torch that can be used (KRONGAUSS_PYTHON names one): "
        + map.get("tried");
  }

  Map<String, Object> asMap() {
    return map;
  }
}
