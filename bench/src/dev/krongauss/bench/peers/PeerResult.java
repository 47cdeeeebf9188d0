package dev.krongauss.bench.peers;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What ran.
 *
 * @param kind which peer
 * @param name in its CSV
 * @param updates made
 * @param seconds of training
 * @param status the process's; −1 if it was stopped from here
 * @param failure null if all is good, else what happened and the end of the log
 * @param facts as the peer wrote them before its first update: {@code interpreter, python, torch,
 *     backpack, device, threads, cpuCapability, buildBlas, buildLapack, mkl, libraries, openblas,
 *     environment, warning}; empty if it did not come so far
 */
public record PeerResult(
    PeerKind kind,
    String name,
    long updates,
    double seconds,
    int status,
    String failure,
    Map<String, Object> facts) {
  /** What {@link #asMap} has written, read from JSON. */
  public static PeerResult of(Map<?, ?> map) {
    String name = String.valueOf(map.get("peer"));
    Map<String, Object> facts = new LinkedHashMap<>();
    ((Map<?, ?>) map.get("facts")).forEach((key, value) -> facts.put((String) key, value));
    return new PeerResult(
        PeerKind.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_')),
        String.valueOf(map.get("name")),
        ((Number) map.get("updates")).longValue(),
        ((Number) map.get("seconds")).doubleValue(),
        ((Number) map.get("status")).intValue(),
        (String) map.get("failure"),
        facts);
  }

  /** Whether it could not go on. */
  public boolean failed() {
    return failure != null;
  }

  /** A reason to distrust its times, such as a slow BLAS; null if there is none known. */
  public String warning() {
    return (String) facts.get("warning");
  }

  /** For a run's {@code config.json}. */
  public Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("peer", kind.toString());
    map.put("name", name);
    map.put("updates", updates);
    map.put("seconds", seconds);
    map.put("status", status);
    map.put("failure", failure);
    map.put("facts", facts);
    return map;
  }
}
