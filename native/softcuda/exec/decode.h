#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../ptx/ast.h"
#include "operations.h"
#include "program.h"

namespace softcuda {

// Where the variables of a module and of a kernel lie.
struct Symbol {
  ptx::Variable::Space space;
  uint64_t address;  // host address (global, const), else the offset in its window
};
using Symbols = std::map<std::string, Symbol>;

// A kernel between PTX and Program: operations on numbered registers.
struct Draft {
  struct Register {
    int bytes = 4;  // 4 or 8 a lane; 0: predicate
    int definitions = 0;
    int constant = -1;  // index of Program::constants
    int alias = -1;     // another register that always holds the same value
  };
  struct Step {
    const Operation* operation = nullptr;
    std::string opcode;
    std::vector<int> registers;  // one a signature letter
    int64_t imm = 0;
    const void* extra = nullptr;
    Effect effect;
    std::string target;   // label of a branch
    int skip_to = -1;     // or: the PTX instruction to go on with
    bool guarded = false;  // the step before is its guard
    bool removed = false;
    Location where;
  };
  std::vector<Register> registers;
  std::vector<Step> steps;
  std::map<std::string, size_t> labels;  // to PTX instructions
  std::vector<size_t> first_step;  // of each PTX instruction, and one past the last
};

// Turns PTX into steps. Throws Failure(218) for anything it does not know.
Draft decode(const ptx::Function& function, const Symbols& symbols, Program& program);
// Removes moves between registers that always hold the same value.
void propagate_copies(Draft& draft);
// Gives every register a place in the register file; registers that never live at the same time share one.
void assign_slots(const Draft& draft, Program& program, std::vector<uint32_t>& offsets);
// Writes Program::ops.
void assemble(const Draft& draft, const std::vector<uint32_t>& offsets, Program& program);
// Joins runs of fma.rn.f32.
void fuse(Program& program);

}  // namespace softcuda
