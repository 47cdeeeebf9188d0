#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "linked.h"
#include "operations.h"
#include "program.h"

namespace softcuda {

// A kernel between PTX and Program: operations on numbered registers.
struct Draft {
  struct Register {
    int bytes = 4;  // 4 or 8 a lane; 0: predicate
    int definitions = 0;
    int constant = -1;  // index of Program::constants
    int alias = -1;     // another register that always holds the same value
    int owner = -1;     // part of the kernel; -1: constants and the stack pointer
    bool pinned = false;  // has a place of its own: it is written in one part and read in another
  };
  struct Step {
    const Operation* operation = nullptr;
    std::string opcode;
    std::vector<int> registers;  // one a signature letter
    int64_t imm = 0;
    const void* extra = nullptr;
    Effect effect;
    int skip_to = -1;     // a branch: the PTX instruction to go on with
    int callee = -1;      // a call: the part
    int above = -1;       // imm grows by the bytes that the part's registers take on the stack
    bool guarded = false;  // the step before is its guard
    bool removed = false;
    Location where;
  };
  std::vector<Register> registers;
  std::vector<Step> steps;
  // Parts follow one another; the instructions of each end with a return or an exit of ours.
  std::vector<size_t> first_step;  // of each PTX instruction
  std::vector<size_t> begins;      // of each part, the PTX instruction, and one past the last
  std::vector<int> links;          // of each part, the register with the operation to return to
  std::vector<std::vector<int>> arguments;  // of each part, the registers of Part::arguments; -1: in memory
  int stack_pointer = -1;

  size_t first_step_of(size_t part) const { return begins[part] < first_step.size() ? first_step[begins[part]] : steps.size(); }
};

// Turns PTX into steps. `symbols`: those of the module, `shared`: its shared variables. Throws Failure(218) for anything it does not know.
Draft decode(const Linked& linked, const Symbols& symbols, const Symbols& shared, Program& program);
// Removes moves between registers that always hold the same value.
void propagate_copies(Draft& draft);
// Gives every register a place in the register file; registers that never live at the same time share one.
void assign_slots(const Draft& draft, const Linked& linked, Program& program, std::vector<uint32_t>& offsets);
// Writes Program::ops.
void assemble(const Draft& draft, const Linked& linked, const std::vector<uint32_t>& offsets, Program& program);
// Joins runs of fma.rn.f32.
void fuse(Program& program);

}  // namespace softcuda
