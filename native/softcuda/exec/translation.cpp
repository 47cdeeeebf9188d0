#include "translation.h"

#include <dlfcn.h>
#include <elf.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <mutex>
#include <unordered_map>

#include "operations.h"

namespace softcuda {

namespace {

class Hash {
 public:
  void add(uint64_t v) {
    for (int k = 0; k < 64; k += 8) byte(static_cast<unsigned char>(v >> k));
  }
  void add(const std::string& s) {
    for (const char c : s) byte(static_cast<unsigned char>(c));
    byte(0);
  }
  uint64_t value() const { return value_; }

 private:
  void byte(unsigned char c) { value_ = (value_ ^ c) * 0x100000001b3u; }
  uint64_t value_ = 0xcbf29ce484222325u;
};

// A library that was cut short is mapped without complaint, and the first access behind its end kills the process. Linkers write the table
// of sections last.
void check_whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return;  // dlopen says why
  const auto size = static_cast<uint64_t>(in.tellg());
  Elf64_Ehdr header{};
  in.seekg(0);
  in.read(reinterpret_cast<char*>(&header), sizeof header);
  const uint64_t needed = in ? header.e_shoff + uint64_t{header.e_shnum} * header.e_shentsize : sizeof header;
  if (size < needed) {
    throw Failure(kNotFound, "translated kernels: " + path + " is cut short: " + std::to_string(size) + " of " + std::to_string(needed) + " bytes; build it anew");
  }
}

// The libraries that were opened; they stay open for the life of the process.
class Library {
 public:
  // Throws Failure.
  void open(const std::string& path) {
    check_whole(path);
    void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) throw Failure(kNotFound, "translated kernels: " + std::string(dlerror()));
    const auto entry = reinterpret_cast<Translations>(dlsym(handle, kTranslations));
    if (!entry) throw Failure(kNotFound, "translated kernels: " + path + " has no " + kTranslations);
    const TranslatedLibrary& library = *entry();
    if (library.layout != translation_layout()) {
      throw Failure(kNotFound, "translated kernels: " + path + " was built for another version of the engine");
    }
    const char* const isa = std::strcmp(instruction_set(), "avx512") == 0 ? "v4" : "v3";
    for (uint32_t i = 0; i < library.count; ++i) {
      const TranslatedFile& file = library.files[i];
      if (std::strcmp(file.isa, isa) != 0) continue;
      for (uint32_t k = 0; k < file.count; ++k) kernels_[file.kernels[k].fingerprint] = &file.kernels[k];
    }
    state_ += (state_.empty() ? "" : ", ") + path;
  }

  // The one beside this code, if it is there. One that does not fit is not used: the interpreter does the same work.
  void open_own() {
    if (looked_) return;
    looked_ = true;
    Dl_info self;
    if (dladdr(reinterpret_cast<const void*>(&fingerprint), &self) == 0 || !self.dli_fname) return;
    const std::string me = self.dli_fname;
    const std::string path = me.substr(0, me.rfind('/') + 1) + "libsoftcuda_kernels.so";
    if (access(path.c_str(), R_OK) != 0) {
      missing_ = path + " (not there)";
      return;
    }
    try {
      open(path);
    } catch (const Failure& failure) {
      missing_ = failure.what();
      std::fprintf(stderr, "softcuda: %s; kernels run on the interpreter\n", failure.what());
    }
  }

  const TranslatedKernel* find(const Program& program) {
    if (kernels_.empty()) return nullptr;
    const auto found = kernels_.find(fingerprint(program));
    return found == kernels_.end() || program.name != found->second->name ? nullptr : found->second;
  }

  std::string state() const { return state_.empty() ? missing_ : state_; }

 private:
  bool looked_ = false;
  std::unordered_map<uint64_t, const TranslatedKernel*> kernels_;
  std::string state_, missing_ = "no library";
};

std::mutex& mutex() {
  static std::mutex& m = *new std::mutex;
  return m;
}

Library& library() {
  static Library& l = *new Library;
  return l;
}

}  // namespace

uint64_t fingerprint(const Program& program) {
  Hash h;
  h.add(program.name);
  h.add(program.register_file_bytes);
  for (size_t i = 0; i < program.plain.size(); ++i) {
    const Op& op = program.plain[i];
    const Operation& operation = *program.operations[i];
    h.add(operation.key);
    h.add(operation.signature);
    for (size_t k = 0; k < operation.signature.size() && k < 8; ++k) h.add(op.o[k]);
    h.add(static_cast<uint64_t>(op.imm));
    const Effect& e = program.effects[i];
    h.add(static_cast<uint64_t>(e.kind) << 16 | static_cast<uint64_t>(e.order) << 8 | (operation.key != "#brx" && op.extra ? 1u : 0u));
  }
  for (const auto& table : program.tables) {
    h.add(table->targets.size());
    for (const uint32_t t : table->targets) h.add(t);
  }
  for (const Constant& c : program.constants) {
    h.add(static_cast<uint64_t>(c.kind) << 32 | static_cast<uint64_t>(c.bytes) << 16 | static_cast<uint64_t>(c.sign) << 1 | (c.address ? 1u : 0u));
    h.add(static_cast<uint64_t>(c.param_bytes) << 32 | c.offset);
    h.add(c.address ? 0 : c.bits);
  }
  return h.value();
}

void use_translation(Program& program) {
  const std::lock_guard<std::mutex> lock(mutex());
  library().open_own();
  const TranslatedKernel* kernel = library().find(program);
  if (!kernel) return;
  program.translated = program.ops;
  for (uint32_t i = 0; i < kernel->count; ++i) {
    const TranslatedBlock& block = kernel->blocks[i];
    program.translated[block.at].full = block.run;
    if (block.some) program.translated[block.at].masked = block.some;
  }
}

void add_translations(const std::string& path) {
  const std::lock_guard<std::mutex> lock(mutex());
  library().open(path);
}

std::string translations_in_use() {
  const std::lock_guard<std::mutex> lock(mutex());
  return library().state();
}

}  // namespace softcuda
