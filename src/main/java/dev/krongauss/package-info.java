/**
 * Krongauss: Kronecker-factored Gauss-Newton training of feed-forward networks on a GPU.
 *
 * <h2>The way of the data</h2>
 *
 * <pre>
 * batch -&gt; forward -&gt; loss -&gt; backward -&gt; factors Q,G -&gt; damp + factorise -&gt; solve -&gt; rescale -&gt; update
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
 * <tr><td>ā_l</td><td>activations with the homogeneous 1; ā_0 the input</td><td>[N][d_l + 1]</td></tr>
 * <tr><td>W_l</td><td>weights, last column the bias; h_l = W_l ā_{l-1}</td><td>[d_l][d_{l-1} + 1]</td></tr>
 * <tr><td>h_l, b_l</td><td>pre-activations and f'(h_l)</td><td>[N][d_l]</td></tr>
 * <tr><td>δ_l</td><td>∂E/∂h_l of each datapoint</td><td>[N][d_l]</td></tr>
 * <tr><td>Q_l</td><td>1/N Σ ā_{l-1} ā_{l-1}ᵀ</td><td>[d_{l-1} + 1]², lower triangle</td></tr>
 * <tr><td>G_l</td><td>pre-activation Gauss-Newton, averaged</td><td>[d_l]², lower triangle</td></tr>
 * <tr><td>C_l</td><td>square root: G_l = 1/N Σ_n C_n C_nᵀ</td><td>[N·K][d_l], row n·K + k</td></tr>
 * <tr><td>𝒢_l,n, ℋ_l,n</td><td>pre-activation Gauss-Newton and Hessian of a datapoint, exact</td>
 *     <td>[N·d_l][d_l], row n·d_l + i</td></tr>
 * <tr><td>Δ_l</td><td>direction −(G + γ/ω I)⁻¹ ∇ (Q + ωγ I)⁻¹</td><td>[d_l][d_{l-1} + 1]</td></tr>
 * <tr><td>λ, γ, η</td><td>damping of the model, of the factors; L2 weight</td><td>device scalars</td></tr>
 * <tr><td>α, M, ρ</td><td>step size, predicted change, reduction ratio</td><td>device scalars</td></tr>
 * </table>
 *
 * Matrices are row-major FP32 with rows padded to 32 floats; going back through a layer uses W
 * without its bias column; Q includes the homogeneous 1. The objective is the batch mean of the
 * loss plus η/2 ‖θ‖².
 *
 * <h2>Packages</h2>
 *
 * Dependencies run one way: optim → precondition → curvature → model, kernel → device; net → model,
 * kernel; data, io → model, device. Curvature and preconditioning know a network as {@link
 * dev.krongauss.model.Model} and a layer as {@link dev.krongauss.model.LayerTrace} only; {@code
 * net} is one implementation among the users' own.
 *
 * <h2>Papers</h2>
 *
 * A. Botev, H. Ritter, D. Barber, "Practical Gauss-Newton Optimisation for Deep Learning", ICML
 * 2017. J. Martens, R. Grosse, "Optimizing Neural Networks with Kronecker-factored Approximate
 * Curvature", ICML 2015.
 */
package dev.krongauss;
