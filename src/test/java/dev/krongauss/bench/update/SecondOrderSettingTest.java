package dev.krongauss.bench.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.StepReport;
import dev.krongauss.testing.TestDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings of {@code bench/settings}: the default, and the paper's algorithm with its options. */
final class SecondOrderSettingTest {
  private static final int ROWS = 64;
  private static final int WIDTH = 3;

  private final Device device = TestDevice.get();

  @Test
  void paperIsOneStepLengthForAllLayers() {
    StepReport layers = step("kfra");
    assertThat(layers.kappa()).isFinite();
    assertThat(layers.lambda()).isEqualTo(5e-3f);
    StepReport paper = step("kfra,paper");
    assertThat(paper.kappa()).isNaN();
    assertThat(paper.lambda()).isEqualTo(1e-3f);
    assertThat(paper.steps()).containsOnly(paper.alpha());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kfra,paper,momentum",
        "kflr,momentum,paper",
        "kfac,paper,adapt-gamma,lambda=1",
        "kflr,average=0.9,decay=0",
        "kfra,fixed=1e-3",
        "kfra,refresh=3,reduction=4,least=1e-5,constant-lambda"
      })
  void whatGoesTogetherIsBuilt(String setting) {
    assertThatCode(() -> step(setting)).doesNotThrowAnyException();
  }

  @Test
  void whatIsOfThePaperSaysSo() {
    assertThatThrownBy(() -> SecondOrderSetting.parse("kfra,average=0.9,momentum"))
        .hasMessage(
            "'kfra,average=0.9,momentum': momentum belongs to the paper's algorithm; write paper"
                + " beside it");
  }

  private StepReport step(String setting) {
    float[] rows = new float[ROWS * WIDTH];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) Math.sin(i * i);
    }
    Dataset data = Dataset.autoencoder("sines", rows, WIDTH);
    try (Network network =
            Network.input(WIDTH)
                .dense(2, Activation.TANH)
                .dense(WIDTH, Activation.IDENTITY)
                .build(device, 1);
        Batches batches = Batches.of(device, data, ROWS, 1);
        GaussNewton optimizer = SecondOrderSetting.parse(setting).build(network, Loss.squared())) {
      StepReport report = optimizer.step(batches.next());
      assertThat(report.accepted()).as(report.toString()).isTrue();
      return report;
    }
  }
}
