package dev.krongauss.onnx;

import java.util.Map;
import java.util.TreeMap;

/** The optional libraries of this package; nothing here links them. */
final class Libraries {
  private static final Map<String, String> NEEDED =
      new TreeMap<>(
          Map.of(
              "ai.onnx.proto.OnnxMl", "org.tribuo:tribuo-util-onnx:4.3.2",
              "com.google.protobuf.GeneratedMessageV3",
                  "com.google.protobuf:protobuf-java:3.25.8"));

  private Libraries() {}

  /**
   * Looks for them before a class is linked that needs them.
   *
   * @throws IllegalStateException if one is missing
   */
  static void check() {
    NEEDED.forEach(Libraries::check);
  }

  private static void check(String type, String artifact) {
    try {
      Class.forName(type, false, Libraries.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      throw new IllegalStateException(
          "ONNX models need the library %s, and class %s is not on the class path; add %s to the dependencies"
              .formatted(artifact, type, artifact),
          e);
    }
  }
}
