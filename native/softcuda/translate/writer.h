#pragma once
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include "blocks.h"

namespace softcuda {

// Writes the C++ of one PTX file's kernels for one instruction set.
class Writer {
 public:
  Writer(std::string isa, std::string operations_folder);
  // Adds a kernel; says how many blocks are translated.
  size_t kernel(const Program& program);
  // The whole file. `file`: name of the PTX file, without folders and ending.
  std::string text(const std::string& file) const;

 private:
  struct Frame;
  void block(const Program& program, const BasicBlock& block, const std::string& name, bool some);
  void operation(const Program& program, size_t index, Frame& frame);
  void leave_unless(size_t index, const std::string& condition, Frame& frame);
  void call(const Program& program, size_t index, Frame& frame);
  void finish(const Program& program, const BasicBlock& block, bool loops, Frame& frame);
  std::string alias(const Operation& operation);
  void include_handlers(std::ostream& out) const;

  std::string isa_, folder_;
  Operations types_;
  struct Alias {
    std::string name, file;
  };
  std::map<std::string, Alias> aliases_;  // by file and type
  std::string body_, tables_, kernels_;
  std::map<uint32_t, const Constant*> constants_;
  size_t count_ = 0;
};

}  // namespace softcuda
