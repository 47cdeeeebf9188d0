package dev.krongauss.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** MNIST on the real files. */
final class MnistTest {
  private static final String FILE = "mnist/train-images-idx3-ubyte.gz";

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
