#include "java.h"

#include <cstring>

namespace softcuda {
namespace {

jfieldID field(JNIEnv* env, jobject object, const char* name, const char* type) {
  const jclass type_of = env->GetObjectClass(object);
  const jfieldID id = env->GetFieldID(type_of, name, type);
  env->DeleteLocalRef(type_of);
  if (id == nullptr) throw JavaFailure();
  return id;
}

bool is(JNIEnv* env, jobject object, const char* name) {
  const jclass type = env->FindClass(name);
  if (type == nullptr) throw JavaFailure();
  const bool result = env->IsInstanceOf(object, type) != JNI_FALSE;
  env->DeleteLocalRef(type);
  return result;
}

constexpr const char* kPointer = "jcuda/Pointer";
constexpr const char* kBufferType = "Ljava/nio/Buffer;";
constexpr const char* kPointersType = "[Ljcuda/NativePointerObject;";

// Of an array's element, by the array's class.
size_t element_size(JNIEnv* env, jobject array) {
  const struct {
    const char* type;
    size_t size;
  } kinds[] = {{"[F", 4}, {"[D", 8}, {"[I", 4}, {"[J", 8}, {"[B", 1}, {"[S", 2}, {"[C", 2}};
  for (const auto& kind : kinds) {
    if (is(env, array, kind.type)) return kind.size;
  }
  return 0;
}

// Buffer.array(), null where the buffer has none.
jarray array_of(JNIEnv* env, jobject buffer) {
  const jclass type = env->FindClass("java/nio/Buffer");
  const jmethodID has = env->GetMethodID(type, "hasArray", "()Z"), get = env->GetMethodID(type, "array", "()Ljava/lang/Object;");
  env->DeleteLocalRef(type);
  if (has == nullptr || get == nullptr) throw JavaFailure();
  const bool found = env->CallBooleanMethod(buffer, has) != JNI_FALSE;
  const auto array = found ? static_cast<jarray>(env->CallObjectMethod(buffer, get)) : nullptr;
  if (env->ExceptionCheck()) throw JavaFailure();
  return array;
}

template <class Array, class Value>
bool put_first(JNIEnv* env, Array array, Value value, void (JNIEnv::*set)(Array, jsize, jsize, const Value*)) {
  if (array == nullptr || env->GetArrayLength(array) == 0) return false;
  (env->*set)(array, 0, 1, &value);
  return true;
}

}  // namespace

jlong get_long(JNIEnv* env, jobject object, const char* name) { return env->GetLongField(object, field(env, object, name, "J")); }
void set_long(JNIEnv* env, jobject object, const char* name, jlong value) { env->SetLongField(object, field(env, object, name, "J"), value); }
void set_int(JNIEnv* env, jobject object, const char* name, jint value) { env->SetIntField(object, field(env, object, name, "I"), value); }
jobject get_object(JNIEnv* env, jobject object, const char* name, const char* type) {
  return env->GetObjectField(object, field(env, object, name, type));
}
void set_object(JNIEnv* env, jobject object, const char* name, const char* type, jobject value) {
  env->SetObjectField(object, field(env, object, name, type), value);
}

void* handle_of(JNIEnv* env, jobject object) {
  return object == nullptr ? nullptr : reinterpret_cast<void*>(get_long(env, object, "nativePointer"));
}
void set_handle(JNIEnv* env, jobject object, const void* handle) { set_long(env, object, "nativePointer", reinterpret_cast<jlong>(handle)); }

bool put(JNIEnv* env, jintArray array, jint value) { return put_first(env, array, value, &JNIEnv::SetIntArrayRegion); }
bool put(JNIEnv* env, jlongArray array, jlong value) { return put_first(env, array, value, &JNIEnv::SetLongArrayRegion); }
bool put(JNIEnv* env, jfloatArray array, jfloat value) { return put_first(env, array, value, &JNIEnv::SetFloatArrayRegion); }

void set_pointer(JNIEnv* env, jobject pointer, uint64_t address) {
  set_long(env, pointer, "nativePointer", static_cast<jlong>(address));
  if (!is(env, pointer, kPointer)) return;
  set_long(env, pointer, "byteOffset", 0);
  set_object(env, pointer, "buffer", kBufferType, nullptr);
  set_object(env, pointer, "pointers", kPointersType, nullptr);
}

void set_host_pointer(JNIEnv* env, jobject pointer, void* address, size_t bytes) {
  set_pointer(env, pointer, reinterpret_cast<uint64_t>(address));
  const jobject buffer = env->NewDirectByteBuffer(address, static_cast<jlong>(bytes));
  if (buffer == nullptr) throw JavaFailure();
  set_object(env, pointer, "buffer", kBufferType, buffer);
}

Place::Place(JNIEnv* env, jobject pointer, size_t bytes, bool written) : env_(env), bytes_(bytes), written_(written) {
  if (pointer == nullptr) return;
  address_ = static_cast<uint64_t>(get_long(env, pointer, "nativePointer"));
  if (!is(env, pointer, kPointer)) return;
  const auto offset = static_cast<size_t>(get_long(env, pointer, "byteOffset"));
  const jobject buffer = get_object(env, pointer, "buffer", kBufferType);
  const auto pointers = static_cast<jobjectArray>(get_object(env, pointer, "pointers", kPointersType));
  if (pointers != nullptr) {
    of_pointers(pointers, offset);
  } else if (buffer == nullptr) {
    address_ += offset;
  } else if (void* const direct = env->GetDirectBufferAddress(buffer)) {
    address_ = reinterpret_cast<uint64_t>(direct) + offset;
  } else {
    of_array(buffer, offset);
  }
}

void Place::of_array(jobject buffer, size_t offset) {
  const jarray array = array_of(env_, buffer);
  const size_t element = array != nullptr ? element_size(env_, array) : 0;
  const size_t size = element != 0 ? static_cast<size_t>(env_->GetArrayLength(array)) * element : 0;
  valid_ = element != 0 && offset <= size && bytes_ <= size - offset;
  if (!valid_ || bytes_ == 0) return;
  array_ = array;
  offset_ = offset;
  copy_.resize(bytes_);
  address_ = reinterpret_cast<uint64_t>(copy_.data());
  auto* const elements = static_cast<char*>(env_->GetPrimitiveArrayCritical(array, nullptr));
  if (elements == nullptr) throw JavaFailure();
  memcpy(copy_.data(), elements + offset, bytes_);
  env_->ReleasePrimitiveArrayCritical(array, elements, JNI_ABORT);
}

void Place::of_pointers(jobjectArray pointers, size_t offset) {
  const jsize count = env_->GetArrayLength(pointers);
  const size_t size = static_cast<size_t>(count) * sizeof(uint64_t);
  valid_ = offset <= size && bytes_ <= size - offset;
  if (!valid_) return;
  pointers_ = pointers;
  offset_ = offset;
  copy_.resize(size);
  address_ = reinterpret_cast<uint64_t>(copy_.data()) + offset;
  for (jsize i = 0; i < count; ++i) {
    const jobject element = env_->GetObjectArrayElement(pointers, i);
    const Place place(env_, element, 0, false);
    const uint64_t value = place.address();
    memcpy(copy_.data() + static_cast<size_t>(i) * sizeof value, &value, sizeof value);
    env_->DeleteLocalRef(element);
  }
}

Place::~Place() {
  if (!written_ || !valid_) return;
  if (array_ != nullptr) {
    auto* const elements = static_cast<char*>(env_->GetPrimitiveArrayCritical(array_, nullptr));
    if (elements == nullptr) return;  // an OutOfMemoryError is pending
    memcpy(elements + offset_, copy_.data(), bytes_);
    env_->ReleasePrimitiveArrayCritical(array_, elements, 0);
  }
  if (pointers_ == nullptr) return;
  for (jsize i = 0; i < env_->GetArrayLength(pointers_); ++i) {
    uint64_t value;
    memcpy(&value, copy_.data() + static_cast<size_t>(i) * sizeof value, sizeof value);
    const jobject element = env_->GetObjectArrayElement(pointers_, i);
    if (element != nullptr && Place(env_, element, 0, false).address() != value) set_pointer(env_, element, value);
    env_->DeleteLocalRef(element);
  }
}

}  // namespace softcuda
