// How an update with a step size a layer begins, decided on the device so that the host never waits for a number; how such an
// update is judged is in coefficients.cu, its reduction ratio in control.cu.
//
//   begin   step += 1;  gamma = sqrt(lambda + eta) where gamma follows lambda
//           gradient_decay = mu, 0 for the first kPlain applied updates
// shapes    the scalar block of control.cuh
// launch    one thread
#include "layer_signals.cuh"

using namespace krongauss;

extern "C" __global__ void __launch_bounds__(1) control_layers_begin(float* f, float eta, int gammaFollows, float mu) {
  begin_layers(f, eta, gammaFollows != 0, mu);
}
