#pragma once
// JCuda's Java classes as the methods of the runtime API use them.
#include <jni.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace softcuda {

// A field of a Java object that is not there: a class of another JCuda. Ends the method with the Java exception that is pending.
struct JavaFailure {};

// The object of a field, or the number in it, by name.
jlong get_long(JNIEnv* env, jobject object, const char* name);
void set_long(JNIEnv* env, jobject object, const char* name, jlong value);
void set_int(JNIEnv* env, jobject object, const char* name, jint value);
jobject get_object(JNIEnv* env, jobject object, const char* name, const char* type);
void set_object(JNIEnv* env, jobject object, const char* name, const char* type, jobject value);

// The handle of a cudaStream_t, cudaEvent_t ...; null for null.
void* handle_of(JNIEnv* env, jobject object);
void set_handle(JNIEnv* env, jobject object, const void* handle);

// The first element of an array that a method returns a number in. False unless there is one.
bool put(JNIEnv* env, jintArray array, jint value);
bool put(JNIEnv* env, jlongArray array, jlong value);
bool put(JNIEnv* env, jfloatArray array, jfloat value);

// Makes a Pointer stand for memory of the driver; for host memory with the buffer that Java sees it by.
void set_pointer(JNIEnv* env, jobject pointer, uint64_t address);
void set_host_pointer(JNIEnv* env, jobject pointer, void* address, size_t bytes);

// The memory that a Pointer stands for, `bytes` of it, for the time of a call. Device memory, page-locked memory and direct buffers lie where
// they are. A Java array may be moved at any time, so its part is copied to memory of this object, and back at the end where it is written; an
// array of pointers likewise.
class Place {
 public:
  Place(JNIEnv* env, jobject pointer, size_t bytes, bool written);
  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  // False: the array is too short, or the buffer is one that JCuda does not give to a Pointer.
  bool valid() const { return valid_; }
  uint64_t address() const { return address_; }

 private:
  void of_array(jobject buffer, size_t offset);
  void of_pointers(jobjectArray pointers, size_t offset);

  JNIEnv* const env_;
  const size_t bytes_;
  const bool written_;
  bool valid_ = true;
  uint64_t address_ = 0;
  std::vector<char> copy_;
  jarray array_ = nullptr;
  size_t offset_ = 0;
  jobjectArray pointers_ = nullptr;
};

}  // namespace softcuda
