package dev.krongauss.data;

import java.io.IOException;
import java.nio.file.Path;

/**
 * MNIST: grey images of 28 x 28 pixels with a handwritten digit each, values 0 to 1 (grey level /
 * 255).
 *
 * <p>Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits". As in the paper,
 * the first 50,000 of the 60,000 training images are trained on and the other 10,000 are for
 * validation. The files are {@code train-images-idx3-ubyte} and {@code t10k-images-idx3-ubyte}, and
 * {@code train-labels-idx1-ubyte} for {@link #oddEven}, plain or with {@code .gz}, in the folder
 * given or its sub-folder {@code mnist}; names that differ in separators or capitals alone, as
 * {@code train-images.idx3-ubyte}, are found as well.
 */
public final class Mnist {
  /** Pixels a side. */
  public static final int SIDE = 28;

  /** Values an image: 784. */
  public static final int WIDTH = SIDE * SIDE;

  /** Images trained on. */
  public static final int TRAIN_SIZE = 50_000;

  /** Images for validation, the rest of the training file. */
  public static final int VALIDATION_SIZE = 10_000;

  /** Images of the test file. */
  public static final int TEST_SIZE = 10_000;

  private static final int CLASSES = 10;
  private static final float WHITE = 255;

  private Mnist() {}

  /**
   * The first 50,000 training images.
   *
   * @param folder where the files are
   * @return an autoencoder's data set [50000][784]
   * @throws DataException if the file is missing or not MNIST's
   * @throws IOException if reading fails for another reason
   */
  public static Dataset train(Path folder) throws IOException {
    return images("mnist train", trainFile(folder), 0, TRAIN_SIZE);
  }

  /**
   * The last 10,000 training images.
   *
   * @param folder where the files are
   * @return an autoencoder's data set [10000][784]
   * @throws DataException if the file is missing or not MNIST's
   * @throws IOException if reading fails for another reason
   */
  public static Dataset validation(Path folder) throws IOException {
    return images("mnist validation", trainFile(folder), TRAIN_SIZE, VALIDATION_SIZE);
  }

  /**
   * The 10,000 test images.
   *
   * @param folder where the files are
   * @return an autoencoder's data set [10000][784]
   * @throws DataException if the file is missing or not MNIST's
   * @throws IOException if reading fails for another reason
   */
  public static Dataset test(Path folder) throws IOException {
    Path file = DataFolder.find(folder, "mnist", "t10k-images-idx3-ubyte");
    return images("mnist test", Idx.read(file, TEST_SIZE, SIDE, SIDE), 0, TEST_SIZE);
  }

  /**
   * The first 50,000 training images, and whether each shows an odd digit: the paper's problem for
   * a mixture of two binary classifiers.
   *
   * @param folder where images and labels are
   * @return a data set {@code [50000][784] -> [50000][1]}, targets 1 (odd) and 0 (even)
   * @throws DataException if a file is missing or not MNIST's
   * @throws IOException if reading fails for another reason
   */
  public static Dataset oddEven(Path folder) throws IOException {
    return oddEven("mnist odd-even", folder, 0, TRAIN_SIZE);
  }

  /**
   * The same of the last 10,000 training images.
   *
   * @param folder where images and labels are
   * @return a data set {@code [10000][784] -> [10000][1]}, targets 1 (odd) and 0 (even)
   * @throws DataException if a file is missing or not MNIST's
   * @throws IOException if reading fails for another reason
   */
  public static Dataset oddEvenValidation(Path folder) throws IOException {
    return oddEven("mnist odd-even validation", folder, TRAIN_SIZE, VALIDATION_SIZE);
  }

  private static Dataset oddEven(String name, Path folder, int first, int count)
      throws IOException {
    Path file = DataFolder.find(folder, "mnist", "train-labels-idx1-ubyte");
    float[] odd = odd(file, Idx.read(file, TRAIN_SIZE + VALIDATION_SIZE), first, count);
    float[] images = trainFile(folder).floats(first, count, WHITE);
    return Dataset.supervised(name, images, WIDTH, odd, 1);
  }

  private static float[] odd(Path file, Idx labels, int first, int count) throws DataException {
    float[] odd = new float[count];
    for (int i = 0; i < count; i++) {
      int digit = labels.value(first + i, 0);
      if (digit >= CLASSES) {
        throw new DataException(
            "%s: label %,d is %d, but MNIST's labels are the digits 0 to 9; fetch it again"
                .formatted(file, first + i, digit));
      }
      odd[i] = digit % 2;
    }
    return odd;
  }

  private static Idx trainFile(Path folder) throws IOException {
    Path file = DataFolder.find(folder, "mnist", "train-images-idx3-ubyte");
    return Idx.read(file, TRAIN_SIZE + VALIDATION_SIZE, SIDE, SIDE);
  }

  private static Dataset images(String name, Idx idx, int first, int count) {
    return Dataset.autoencoder(name, idx.floats(first, count, WHITE), WIDTH);
  }
}
