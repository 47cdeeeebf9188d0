package dev.krongauss.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a data set accepts and what it refuses. */
final class DatasetTest {
  @Test
  void anAutoencodersTargetsAreItsInputs() {
    float[] values = {1, 2, 3, 4};
    Dataset data = Dataset.autoencoder("d", values, 2);
    assertThat(data.inputs()).isSameAs(values);
    assertThat(data.targets()).isSameAs(values);
    assertThat(data.size()).isEqualTo(2);
    assertThat(data).hasToString("d [2][2], targets = inputs");
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void aValueThatIsNotFiniteIsNamed(float bad) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Dataset.autoencoder("d", new float[] {1, 2, 3, bad, 5, 6}, 3))
        .withMessageContaining("%s in row 1, column 0 of the inputs", bad);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Dataset.supervised("d", new float[] {1}, 1, new float[] {bad}, 1))
        .withMessageContaining("%s in row 0, column 0 of the targets", bad);
  }

  @Test
  void rowsMustBeWholeAndAsManyTargetsAsInputs() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Dataset.autoencoder("d", new float[7], 3))
        .withMessageContaining("7 values of inputs are not a whole, positive number of rows");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Dataset.autoencoder("d", new float[0], 3))
        .withMessageContaining("0 values");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Dataset.autoencoder("d", new float[3], 0))
        .withMessageContaining("width 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Dataset.supervised("d", new float[4], 2, new float[3], 1))
        .withMessageContaining("3 rows of targets but 2 rows of inputs");
  }

  @Test
  void targetsOutsideALossRangeAreNamed() {
    Dataset data = Dataset.supervised("d", new float[2], 1, new float[] {0, 1, 0.5f, 1.5f}, 2);
    assertThat(data.requireTargets(0, 2)).isSameAs(data);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> data.requireTargets(0, 1))
        .withMessageContaining("target 1.5 in row 1, column 1 is outside [0.0, 1.0]");
  }
}
