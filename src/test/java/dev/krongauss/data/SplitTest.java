package dev.krongauss.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Parts of a data set, and its standardisation. */
final class SplitTest {
  private static Dataset data(int rows) {
    float[] inputs = new float[2 * rows];
    float[] targets = new float[rows];
    for (int n = 0; n < rows; n++) {
      inputs[2 * n] = n;
      inputs[2 * n + 1] = 5;
      targets[n] = -n;
    }
    return Dataset.supervised("d", inputs, 2, targets, 1);
  }

  @Test
  void rowsGoWhereTheSplitSays() {
    Split split = data(50).split(0.3, 9);
    assertThat(split.heldOut().size()).isEqualTo(15);
    int[] training = split.rows().trainingRows();
    int[] held = split.rows().heldOutRows();
    assertThat(IntStream.concat(IntStream.of(training), IntStream.of(held)).sorted().toArray())
        .isEqualTo(IntStream.range(0, 50).toArray());
    for (int i = 0; i < held.length; i++) {
      assertThat(split.heldOut().inputs()[2 * i]).isEqualTo(held[i]);
      assertThat(split.heldOut().targets()[i]).isEqualTo(-held[i]);
      assertThat(split.rows().heldOutBefore(held[i])).isEqualTo(i);
    }
    for (int i = 0; i < training.length; i++) {
      assertThat(split.training().inputs()[2 * i]).isEqualTo(training[i]);
    }
  }

  /** Written down from this generator: other rows would make old results incomparable. */
  @Test
  void theSameRowsForEver() {
    assertThat(data(20).split(0.25, 1).rows().heldOutRows()).containsExactly(SAME);
    assertThat(data(20).split(0.25, 2).rows().heldOutRows()).isNotEqualTo(SAME);
  }

  private static final int[] SAME = {1, 8, 9, 11, 19};

  /** Each row is held out about as often: within 5 deviations of a binomial count. */
  @Test
  void everyRowIsAsLikely() {
    int rounds = 4000;
    int[] counts = new int[10];
    for (int seed = 0; seed < rounds; seed++) {
      for (int row : RowSplit.random(10, 0.3, seed).heldOutRows()) {
        counts[row]++;
      }
    }
    double deviation = Math.sqrt(rounds * 0.3 * 0.7);
    for (int count : counts) {
      assertThat((double) count).isCloseTo(rounds * 0.3, Offset.offset(5 * deviation));
    }
  }

  @Test
  void inOrder() {
    Split split = data(10).splitInOrder(0.2);
    assertThat(split.rows().heldOutRows()).containsExactly(8, 9);
    assertThat(split.training().size()).isEqualTo(8);
  }

  @Test
  void oneRowAtLeastStaysOnEachSide() {
    assertThat(RowSplit.random(2, 1e-9, 1).heldOutCount()).isEqualTo(1);
    assertThat(RowSplit.random(5, 0.9999, 1).heldOutCount()).isEqualTo(4);
    assertThat(RowSplit.none(3).trainingRows()).containsExactly(0, 1, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> data(1).split(0.5, 1))
        .withMessageContaining("held out of 1 rows: two rows at least");
    for (double wrong : new double[] {0, 1, -1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> data(9).split(wrong, 1))
          .withMessageContaining("held out " + wrong);
    }
  }

  @Test
  void groupsStayTogether() {
    int[] groups = IntStream.range(0, 100).map(i -> i % 7).toArray();
    RowSplit split = RowSplit.byGroup(groups, 0.3, 4);
    for (int row = 7; row < 100; row++) {
      assertThat(split.isHeldOut(row)).isEqualTo(split.isHeldOut(row - 7));
    }
    assertThat(split.heldOutCount()).isBetween(30, 45);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowSplit.byGroup(new int[9], 0.3, 4))
        .withMessageContaining("one group");
  }

  @Test
  void chosenRows() {
    Dataset chosen = data(9).rows(new int[] {8, 0, 8});
    assertThat(chosen.inputs()).containsExactly(8, 5, 0, 5, 8, 5);
    assertThat(chosen.targets()).containsExactly(-8, 0, -8);
    Dataset auto = Dataset.autoencoder("a", new float[] {1, 2, 3, 4}, 2).rows(new int[] {1});
    assertThat(auto.isAutoencoder()).isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> data(9).rows(new int[] {9}))
        .withMessageContaining("row 9 is not there; it has rows 0 to 8");
    assertThatIllegalArgumentException().isThrownBy(() -> data(9).rows(new int[0]));
  }

  @Test
  void standardised() {
    Random random = new Random(5);
    float[] inputs = new float[3000];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = (float) (i % 3 == 2 ? 4 : 1e4 + random.nextGaussian());
    }
    Dataset data = Dataset.supervised("d", inputs, 3, new float[1000], 1);
    Standardisation measured = data.standardisation();
    Dataset standardised = data.standardised();
    for (int k = 0; k < 3; k++) {
      double sum = 0;
      double squares = 0;
      for (int n = 0; n < 1000; n++) {
        sum += standardised.inputs()[3 * n + k];
        squares += standardised.inputs()[3 * n + k] * (double) standardised.inputs()[3 * n + k];
      }
      assertThat(sum / 1000).isCloseTo(0, Offset.offset(1e-7));
      assertThat(squares / 1000).isCloseTo(k == 2 ? 0 : 1, Offset.offset(1e-6));
    }
    assertThat(measured.mean()[2]).isEqualTo(4);
    assertThat(measured.deviation()[2]).isEqualTo(1);
    float[] back = measured.undo(standardised).inputs();
    for (int i = 0; i < inputs.length; i++) {
      assertThat(back[i]).isCloseTo(inputs[i], Offset.offset(Math.ulp(inputs[i])));
    }
    assertThat(standardised.targets()).isSameAs(data.targets());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> measured.apply(data(3)))
        .withMessageContaining("has 2 inputs a row, the standardisation 3");
  }
}
