#pragma once
#include <set>
#include <string>
#include <vector>

#include "../exec/operations.h"

// Basic blocks of a decoded kernel, and which registers are needed after each.
namespace softcuda {

// What the translator does with an operation.
enum class Treatment {
  Inline,  // its handler is compiled into the block
  Call,    // its handler is called; it always goes on with the next operation
  End      // it may change the flow: its handler is called last
};

struct BasicBlock {
  size_t begin, end;               // operations
  std::set<uint32_t> live_out;     // offsets in the register file
};

// `types`: the table of the instruction set that code is made for.
Treatment treatment(const Program& program, size_t op, const Operations& types);

// Whether a part of the lanes can run the block at once: nothing in it waits for other lanes.
bool may_run_some(const Program& program, const BasicBlock& block, const Operations& types);

bool is_guard(const std::string& key);
bool is_branch(const std::string& key);

// Blocks longer than `longest` are cut.
std::vector<BasicBlock> find_blocks(const Program& program, const Operations& types, size_t longest);

// The registers needed before each operation of a block.
std::vector<std::set<uint32_t>> live_before(const Program& program, const BasicBlock& block);

// Calls f(offset, bytes, written) for each register operand that is no constant or, with `constants`, for those too. bytes 0: predicate.
template <class F>
void each_operand(const Program& program, size_t index, F f) {
  const Operation& operation = *program.operations[index];
  for (size_t k = 0; k < operation.signature.size(); ++k) {
    const char letter = operation.signature[k];
    if (letter == '!' || letter == 'i') continue;
    const bool written = letter >= 'A' && letter <= 'Z';
    const char kind = written ? static_cast<char>(letter - 'A' + 'a') : letter;
    f(program.plain[index].o[k], kind == 'x' ? 8 : kind == 'w' ? 4 : 0, written);
  }
}

}  // namespace softcuda
