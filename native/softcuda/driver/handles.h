#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "guard.h"

namespace softcuda {

// The live objects of one kind. A handle that the program sees is the object's address; looking it up here turns a stale or
// foreign handle into CUDA_ERROR_INVALID_HANDLE, and the shared pointer keeps an object that is destroyed while still queued.
template <class T>
class Handles {
 public:
  // Leaked on purpose: other threads may still call in while the process runs its static destructors.
  static Handles& all() {
    static Handles* const instance = new Handles;
    return *instance;
  }

  void* add(std::shared_ptr<T> object) {
    void* const handle = object.get();
    std::lock_guard<std::mutex> lock(mutex_);
    live_[handle] = std::move(object);
    return handle;
  }

  std::shared_ptr<T> find(void* handle) const {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = live_.find(handle);
    return found == live_.end() ? nullptr : found->second;
  }

  std::shared_ptr<T> get(void* handle) const {
    if (std::shared_ptr<T> object = find(handle)) return object;
    throw Failure(kInvalidHandle, std::string("not a live ") + T::kKind + " handle");
  }

  std::shared_ptr<T> remove(void* handle) {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = live_.find(handle);
    if (found == live_.end()) throw Failure(kInvalidHandle, std::string("not a live ") + T::kKind + " handle");
    std::shared_ptr<T> object = std::move(found->second);
    live_.erase(found);
    return object;
  }

  // Removes and returns all objects that the predicate chooses: what a destroyed context owned.
  template <class Predicate>
  std::vector<std::shared_ptr<T>> remove_if(Predicate chosen) {
    std::vector<std::shared_ptr<T>> removed;
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto it = live_.begin(); it != live_.end();) {
      if (chosen(*it->second)) {
        removed.push_back(std::move(it->second));
        it = live_.erase(it);
      } else {
        ++it;
      }
    }
    return removed;
  }

  size_t size() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return live_.size();
  }

  std::vector<std::shared_ptr<T>> snapshot() const {
    std::vector<std::shared_ptr<T>> objects;
    std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& entry : live_) objects.push_back(entry.second);
    return objects;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<void*, std::shared_ptr<T>> live_;
};

}  // namespace softcuda
