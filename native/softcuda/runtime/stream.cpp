// Streams, events and functions of the host.
#include "call.h"

using namespace softcuda;

namespace {

JavaVM* machine = nullptr;

jint create_stream(JNIEnv* env, jobject stream, unsigned flags, int priority) {
  if (stream == nullptr) return kInvalidValueError;
  void* handle = nullptr;
  const jint result = cuStreamCreateWithPriority(&handle, flags, priority);
  if (result == 0) set_handle(env, stream, handle);
  return result;
}

jint create_event(JNIEnv* env, jobject event, unsigned flags) {
  if (event == nullptr) return kInvalidValueError;
  void* handle = nullptr;
  const jint result = cuEventCreate(&handle, flags);
  if (result == 0) set_handle(env, event, handle);
  return result;
}

// A Java function that the device's thread calls once, with what it needs until then.
struct HostFunction {
  jobject function, stream, argument;
  const char* signature;

  void release(JNIEnv* env) {
    for (const jobject object : {function, stream, argument}) {
      if (object != nullptr) env->DeleteGlobalRef(object);
    }
    delete this;
  }

  static void run(void* pointer) {
    auto* const self = static_cast<HostFunction*>(pointer);
    JNIEnv* env = nullptr;
    // The device's thread stays attached, and does not keep the JVM from ending.
    if (machine->AttachCurrentThreadAsDaemon(reinterpret_cast<void**>(&env), nullptr) != JNI_OK) return;
    const jclass type = env->GetObjectClass(self->function);
    const jmethodID method = env->GetMethodID(type, "call", self->signature);
    if (method != nullptr && self->stream != nullptr) env->CallVoidMethod(self->function, method, self->stream, jint{0}, self->argument);
    if (method != nullptr && self->stream == nullptr) env->CallVoidMethod(self->function, method, self->argument);
    // Nobody on this thread can catch it.
    if (env->ExceptionCheck()) env->ExceptionDescribe();
    env->DeleteLocalRef(type);
    self->release(env);
  }
};

// 900 if the stream captures: a graph would call the function at each launch, and it is kept for one.
jint require_not_capturing(void* stream) {
  int status = 0;
  const jint result = cuStreamIsCapturing(stream, &status);
  return result != 0 ? result : status != 0 ? 900 : 0;
}

HostFunction* host_function(JNIEnv* env, jobject function, jobject stream, jobject argument, const char* signature) {
  const auto keep = [env](jobject object) { return object != nullptr ? env->NewGlobalRef(object) : nullptr; };
  return new HostFunction{keep(function), keep(stream), keep(argument), signature};
}

}  // namespace

extern "C" JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM* vm, void*) {
  machine = vm;
  return JNI_VERSION_1_4;
}

JCUDA(cudaStreamCreate, jobject stream) {
  return call([&] { return create_stream(env, stream, 0, 0); });
}

JCUDA(cudaStreamCreateWithFlags, jobject stream, jint flags) {
  return call([&] { return create_stream(env, stream, static_cast<unsigned>(flags), 0); });
}

JCUDA(cudaStreamCreateWithPriority, jobject stream, jint flags, jint priority) {
  return call([&] { return create_stream(env, stream, static_cast<unsigned>(flags), priority); });
}

JCUDA(cudaStreamGetPriority, jobject stream, jintArray priority) {
  return call([&] {
    int value = 0;
    const jint result = cuStreamGetPriority(handle_of(env, stream), &value);
    return result != 0 ? result : put(env, priority, value) ? 0 : kInvalidValueError;
  });
}

JCUDA(cudaStreamGetFlags, jobject stream, jintArray flags) {
  return call([&] {
    unsigned value = 0;
    const jint result = cuStreamGetFlags(handle_of(env, stream), &value);
    return result != 0 ? result : put(env, flags, static_cast<jint>(value)) ? 0 : kInvalidValueError;
  });
}

JCUDA(cudaStreamGetId, jobject stream, jlongArray id) {
  return call([&] {
    unsigned long long value = 0;
    const jint result = cuStreamGetId(handle_of(env, stream), &value);
    return result != 0 ? result : put(env, id, static_cast<jlong>(value)) ? 0 : kInvalidValueError;
  });
}

JCUDA(cudaStreamDestroy, jobject stream) {
  return call([&] { return cuStreamDestroy_v2(handle_of(env, stream)); });
}

JCUDA(cudaStreamSynchronize, jobject stream) {
  return call([&] { return cuStreamSynchronize(handle_of(env, stream)); });
}

JCUDA(cudaStreamQuery, jobject stream) {
  return call([&] { return cuStreamQuery(handle_of(env, stream)); });
}

JCUDA(cudaStreamWaitEvent, jobject stream, jobject event, jint flags) {
  return call([&] { return cuStreamWaitEvent(handle_of(env, stream), handle_of(env, event), static_cast<unsigned>(flags)); });
}

JCUDA(cudaStreamAddCallback, jobject stream, jobject callback, jobject argument, jint flags) {
  return call([&] {
    if (callback == nullptr || flags != 0 || stream == nullptr) return kInvalidValueError;
    if (const jint refused = require_not_capturing(handle_of(env, stream))) return refused;
    auto* const function = host_function(env, callback, stream, argument, "(Ljcuda/runtime/cudaStream_t;ILjava/lang/Object;)V");
    const jint result = cuLaunchHostFunc(handle_of(env, stream), HostFunction::run, function);
    if (result != 0) function->release(env);
    return result;
  });
}

JCUDA(cudaLaunchHostFunc, jobject stream, jobject callback, jobject argument) {
  return call([&] {
    if (callback == nullptr) return kInvalidValueError;
    if (const jint refused = require_not_capturing(handle_of(env, stream))) return refused;
    auto* const function = host_function(env, callback, nullptr, argument, "(Ljava/lang/Object;)V");
    const jint result = cuLaunchHostFunc(handle_of(env, stream), HostFunction::run, function);
    if (result != 0) function->release(env);
    return result;
  });
}

JCUDA(cudaEventCreate, jobject event) {
  return call([&] { return create_event(env, event, 0); });
}

JCUDA(cudaEventCreateWithFlags, jobject event, jint flags) {
  return call([&] { return create_event(env, event, static_cast<unsigned>(flags)); });
}

JCUDA(cudaEventRecord, jobject event, jobject stream) {
  return call([&] { return cuEventRecord(handle_of(env, event), handle_of(env, stream)); });
}

JCUDA(cudaEventRecordWithFlags, jobject event, jobject stream, jint flags) {
  return call([&] { return cuEventRecordWithFlags(handle_of(env, event), handle_of(env, stream), static_cast<unsigned>(flags)); });
}

JCUDA(cudaEventQuery, jobject event) {
  return call([&] { return cuEventQuery(handle_of(env, event)); });
}

JCUDA(cudaEventSynchronize, jobject event) {
  return call([&] { return cuEventSynchronize(handle_of(env, event)); });
}

JCUDA(cudaEventDestroy, jobject event) {
  return call([&] { return cuEventDestroy_v2(handle_of(env, event)); });
}

JCUDA(cudaEventElapsedTime, jfloatArray milliseconds, jobject start, jobject end) {
  return call([&] {
    float value = 0.f;
    const jint result = cuEventElapsedTime(&value, handle_of(env, start), handle_of(env, end));
    return result != 0 ? result : put(env, milliseconds, value) ? 0 : kInvalidValueError;
  });
}
