// The device, its context, versions and errors.
#include <algorithm>

#include "call.h"
#include "properties.h"

namespace softcuda {

jint& last_error() {
  thread_local jint error = 0;
  return error;
}

}  // namespace softcuda

using namespace softcuda;

namespace {

jint give(JNIEnv* env, jintArray array, jint value) { return put(env, array, value) ? 0 : kInvalidValueError; }

jint get_limit(JNIEnv* env, jlongArray value, jint limit) {
  return call([&] {
    size_t found = 0;
    const jint result = cuCtxGetLimit(&found, limit);
    return result != 0 ? result : put(env, value, static_cast<jlong>(found)) ? 0 : kInvalidValueError;
  });
}

jint set_limit(jint limit, jlong value) {
  return call([&] { return cuCtxSetLimit(limit, static_cast<size_t>(value)); });
}

jint get_cache_config(JNIEnv* env, jintArray config) {
  return call([&] {
    int value = 0;
    const jint result = cuCtxGetCacheConfig(&value);
    return result != 0 ? result : give(env, config, value);
  });
}

jint synchronize() {
  return call([] { return cuCtxSynchronize(); });
}

jint reset() {
  return without_context([] {
    int device = 0;
    if (const jint result = cuInit(0)) return result;
    if (const jint result = current_device(&device)) return result;
    return cuDevicePrimaryCtxReset_v2(device);
  });
}

jint take_last_error() {
  const jint error = last_error();
  last_error() = 0;
  return error;
}

}  // namespace

// JCuda's own library writes a log; this one has none.
extern "C" JNIEXPORT void JNICALL Java_jcuda_runtime_JCuda_setLogLevel(JNIEnv*, jclass, jint) {}

JCUDA(cudaGetDeviceCount, jintArray count) {
  return without_context([&] {
    int found = 0;
    const jint ready = cuInit(0), result = ready != 0 ? ready : cuDeviceGetCount(&found);
    return result != 0 ? result : give(env, count, found);
  });
}

JCUDA(cudaSetDevice, jint device) {
  (void)env;
  return without_context([&] { return set_device(device); });
}

JCUDA(cudaInitDevice, jint device, jint, jint) {
  (void)env;
  return without_context([&] { return set_device(device); });
}

JCUDA(cudaSetValidDevices, jintArray devices, jint count) {
  return without_context([&] {
    if (devices == nullptr || count < 0 || count > env->GetArrayLength(devices)) return kInvalidValueError;
    for (jint i = 0; i < count; ++i) {
      jint device = 0;
      env->GetIntArrayRegion(devices, i, 1, &device);
      if (const jint result = check_device(device)) return result;
    }
    return 0;
  });
}

JCUDA(cudaGetDevice, jintArray device) {
  return without_context([&] {
    int current = 0;
    const jint result = current_device(&current);
    return result != 0 ? result : give(env, device, current);
  });
}

JCUDA(cudaChooseDevice, jintArray device, jobject) {
  return without_context([&] { return give(env, device, 0); });
}

JCUDA(cudaSetDeviceFlags, jint flags) {
  (void)env;
  return without_context([&] {
    int device = 0;
    const jint ready = cuInit(0), result = ready != 0 ? ready : current_device(&device);
    return result != 0 ? result : cuDevicePrimaryCtxSetFlags_v2(device, static_cast<unsigned>(flags));
  });
}

JCUDA(cudaGetDeviceFlags, jintArray flags) {
  return call([&] {
    unsigned value = 0;
    const jint result = cuCtxGetFlags(&value);
    return result != 0 ? result : give(env, flags, static_cast<jint>(value));
  });
}

JCUDA(cudaGetDeviceProperties, jobject properties, jint device) {
  return without_context([&] {
    if (properties == nullptr) return kInvalidValueError;
    const jint result = check_device(device);
    return result != 0 ? result : set_properties(env, properties, device);
  });
}

JCUDA(cudaDeviceGetAttribute, jintArray value, jint id, jint device) {
  return without_context([&] {
    int found = 0;
    const jint ready = cuInit(0), result = ready != 0 ? ready : cuDeviceGetAttribute(&found, id, device);
    return result != 0 ? result : give(env, value, found);
  });
}

JCUDA(cudaDeviceCanAccessPeer, jintArray can, jint device, jint peer) {
  return without_context([&] {
    int found = 0;
    const jint ready = cuInit(0), result = ready != 0 ? ready : cuDeviceCanAccessPeer(&found, device, peer);
    return result != 0 ? result : give(env, can, found);
  });
}

JCUDA(cudaDeviceGetPCIBusId, jobjectArray id, jint length, jint device) {
  return without_context([&] {
    char text[32] = {};
    const jint ready = cuInit(0), result = ready != 0 ? ready : cuDeviceGetPCIBusId(text, std::min<jint>(length, sizeof text), device);
    if (result != 0) return result;
    if (id == nullptr || env->GetArrayLength(id) == 0) return kInvalidValueError;
    env->SetObjectArrayElement(id, 0, env->NewStringUTF(text));
    return 0;
  });
}

JCUDA(cudaDeviceSynchronize) {
  (void)env;
  return synchronize();
}
JCUDA(cudaThreadSynchronize) {
  (void)env;
  return synchronize();
}
JCUDA(cudaDeviceReset) {
  (void)env;
  return reset();
}
JCUDA(cudaThreadExit) {
  (void)env;
  return reset();
}
JCUDA(cudaDeviceSetLimit, jint limit, jlong value) {
  (void)env;
  return set_limit(limit, value);
}
JCUDA(cudaThreadSetLimit, jint limit, jlong value) {
  (void)env;
  return set_limit(limit, value);
}
JCUDA(cudaDeviceGetLimit, jlongArray value, jint limit) { return get_limit(env, value, limit); }
JCUDA(cudaThreadGetLimit, jlongArray value, jint limit) { return get_limit(env, value, limit); }
JCUDA(cudaDeviceGetCacheConfig, jintArray config) { return get_cache_config(env, config); }
JCUDA(cudaThreadGetCacheConfig, jintArray config) { return get_cache_config(env, config); }
JCUDA(cudaDeviceSetCacheConfig, jint config) {
  (void)env;
  return call([&] { return cuCtxSetCacheConfig(config); });
}
JCUDA(cudaThreadSetCacheConfig, jint config) {
  (void)env;
  return call([&] { return cuCtxSetCacheConfig(config); });
}

JCUDA(cudaDeviceGetStreamPriorityRange, jintArray least, jintArray greatest) {
  return call([&] {
    int low = 0, high = 0;
    const jint result = cuCtxGetStreamPriorityRange(&low, &high);
    if (result != 0) return result;
    return put(env, least, low) && put(env, greatest, high) ? 0 : kInvalidValueError;
  });
}

JCUDA(cudaDriverGetVersion, jintArray version) {
  return without_context([&] {
    int value = 0;
    const jint result = cuDriverGetVersion(&value);
    return result != 0 ? result : give(env, version, value);
  });
}

JCUDA(cudaRuntimeGetVersion, jintArray version) {
  return without_context([&] { return give(env, version, kRuntimeVersion); });
}

JCUDA(cudaGetLastError) {
  (void)env;
  return take_last_error();
}

JCUDA(cudaPeekAtLastError) {
  (void)env;
  return last_error();
}

extern "C" JNIEXPORT jstring JNICALL Java_jcuda_runtime_JCuda_cudaGetErrorNameNative(JNIEnv* env, jclass, jint error) {
  const jclass type = env->FindClass("jcuda/runtime/cudaError");
  const jmethodID text = type != nullptr ? env->GetStaticMethodID(type, "stringFor", "(I)Ljava/lang/String;") : nullptr;
  return text != nullptr ? static_cast<jstring>(env->CallStaticObjectMethod(type, text, error)) : nullptr;
}

extern "C" JNIEXPORT jstring JNICALL Java_jcuda_runtime_JCuda_cudaGetErrorStringNative(JNIEnv* env, jclass, jint error) {
  const char* text = nullptr;
  return env->NewStringUTF(cuGetErrorString(error, &text) == 0 && text != nullptr ? text : "unrecognized error code");
}

// The profiler has nothing to start.
JCUDA(cudaProfilerStart) {
  (void)env;
  return 0;
}
JCUDA(cudaProfilerStop) {
  (void)env;
  return 0;
}
