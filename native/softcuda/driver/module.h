#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "../exec/engine.h"
#include "context.h"

namespace softcuda {

class LoadedModule {
 public:
  static constexpr const char* kKind = "module";
  LoadedModule(std::shared_ptr<Context> owner, std::unique_ptr<Module> module) : context_(std::move(owner)), module_(std::move(module)) {}
  const std::shared_ptr<Context>& context() const { return context_; }
  const Module& module() const { return *module_; }

 private:
  const std::shared_ptr<Context> context_;  // first: the module's variables live in the context's memory
  const std::unique_ptr<Module> module_;
};

class Function {
 public:
  static constexpr const char* kKind = "function";
  Function(std::shared_ptr<LoadedModule> owner, const Kernel* kernel) : module_(std::move(owner)), kernel_(kernel) {}
  const std::shared_ptr<Context>& context() const { return module_->context(); }
  const std::shared_ptr<LoadedModule>& module() const { return module_; }
  const Kernel& kernel() const { return *kernel_; }

  // The dynamic shared memory that a launch may ask for.
  size_t max_dynamic_shared() const;
  void set_max_dynamic_shared(size_t bytes) { max_dynamic_shared_.store(bytes); }
  int carveout() const { return carveout_.load(); }
  void set_carveout(int percent) { carveout_.store(percent); }

 private:
  static constexpr size_t kUnset = static_cast<size_t>(-1);
  const std::shared_ptr<LoadedModule> module_;
  const Kernel* const kernel_;
  std::atomic<size_t> max_dynamic_shared_{kUnset};
  std::atomic<int> carveout_{-1};
};

// The PTX text in an image given to cuModuleLoadData: PTX itself, or the uncompressed PTX entry of a fatbin. Throws Failure. Reads no more
// than `available` bytes; SIZE_MAX: no length is known, and text ends in NUL.
std::string ptx_of_image(const void* image, size_t available = SIZE_MAX);

}  // namespace softcuda
