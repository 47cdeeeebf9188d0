package dev.krongauss.bench.exact;

import org.encog.engine.network.activation.ActivationLinear;
import org.encog.engine.network.activation.ActivationTANH;
import org.encog.mathutil.matrices.hessian.HessianCR;
import org.encog.ml.data.MLDataSet;
import org.encog.ml.data.basic.BasicMLDataSet;
import org.encog.neural.networks.BasicNetwork;
import org.encog.neural.networks.layers.BasicLayer;
import org.encog.neural.networks.training.lma.LevenbergMarquardtTraining;

/** Encog's Levenberg-Marquardt training, with as many threads as it likes. */
final class EncogStep implements Contestant {
  private final ExactProblem problem;
  private final MLDataSet data;
  private final BasicNetwork network = new BasicNetwork();
  private LevenbergMarquardtTraining training;

  EncogStep(ExactProblem problem) {
    this.problem = problem;
    int[] sizes = problem.sizes();
    network.addLayer(new BasicLayer(null, true, sizes[0]));
    for (int l = 1; l < sizes.length - 1; l++) {
      network.addLayer(new BasicLayer(new ActivationTANH(), true, sizes[l]));
    }
    network.addLayer(new BasicLayer(new ActivationLinear(), false, 1));
    network.getStructure().finalizeStructure();
    network.reset(1);
    double[][] inputs = new double[problem.rows()][sizes[0]];
    double[][] targets = new double[problem.rows()][1];
    for (int n = 0; n < inputs.length; n++) {
      for (int j = 0; j < sizes[0]; j++) {
        inputs[n][j] = problem.inputs()[n * sizes[0] + j];
      }
      targets[n][0] = problem.targets()[n];
    }
    data = new BasicMLDataSet(inputs, targets);
  }

  @Override
  public String name() {
    return "encog";
  }

  @Override
  public void start(float[][] weights) {
    for (int l = 1; l < problem.sizes().length; l++) {
      int inputs = problem.sizes()[l - 1];
      for (int i = 0; i < problem.sizes()[l]; i++) {
        for (int j = 0; j <= inputs; j++) {
          network.setWeight(l - 1, j, i, weights[l - 1][i * (inputs + 1) + j]);
        }
      }
    }
    training = new LevenbergMarquardtTraining(network, data);
  }

  @Override
  public double update(int updates) {
    long begin = System.nanoTime();
    for (int k = 0; k < updates; k++) {
      training.iteration();
    }
    return (System.nanoTime() - begin) / 1e9;
  }

  @Override
  public double[][] weights() {
    int[] sizes = problem.sizes();
    double[][] W = new double[sizes.length - 1][];
    for (int l = 1; l < sizes.length; l++) {
      int inputs = sizes[l - 1];
      W[l - 1] = new double[sizes[l] * (inputs + 1)];
      for (int i = 0; i < sizes[l]; i++) {
        for (int j = 0; j <= inputs; j++) {
          W[l - 1][i * (inputs + 1) + j] = network.getWeight(l - 1, j, i);
        }
      }
    }
    return W;
  }

  /** Its own, which is minus the sum over the rows, ordered from the last layer to the first. */
  @Override
  public double[] gradient() {
    HessianCR hessian = new HessianCR();
    hessian.init(network, data);
    hessian.compute();
    double[] theirs = hessian.getGradients();
    int[] sizes = problem.sizes();
    double[] ours = new double[theirs.length];
    int place = 0;
    int end = theirs.length;
    for (int l = 1; l < sizes.length; l++) {
      int count = sizes[l] * (sizes[l - 1] + 1);
      end -= count;
      for (int i = 0; i < count; i++) {
        ours[place++] = -theirs[end + i] / problem.rows();
      }
    }
    return ours;
  }

  @Override
  public long bytes() {
    return 0;
  }

  @Override
  public void close() {
    if (training != null) {
      training.finishTraining();
    }
  }
}
