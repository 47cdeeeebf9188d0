#pragma once
#include "java.h"

namespace softcuda {

// Fills a jcuda.runtime.cudaDeviceProp; returns a CUresult.
jint set_properties(JNIEnv* env, jobject properties, int device);

}  // namespace softcuda
