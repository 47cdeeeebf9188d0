package dev.krongauss.bench.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.data.Curves;
import dev.krongauss.data.Dataset;
import dev.krongauss.data.Faces;
import dev.krongauss.data.RealData;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The rows of the paper's data sets that no optimiser sees. */
final class PaperProblemTest {
  @Test
  void curvesHaveTheNextImagesOfTheirSeed() throws IOException {
    ProblemData rows = PaperProblem.CURVES.load(null, 5);
    assertThat(rows.training().size()).isEqualTo(Curves.TRAIN_SIZE);
    assertThat(rows.heldOut().orElseThrow().inputs()).isEqualTo(Curves.test(5).inputs());
    assertThat(rows.table()).isEmpty();
    assertThat(rows.defaultBatch()).isEqualTo(500);
  }

  @Test
  void mnistHasItsValidationImages() throws IOException {
    Path folder = RealData.folderWith("mnist/train-images-idx3-ubyte.gz");
    Dataset images = PaperProblem.MNIST.load(folder, 1).heldOut().orElseThrow();
    assertThat(images.size()).isEqualTo(10_000);
    Dataset labelled = PaperProblem.ODDEVEN.load(folder, 1).heldOut().orElseThrow();
    assertThat(labelled.inputs()).as("the same images").isEqualTo(images.inputs());
    float odd = 0;
    for (float target : labelled.targets()) {
      odd += target;
    }
    assertThat(odd / labelled.size()).isBetween(0.48f, 0.53f);
  }

  @Test
  @Tag("thorough")
  void facesAreOfOtherPeople() throws IOException {
    Path folder = RealData.folderWith("faces/olivetti-images-idx3-ubyte.gz");
    ProblemData rows = PaperProblem.FACES.load(folder, 1);
    assertThat(rows.heldOut().orElseThrow().inputs())
        .isEqualTo(Faces.read(folder, 1).validation().inputs());
  }
}
