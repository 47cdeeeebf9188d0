/**
 * Kronecker-factored Gauss-Newton training of feed-forward networks on a GPU, or on SoftCUDA; see
 * the package {@code dev.krongauss}.
 *
 * <p>JCuda's jars have no names of their own as modules: theirs are made of their file names, which
 * Maven keeps. Its native libraries, and SoftCUDA's, are resolved with them; those of LWJGL and
 * OpenBLAS need only lie on the module path.
 */
module dev.krongauss {
  requires transitive jcuda; // CUstream, CUcontext in public signatures
  requires jcublas;
  requires jcusolver;
  requires org.lwjgl;
  requires org.slf4j;
  // Of table and onnx alone.
  requires static de.siegmar.fastcsv;
  requires static ch.randelshofer.fastdoubleparser;
  requires static com.fasterxml.jackson.jr.ob;
  requires static com.google.protobuf;
  requires static org.tribuo.util.onnx;

  exports dev.krongauss;
  exports dev.krongauss.curvature;
  exports dev.krongauss.data;
  exports dev.krongauss.device;
  exports dev.krongauss.diagnose;
  exports dev.krongauss.dist;
  exports dev.krongauss.io;
  exports dev.krongauss.kernel;
  exports dev.krongauss.kernel.argument;
  exports dev.krongauss.kernel.operations; // Mode in public signatures of the builders
  exports dev.krongauss.model;
  exports dev.krongauss.net;
  exports dev.krongauss.onnx;
  exports dev.krongauss.optim;
  exports dev.krongauss.precondition;
  exports dev.krongauss.table;
  exports dev.krongauss.train;
}
