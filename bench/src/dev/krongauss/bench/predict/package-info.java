/**
 * {@code bench/predict}: predictions for the rows of a file, from a model file of {@code
 * bench/train} ({@link dev.krongauss.bench.predict.Predict}); and predictions beside ONNX Runtime
 * ({@link dev.krongauss.bench.predict.PredictSpeed}).
 */
package dev.krongauss.bench.predict;
