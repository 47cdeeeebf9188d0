/**
 * Networks as ONNX models, for runtimes that know nothing of this library: ONNX Runtime in Java,
 * Python, C++ or a browser.
 *
 * <p>A model that was trained from a table takes the table's own columns, by their names, and gives
 * probabilities and class names, or values in the target's units: standardisation and one-hot
 * encoding are nodes of its graph. {@link dev.krongauss.onnx.Onnx} has the inputs and outputs.
 *
 * <p>Two libraries are needed that others do not need: {@code org.tribuo:tribuo-util-onnx}, of
 * which the compiled protobuf schema of ONNX is used, and {@code
 * com.google.protobuf:protobuf-java}.
 */
package dev.krongauss.onnx;
