package dev.krongauss.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.net.Loss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** MNIST on the real files. */
final class MnistTest {
  private static final String FILE = "mnist/train-images-idx3-ubyte.gz";
  private static final String LABELS = "mnist/train-labels-idx1-ubyte.gz";

  @Test
  void agreesWithThePublishedStatistics() throws IOException {
    Path folder = RealData.folderWith(FILE);
    Dataset train = Mnist.train(folder);
    assertThat(train.size()).isEqualTo(50_000);
    assertThat(Mnist.train(folder.resolve("mnist")).inputs()).isEqualTo(train.inputs());
    Dataset tenThousand = first(train, 10_000);
    assertThat(Statistics.entropyFloor(tenThousand)).isCloseTo(45.73, within(0.005));
    Dataset all = joined(train, Mnist.validation(folder));
    double meanGrey = Statistics.meanOfRowSums(all, v -> v) / Mnist.WIDTH * 255;
    assertThat(meanGrey).isCloseTo(33.318, within(0.001));
    double error = PrincipalComponents.fit(all, 1, 30).squaredError(Mnist.test(folder), 1);
    assertThat(error).isCloseTo(13.87, within(0.01));
  }

  @Test
  void aMissingFileIsNamedWithEveryPlaceLookedAt(@TempDir Path folder) {
    assertThatThrownBy(() -> Mnist.train(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no train-images-idx3-ubyte in the data folder " + folder)
        .hasMessageContaining(folder.resolve("mnist/train-images-idx3-ubyte.gz").toString())
        .hasMessageContaining("give the folder that holds the file");
  }

  /** Counts of the label file: 1, 3, 5, 7 and 9 make 25,448 of the first 50,000. */
  @Test
  void oddEvenHasTheDigitsOfTheLabelFile() throws IOException {
    RealData.folderWith(LABELS);
    Path folder = RealData.folderWith(FILE);
    Dataset data = Mnist.oddEven(folder);
    assertThat(data.inputs()).isEqualTo(Mnist.train(folder).inputs());
    // The file begins 5 0 4 1 9 2 1 3 1 4.
    assertThat(Arrays.copyOf(data.targets(), 10)).containsExactly(1, 0, 0, 1, 1, 0, 1, 1, 1, 0);
    double odd = 0;
    for (float target : data.targets()) {
      odd += target;
    }
    assertThat(odd).isEqualTo(25_448);
  }

  @Test
  void oddEvenFitsTheMixtureOfTwoClassifiers(@TempDir Path folder) throws IOException {
    byte[] labels = new byte[60_000];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) (i % 10);
    }
    IdxFiles.write(folder.resolve("train-labels-idx1-ubyte"), labels, 60_000);
    IdxFiles.write(
        folder.resolve("train-images-idx3-ubyte.gz"), new byte[60_000 * 784], 60_000, 28, 28);
    Dataset data = Mnist.oddEven(folder);
    data.checkTargets(Loss.mixture(Loss.Split.OUTCOME));
    data.checkTargets(Loss.mixture(Loss.Split.LOGIT));
    assertThat(data).hasToString("mnist odd-even [50000][784] -> [1]");
    assertThat(Arrays.copyOf(data.targets(), 4)).containsExactly(0, 1, 0, 1);
  }

  @Test
  void labelsThatAreNotMnists(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("train-labels-idx1-ubyte.gz");
    assertBadLabels(folder, "no train-labels-idx1-ubyte in the data folder");
    IdxFiles.write(file, new byte[10_000], 10_000);
    assertBadLabels(folder, file + " holds an array of 10000, but 60000 is wanted");
    IdxFiles.write(file, new byte[60_000], 60_000, 1);
    assertBadLabels(folder, "holds an array of 60000 x 1, but 60000 is wanted");
    byte[] labels = new byte[60_000];
    labels[7] = 10;
    IdxFiles.write(file, labels, 60_000);
    assertBadLabels(folder, file + ": label 7 is 10", "digits 0 to 9");
    IdxFiles.write(file, new byte[59_999], 60_000);
    assertBadLabels(folder, "cut short: 59,999 values, but an array of 60000 has 60,000");
    Files.write(file, new byte[] {0, 0, 9, 1, 0, 0, 0, 1, 5});
    assertBadLabels(folder, "begins with 00 00 09 01", "an IDX file of unsigned bytes");
  }

  private static void assertBadLabels(Path folder, String... parts) {
    assertThatThrownBy(() -> Mnist.oddEven(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll(parts);
  }

  private static Dataset first(Dataset data, int rows) {
    float[] values = Arrays.copyOf(data.inputs(), rows * data.inputWidth());
    return Dataset.autoencoder("first rows", values, data.inputWidth());
  }

  private static Dataset joined(Dataset a, Dataset b) {
    float[] values = Arrays.copyOf(a.inputs(), a.inputs().length + b.inputs().length);
    System.arraycopy(b.inputs(), 0, values, a.inputs().length, b.inputs().length);
    return Dataset.autoencoder("joined", values, a.inputWidth());
  }
}
