// Modules and functions.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "../exec/print.h"
#include "devices.h"
#include "module.h"
#include "stream.h"

namespace softcuda {

size_t Function::max_dynamic_shared() const {
  const size_t set = max_dynamic_shared_.load();
  if (set != kUnset) return set;
  const size_t fixed = kernel_->static_shared();
  return fixed < kSharedPerBlock ? kSharedPerBlock - fixed : 0;
}

}  // namespace softcuda

using namespace softcuda;

namespace {

CUmodule load(const std::string& ptx) {
  const auto context = current_context();
  require_no_capture("loading a module");
  Prints::all().flush();
  return Handles<LoadedModule>::all().add(
      std::make_shared<LoadedModule>(context, Module::load(ptx.c_str(), ptx.size(), context->memory())));
}

CUresult load_image(CUmodule* module, const void* image, size_t available = SIZE_MAX) {
  require_pointer(module, "module");
  require_pointer(image, "image");
  *module = load(ptx_of_image(image, available));
  return kSuccess;
}

enum FunctionAttribute : int {
  kMaxThreads = 0, kSharedSize = 1, kConstSize = 2, kLocalSize = 3, kRegisters = 4, kPtxVersion = 5, kBinaryVersion = 6,
  kCacheModeCa = 7, kMaxDynamicShared = 8, kCarveout = 9, kLastFunctionAttribute = 15
};

// cuModuleLoadDataEx's options, of which the error log is honoured.
enum JitOption : int { kErrorLog = 5, kErrorLogSize = 6 };

void write_error_log(unsigned count, const int* options, void** values, const std::string& text) {
  char* buffer = nullptr;
  size_t size = 0;
  for (unsigned i = 0; i < count; ++i) {
    if (options[i] == kErrorLog) buffer = static_cast<char*>(values[i]);
    if (options[i] == kErrorLogSize) size = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(values[i]));
  }
  if (buffer != nullptr && size != 0) snprintf(buffer, size, "%s", text.c_str());
}

}  // namespace

SOFTCUDA_EXPORT CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  return guarded("cuModuleLoadData", [&] { return load_image(module, image); });
}

SOFTCUDA_EXPORT CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned count, int* options, void** values) {
  return guarded("cuModuleLoadDataEx", [&] {
    try {
      return load_image(module, image);
    } catch (const Failure& failure) {
      write_error_log(count, options, values, failure.what());
      throw;
    }
  });
}

SOFTCUDA_EXPORT CUresult cuModuleLoadFatBinary(CUmodule* module, const void* image) {
  return guarded("cuModuleLoadFatBinary", [&] { return load_image(module, image); });
}

SOFTCUDA_EXPORT CUresult cuModuleLoad(CUmodule* module, const char* path) {
  return guarded("cuModuleLoad", [&] {
    require_pointer(path, "path");
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Failure(kFileNotFound, std::string("cannot read ") + path);
    std::ostringstream text;
    text << file.rdbuf();
    const std::string image = text.str();
    return load_image(module, image.c_str(), image.size());
  });
}

SOFTCUDA_EXPORT CUresult cuModuleUnload(CUmodule handle) {
  return guarded("cuModuleUnload", [&] {
    const auto module = Handles<LoadedModule>::all().get(handle);
    require_no_capture("cuModuleUnload");
    module->context()->device().queue().wait_all();
    Handles<LoadedModule>::all().remove(handle);
    Handles<Function>::all().remove_if([&](const Function& function) { return function.module() == module; });
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuModuleGetFunction(CUfunction* function, CUmodule handle, const char* name) {
  return guarded("cuModuleGetFunction", [&] {
    require_pointer(function, "function");
    require_pointer(name, "name");
    current_context();
    const auto module = Handles<LoadedModule>::all().get(handle);
    module->module().require_kernel(name);
    const Kernel* const kernel = module->module().kernel(name);
    *function = Handles<Function>::all().add(std::make_shared<Function>(module, kernel));
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuModuleGetGlobal_v2(CUdeviceptr* address, size_t* bytes, CUmodule handle, const char* name) {
  return guarded("cuModuleGetGlobal", [&] {
    require_pointer(name, "name");
    current_context();
    uint64_t found;
    size_t size;
    if (!Handles<LoadedModule>::all().get(handle)->module().global(name, &found, &size)) {
      throw Failure(kNotFound, std::string("the module has no variable ") + name);
    }
    if (address != nullptr) *address = found;
    if (bytes != nullptr) *bytes = size;
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuModuleGetLoadingMode(int* mode) {
  return guarded("cuModuleGetLoadingMode", [&] {
    require_pointer(mode, "mode");
    *mode = 1;  // CU_MODULE_EAGER_LOADING
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuFuncGetModule(CUmodule* module, CUfunction handle) {
  return guarded("cuFuncGetModule", [&] {
    require_pointer(module, "module");
    *module = Handles<Function>::all().get(handle)->module().get();
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuFuncGetAttribute(int* value, int attribute, CUfunction handle) {
  return guarded("cuFuncGetAttribute", [&] {
    require_pointer(value, "value");
    const auto function = Handles<Function>::all().get(handle);
    const Kernel& kernel = function->kernel();
    switch (attribute) {
      case kMaxThreads: *value = kernel.max_threads_per_block(); break;
      case kSharedSize: *value = static_cast<int>(kernel.static_shared()); break;
      case kLocalSize: *value = static_cast<int>(kernel.local_bytes()); break;
      case kRegisters: *value = kernel.registers(); break;
      case kPtxVersion:
      case kBinaryVersion: *value = kCapabilityMajor * 10 + kCapabilityMinor; break;
      case kMaxDynamicShared: *value = static_cast<int>(function->max_dynamic_shared()); break;
      case kCarveout: *value = function->carveout(); break;
      default:
        if (attribute < 0 || attribute > kLastFunctionAttribute) throw Failure(kInvalidValue, "no such function attribute");
        *value = 0;  // constant memory of its own, cache mode, clusters: none
    }
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuFuncSetAttribute(CUfunction handle, int attribute, int value) {
  return guarded("cuFuncSetAttribute", [&] {
    const auto function = Handles<Function>::all().get(handle);
    if (attribute == kCarveout) {
      if (value < -1 || value > 100) throw Failure(kInvalidValue, "the carveout is a percentage, or -1");
      function->set_carveout(value);
      return kSuccess;
    }
    if (attribute != kMaxDynamicShared) throw Failure(kInvalidValue, "this function attribute cannot be set");
    const size_t fixed = function->kernel().static_shared();
    if (value < 0 || static_cast<size_t>(value) + fixed > kSharedPerBlockOptIn) {
      throw Failure(kInvalidValue, "dynamic shared memory of " + std::to_string(value) + " bytes with " + std::to_string(fixed) +
                                       " static ones is more than a block may have, " + std::to_string(kSharedPerBlockOptIn));
    }
    function->set_max_dynamic_shared(static_cast<size_t>(value));
    return kSuccess;
  });
}

SOFTCUDA_EXPORT CUresult cuFuncSetCacheConfig(CUfunction handle, int) {
  return guarded("cuFuncSetCacheConfig", [&] {
    Handles<Function>::all().get(handle);
    return kSuccess;
  });
}
