// What cudaGetDeviceProperties tells: attributes of the device by the names of cudaDeviceProp.
#include "properties.h"

#include <algorithm>

#include "../driver/entry_points.h"

namespace softcuda {

namespace {

jint attribute(int id, int device) {
  int value = 0;
  return cuDeviceGetAttribute(&value, id, device) == 0 ? value : 0;
}

// Fields of cudaDeviceProp that are device attributes: CUdevice_attribute.
struct Property {
  const char* field;
  int attribute;
};
constexpr Property kIntProperties[] = {{"regsPerBlock", 12},
                                       {"warpSize", 10},
                                       {"maxThreadsPerBlock", 1},
                                       {"clockRate", 13},
                                       {"major", 75},
                                       {"minor", 76},
                                       {"deviceOverlap", 15},
                                       {"multiProcessorCount", 16},
                                       {"integrated", 18},
                                       {"canMapHostMemory", 19},
                                       {"computeMode", 20},
                                       {"concurrentKernels", 31},
                                       {"asyncEngineCount", 40},
                                       {"unifiedAddressing", 41},
                                       {"memoryClockRate", 36},
                                       {"memoryBusWidth", 37},
                                       {"l2CacheSize", 38},
                                       {"maxThreadsPerMultiProcessor", 39},
                                       {"streamPrioritiesSupported", 78},
                                       {"globalL1CacheSupported", 79},
                                       {"localL1CacheSupported", 80},
                                       {"regsPerMultiprocessor", 82},
                                       {"managedMemory", 83},
                                       {"singleToDoublePrecisionPerfRatio", 87},
                                       {"computePreemptionSupported", 90},
                                       {"cooperativeLaunch", 95},
                                       {"maxBlocksPerMultiProcessor", 106},
                                       {"hostRegisterSupported", 99},
                                       {"memoryPoolsSupported", 115}};
constexpr Property kLongProperties[] = {{"sharedMemPerBlock", 8},          {"memPitch", 11},
                                        {"totalConstMem", 9},              {"textureAlignment", 14},
                                        {"texturePitchAlignment", 51},     {"surfaceAlignment", 30},
                                        {"sharedMemPerMultiprocessor", 81}, {"sharedMemPerBlockOptin", 97},
                                        {"reservedSharedMemPerBlock", 111}};

void set_triple(JNIEnv* env, jobject properties, const char* name, int first, int device) {
  const jint values[3] = {attribute(first, device), attribute(first + 1, device), attribute(first + 2, device)};
  const auto array = static_cast<jintArray>(get_object(env, properties, name, "[I"));
  if (array != nullptr && env->GetArrayLength(array) >= 3) env->SetIntArrayRegion(array, 0, 3, values);
}

void set_bytes(JNIEnv* env, jobject object, const char* name, const char* bytes, size_t count) {
  const auto array = static_cast<jbyteArray>(get_object(env, object, name, "[B"));
  if (array == nullptr) return;
  const auto fits = static_cast<jsize>(std::min(count, static_cast<size_t>(env->GetArrayLength(array))));
  env->SetByteArrayRegion(array, 0, fits, reinterpret_cast<const jbyte*>(bytes));
}

}  // namespace

jint set_properties(JNIEnv* env, jobject properties, int device) {
  char name[256] = {};
  size_t memory = 0;
  CudaUuid uuid;
  if (const jint result = cuDeviceGetName(name, sizeof name, device)) return result;
  if (const jint result = cuDeviceTotalMem_v2(&memory, device)) return result;
  if (const jint result = cuDeviceGetUuid(&uuid, device)) return result;
  set_bytes(env, properties, "name", name, sizeof name);
  const jobject id = get_object(env, properties, "uuid", "Ljcuda/runtime/cudaUUID;");
  if (id != nullptr) set_bytes(env, id, "bytes", uuid.bytes, sizeof uuid.bytes);
  set_long(env, properties, "totalGlobalMem", static_cast<jlong>(memory));
  for (const Property& p : kIntProperties) set_int(env, properties, p.field, attribute(p.attribute, device));
  for (const Property& p : kLongProperties) set_long(env, properties, p.field, attribute(p.attribute, device));
  set_triple(env, properties, "maxThreadsDim", 2, device);
  set_triple(env, properties, "maxGridSize", 5, device);
  return 0;
}

}  // namespace softcuda
