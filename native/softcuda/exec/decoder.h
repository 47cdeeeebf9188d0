#pragma once
#include "decode.h"

namespace softcuda {

// The state of decode(), shared by decode*.cpp.
class Decoder {
 public:
  Decoder(const ptx::Function& function, const Symbols& symbols, Program& program) : function_(function), symbols_(symbols), program_(program) {}
  Draft run();

 private:
  using Operand = ptx::Operand;
  using Instruction = ptx::Instruction;

  [[noreturn]] void fail(const std::string& what) const;
  [[noreturn]] void unknown() const;
  void need(size_t least, size_t most) const;

  // registers and constants (decode.cpp)
  int new_register(int bytes);
  int named(const std::string& name);
  int constant(const Constant& c);
  int bits(int bytes, uint64_t value);
  int place(int bytes, const Symbol& symbol, int64_t offset);
  int special(const std::string& name);
  int source(const Operand& o, char letter);
  int destination(const Operand& o, char letter);
  const Symbol* symbol(const std::string& name) const;

  // steps (decode.cpp)
  Draft::Step& emit(const std::string& key, std::vector<int> registers, bool guarded = true);
  int temporary(const std::string& key, int bytes, std::vector<int> sources);
  void by_table(const Operation& operation);
  void by_name();
  void instruction(const Instruction& in);

  // moves, comparisons, conversions (decode_values.cpp)
  void move();
  void set_predicate();
  void set_value();
  void test();
  void convert_address();
  void is_space();
  void carry();
  int comparison(size_t first_operand, const std::string& comparison, const std::string& type);

  // memory (decode_memory.cpp)
  struct Address {
    int reg = -1;
    int64_t displacement = 0;
  };
  Address address(const Operand& o, const std::string& space);
  void load_store(bool load);
  void load_parameter(const std::vector<Operand>& to, const Operand& from, const std::string& type);
  void atomic(bool result);
  void async_copy();
  void wait_for_copies(int64_t groups_under_way);

  // tensor cores (decode_matrix.cpp)
  std::vector<Operand> items(const Operand& o, size_t n) const;
  void multiply_matrices();
  void load_matrices();
  void move_matrix();

  // control (decode_control.cpp)
  void branch();
  void branch_indexed();
  void barrier();
  void shuffle();
  void vote();
  void match();
  void redux();
  template <class Body>
  void around(Body body);  // a guard of an operation that changes the flow becomes a branch
  void flow(const std::string& key, std::vector<int> registers, int64_t imm = 0, const Effect& effect = {});
  // What the opcode says of order and scope: ".acquire.gpu".
  Effect ordered(Effect::Kind kind) const;

  const ptx::Function& function_;
  const Symbols& symbols_;
  Program& program_;
  Draft draft_;
  std::map<std::string, int> names_;
  std::map<std::string, int> constants_;
  const Instruction* in_ = nullptr;
  size_t index_ = 0;
  std::vector<std::string> parts_;  // of the opcode
  int guard_ = -1;
  size_t targets_ = 0;  // in the tables of all brx.idx so far
  int carry_ = -1;  // the condition-code register's carry bit, once there is one
};

template <class Body>
void Decoder::around(Body body) {
  const int guard = guard_;
  guard_ = -1;
  if (guard >= 0) {
    auto& skip = emit(in_->guard_negated ? "#bra.p" : "#bra.n", {guard});
    skip.skip_to = static_cast<int>(index_) + 1;
  }
  body();
  guard_ = guard;
}

}  // namespace softcuda
