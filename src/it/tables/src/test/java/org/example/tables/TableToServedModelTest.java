package org.example.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.ModelFile;
import dev.krongauss.net.Network;
import dev.krongauss.onnx.Onnx;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.table.Column;
import dev.krongauss.table.ColumnPlan;
import dev.krongauss.table.RowReader;
import dev.krongauss.table.Tabular;
import dev.krongauss.train.Evaluation;
import dev.krongauss.train.Training;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a CSV file to a model that another runtime serves, through the jars alone. */
final class TableToServedModelTest {
  private static final int ROWS = 600;
  private static final double NOISE = 5_000;

  @TempDir Path folder;

  @Test
  void whatIsTrainedIsWhatIsServed() throws Exception {
    Path csv = houses(folder.resolve("houses.csv"), ROWS, 1);
    Path model = folder.resolve("price.safetensors");
    double heldOut = train(csv, model);
    assertTrue(heldOut < 2 * NOISE, "held-out RMSE " + heldOut);

    Path later = houses(folder.resolve("later.csv"), 7, 2);
    double[] here = predict(model, later);
    Path onnx = folder.resolve("price.onnx");
    Onnx.write(ModelFile.read(model), onnx);
    float[] there = serve(onnx, later);
    for (int n = 0; n < here.length; n++) {
      assertEquals(here[n], there[n], 1e-5 * Math.abs(here[n]), "row " + n);
    }
  }

  /** Trains to the best held-out value and saves it. */
  private static double train(Path csv, Path model) throws Exception {
    Tabular table = Tabular.read(csv).target("price").heldOut(0.2).seed(1).log(line -> {}).read();
    ColumnPlan plan = table.plan();
    Dataset heldOut = table.heldOut().orElseThrow();
    try (Device device = Device.open();
        Network net =
            Network.input(plan.inputWidth())
                .dense(20, Activation.TANH)
                .dense(plan.outputs(), Activation.IDENTITY)
                .build(device, 1);
        Batches batches = Batches.of(device, table.training(), table.training().size(), 1);
        Optimizer optimizer = GaussNewton.kfra().build(net, Loss.squared());
        Evaluation evaluation = Evaluation.of(net, Loss.squared(), heldOut);
        Training training =
            Training.of(optimizer, batches)
                .evaluate(evaluation)
                .every(5)
                .patience(10)
                .updates(300)
                .build()) {
      Training.Result result = training.run();
      net.save(model, Loss.squared(), Map.of(ModelFile.COLUMNS, plan.toJson()));
      double unit = plan.targets().get(0).deviation();
      return result.best().orElseThrow().better().in(new double[] {unit}).rmse();
    }
  }

  /** Prices of a later file, in the file's unit. */
  private static double[] predict(Path model, Path csv) throws Exception {
    ColumnPlan plan = ColumnPlan.ofJson(ModelFile.read(model).about().get(ModelFile.COLUMNS));
    Column price = plan.targets().get(0);
    try (Device device = Device.open();
        Network net = Network.load(device, model);
        RowReader rows = RowReader.of(plan, csv)) {
      assertTrue(rows.next());
      float[] outputs = net.predict(rows.inputs(), rows.rows());
      double[] prices = new double[rows.rows()];
      for (int n = 0; n < prices.length; n++) {
        prices[n] = price.mean() + price.deviation() * outputs[n];
      }
      return prices;
    }
  }

  private static float[] serve(Path onnx, Path csv) throws Exception {
    String[] lines = Files.readString(csv).split("\n");
    int n = lines.length - 1;
    float[][] areas = new float[n][1];
    String[][] districts = new String[n][1];
    for (int i = 0; i < n; i++) {
      String[] cells = lines[i + 1].split(",");
      areas[i][0] = cells[0].isEmpty() ? Float.NaN : Float.parseFloat(cells[0]);
      districts[i][0] = cells[1];
    }
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(onnx.toString());
        OnnxTensor area = OnnxTensor.createTensor(environment, areas);
        OnnxTensor district = OnnxTensor.createTensor(environment, districts);
        OrtSession.Result result = session.run(Map.of("area", area, "district", district))) {
      float[][] value = (float[][]) result.get("value").orElseThrow().getValue();
      float[] prices = new float[n];
      for (int i = 0; i < n; i++) {
        prices[i] = value[i][0];
      }
      return prices;
    }
  }

  /** Prices of 3000 a square metre, 5000 at the harbour, and noise. */
  private static Path houses(Path file, int rows, long seed) throws Exception {
    StringBuilder text = new StringBuilder("area,district,price\n");
    Random random = new Random(seed);
    for (int n = 0; n < rows; n++) {
      double area = 30 + 120 * random.nextDouble();
      boolean harbour = random.nextBoolean();
      long price = Math.round(area * (harbour ? 5000 : 3000) + NOISE * random.nextGaussian());
      text.append(Math.round(10 * area) / 10.0).append(harbour ? ",harbour," : ",north,");
      text.append(price).append('\n');
    }
    return Files.writeString(file, text);
  }
}
