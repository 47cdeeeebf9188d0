/**
 * Krongauss: Kronecker-factored Gauss-Newton training of feed-forward networks on a GPU.
 *
 * <h2>The way of the data</h2>
 *
 * <pre>
 * batch -&gt; forward -&gt; loss -&gt; backward -&gt; factors Q,G -&gt; damp + factorise -&gt; solve -&gt; step lengths -&gt; update
 *          net/       net/    net/        curvature/     precondition/       precondition/  optim/   optim/
 * </pre>
 *
 * {@code optim.GaussNewton.step} reads as that line.
 *
 * <h2>Symbols and shapes</h2>
 *
 * <table>
 * <caption>Fixed letters of the code</caption>
 * <tr><th>symbol</th><th>meaning</th><th>stored as</th></tr>
 * <tr><td>N</td><td>datapoints of the batch</td><td></td></tr>
 * <tr><td>ā<sub>l</sub></td><td>activations with the homogeneous 1; ā<sub>0</sub> the input</td><td>[N][d<sub>l</sub> + 1]</td></tr>
 * <tr><td>W<sub>l</sub></td><td>weights, last column the bias; h<sub>l</sub> = W<sub>l</sub> ā<sub>l−1</sub></td><td>[d<sub>l</sub>][d<sub>l−1</sub> + 1]</td></tr>
 * <tr><td>h<sub>l</sub>, b<sub>l</sub></td><td>pre-activations and f'(h<sub>l</sub>)</td><td>[N][d<sub>l</sub>]</td></tr>
 * <tr><td>δ<sub>l</sub></td><td>∂E/∂h<sub>l</sub> of each datapoint</td><td>[N][d<sub>l</sub>]</td></tr>
 * <tr><td>Q<sub>l</sub></td><td>1/N Σ ā<sub>l−1</sub> ā<sub>l−1</sub>ᵀ</td><td>[d<sub>l−1</sub> + 1]², lower triangle</td></tr>
 * <tr><td>G<sub>l</sub></td><td>pre-activation Gauss-Newton, averaged</td>
 *     <td>[d<sub>l</sub>]², lower triangle; [1][d<sub>L</sub>] where G<sub>L</sub> is diagonal</td></tr>
 * <tr><td>C<sub>l</sub></td><td>square root: G<sub>l</sub> = 1/N Σ<sub>n</sub> C<sub>n</sub> C<sub>n</sub>ᵀ</td><td>[N·K][d<sub>l</sub>], row n·K + k</td></tr>
 * <tr><td>𝒢<sub>l,n</sub>, ℋ<sub>l,n</sub></td><td>pre-activation Gauss-Newton and Hessian of a datapoint, exact</td>
 *     <td>[N·d<sub>l</sub>][d<sub>l</sub>], row n·d<sub>l</sub> + i</td></tr>
 * <tr><td>m<sub>l</sub></td><td>average of the gradients; the gradient with one length for all layers</td>
 *     <td>[d<sub>l</sub>][d<sub>l−1</sub> + 1]</td></tr>
 * <tr><td>Δ<sub>l</sub></td><td>direction −(G + γ/ω I)⁻¹ m (Q + ωγ I)⁻¹</td><td>[d<sub>l</sub>][d<sub>l−1</sub> + 1]</td></tr>
 * <tr><td>λ, γ, η</td><td>damping of the model, of the factors; L2 weight</td><td>device scalars</td></tr>
 * <tr><td>x<sub>l</sub>, κ</td><td>step length of a layer, W<sub>l</sub> += x<sub>l</sub> Δ<sub>l</sub>; damping of these</td><td>device floats</td></tr>
 * <tr><td>α, M, ρ</td><td>step length for all layers, predicted change, reduction ratio</td><td>device scalars</td></tr>
 * <tr><td>K, P</td><td>columns of a datapoint's square root, its residuals; all weights</td><td></td></tr>
 * <tr><td>μ</td><td>damping of the exact step, λ + η</td><td>device scalar</td></tr>
 * <tr><td>T, Z</td><td>positions of a datapoint that share a layer's weights; those of a batch that count</td><td>rows n·T + t</td></tr>
 * </table>
 *
 * Matrices are row-major FP32 with rows padded to 32 floats; going back through a layer uses W
 * without its bias column; Q includes the homogeneous 1. The objective is the batch mean of the
 * loss plus η/2 ‖θ‖².
 *
 * <h2>Packages</h2>
 *
 * Dependencies run one way: optim → precondition → curvature → model, kernel → device; net → model,
 * kernel, io; precondition → diagnose → device; data, io → model, device; train → optim, net, data;
 * table → data; onnx → net, table; precondition, optim → dist → kernel. Curvature and
 * preconditioning know a network as {@link dev.krongauss.model.Model} and a layer as {@link
 * dev.krongauss.model.LayerTrace} only; {@code net} is one implementation among the users' own.
 * Within {@code kernel}, {@code operations} choose between our launchers and libraries, and
 * launchers see {@code tile}, {@code group}, {@code argument}, {@code cholesky} and {@code tuning}.
 *
 * <h2>Papers</h2>
 *
 * A. Botev, H. Ritter, D. Barber, "Practical Gauss-Newton Optimisation for Deep Learning", ICML
 * 2017. J. Martens, R. Grosse, "Optimizing Neural Networks with Kronecker-factored Approximate
 * Curvature", ICML 2015.
 */
package dev.krongauss;
