#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "../ptx/ast.h"

// A kernel together with the device functions that it may call.
namespace softcuda {

// Where the variables of a module and of a kernel lie.
struct Symbol {
  ptx::Variable::Space space;
  uint64_t address;   // host address (global, const), the function's value (code), else the offset in its window
  int argument = -1;  // of Part::arguments: a parameter of a function or of a call
};
using Symbols = std::map<std::string, Symbol>;

// What a kernel or a function passes and takes: a .param variable. Scalars that are only stored and loaded whole are registers; all others
// lie in local memory: at a fixed place, or in the frame of a function that may be under way several times.
struct Argument {
  const ptx::Variable* variable;
  bool in_register = false;
  uint64_t offset = 0;
};

// What is known of the functions of a module, for all of its kernels.
struct Functions {
  explicit Functions(const ptx::Text& text);
  // Null when no function of this name has a body here.
  const ptx::Function* find(const std::string& name) const;
  // The header of a function with or without a body; null when there is none.
  const ptx::Function* header(const std::string& name) const;

  const ptx::Text& text;
  std::vector<const ptx::Function*> all;  // in the order of their values: base, base + kStep, ...
  std::set<std::string> pointed_to;       // whose address is taken somewhere: what an indirect call may call
  uint64_t base = 0;                      // of the values of function pointers; another one in each module
  static constexpr uint64_t kStep = 16;
};

struct Linked {
  struct Part {
    const ptx::Function* function = nullptr;
    // A function of our own that stands for an indirect call: its first parameter is the function to call, `callees` those that it
    // may be, `numbers` their numbers in Functions::all.
    bool dispatches = false;
    std::vector<size_t> callees;
    std::vector<size_t> numbers;
    size_t cycle = 0;        // parts that call one another in a circle have the same number
    bool recursive = false;  // part of such a circle
    bool allocates = false;  // alloca
    size_t first_call = 0;   // where its inlined calls begin in Program::calls
    size_t local_bytes = 0, local_begin = 0;
    Symbols symbols;         // its own variables and parameters
    std::vector<Argument> arguments;
    bool frame() const { return recursive || allocates; }
  };
  std::vector<Part> parts;  // callees before callers, the kernel last
  std::map<std::string, size_t> numbers;  // of the parts, by function; indirect calls by the signature
  const Functions* functions = nullptr;
  std::deque<ptx::Function> dispatchers;
  bool stack = false;  // some part has a frame

  const Part& kernel() const { return parts.back(); }
  // The part that stands for an indirect call.
  size_t dispatcher(const ptx::Instruction& call, const ptx::Function& caller, const Functions& functions) const;
  // Where each part's piece begins when those of callers come before those of callees and parts that are never under way together share;
  // `sizes` of each part; the whole size is added at the end.
  std::vector<size_t> overlay(const std::vector<size_t>& sizes, size_t begin) const;
};

// Builtin functions: of CUDA's device runtime, without a body in any PTX.
bool is_builtin(const std::string& name);

// Finds what a kernel may call. Throws Failure(218) for calls of functions that have no body.
Linked link(const ptx::Function& kernel, const Functions& functions);

// Chooses a place for the .param variables of a part's calls and of the functions themselves.
void place_arguments(Linked& linked);

}  // namespace softcuda
