package dev.krongauss.mutation;

import java.util.List;

/**
 * One single edit that makes a kernel wrong.
 *
 * @param name unique
 * @param kind the class of bug, in words
 * @param file what is edited, from the project's folder
 * @param find the text to replace; layout and comments do not count ({@link SourceText})
 * @param occurrence which of its occurrences, from 1
 * @param of how many there must be
 * @param replacement what stands there instead; may be empty
 * @param cases beginnings of the names of the kernel cases that run it; empty for a sample
 * @param sample the sample program that runs it; empty for a kernel of kernels/
 * @param quick whether it belongs to the quick subset
 */
record Mutant(
    String name,
    String kind,
    String file,
    String find,
    int occurrence,
    int of,
    String replacement,
    List<String> cases,
    String sample,
    boolean quick) {

  boolean isSample() {
    return !sample.isEmpty();
  }
}
