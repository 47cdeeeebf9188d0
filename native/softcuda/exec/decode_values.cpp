#include <set>

#include "decoder.h"

// Moves, comparisons and address-space conversions.
namespace softcuda {

namespace {

int type_width(const std::string& t) {
  if (t == "b64" || t == "u64" || t == "s64" || t == "f64") return 8;
  if (t == "b32" || t == "u32" || t == "s32" || t == "f32") return 4;
  if (t == "b16" || t == "u16" || t == "s16") return 2;
  return 0;
}

}  // namespace

void Decoder::move() {
  need(2, 2);
  const Operand &to = in_->operands[0], &from = in_->operands[1];
  if (parts_.size() != 2) unknown();
  const std::string& type = parts_[1];
  if (type == "pred") {
    emit("mov.pred", {destination(to, 'P'), source(from, 'p')});
    return;
  }
  const int width = type_width(type);
  if (width == 0) unknown();
  if (from.kind == Operand::Kind::Vector) {
    const size_t n = from.items.size();
    std::vector<int> v;
    if (width == 4 && n == 2) {
      for (const auto& o : from.items) v.push_back(source(o, 'w'));
      emit("#pack.2x16", {destination(to, 'W'), v[0], v[1]});
    } else if (width == 8 && (n == 2 || n == 4)) {
      for (const auto& o : from.items) v.push_back(source(o, 'w'));
      if (n == 4) v = {temporary("#pack.2x16", 4, {v[0], v[1]}), temporary("#pack.2x16", 4, {v[2], v[3]})};
      emit("#pack.2x32", {destination(to, 'X'), v[0], v[1]});
    } else {
      unknown();
    }
  } else if (to.kind == Operand::Kind::Vector) {
    const size_t n = to.items.size();
    const int v = source(from, width == 8 ? 'x' : 'w');
    if ((width == 4 || width == 8) && n == 2) {
      for (size_t i = 0; i < 2; ++i) {
        if (to.items[i].kind == Operand::Kind::Sink) continue;
        emit(std::string(width == 4 ? "#part.16." : "#part.32.") + (i ? "1" : "0"), {destination(to.items[i], 'W'), v});
      }
    } else if (width == 8 && n == 4) {
      const int half[2] = {temporary("#part.32.0", 4, {v}), temporary("#part.32.1", 4, {v})};
      for (size_t i = 0; i < 4; ++i) {
        if (to.items[i].kind == Operand::Kind::Sink) continue;
        emit(i % 2 ? "#part.16.1" : "#part.16.0", {destination(to.items[i], 'W'), half[i / 2]});
      }
    } else {
      unknown();
    }
  } else if (width == 8) {
    emit("mov.b64", {destination(to, 'X'), source(from, 'x')});
  } else {
    emit("mov.b32", {destination(to, 'W'), source(from, 'w')});
  }
}

// The plain comparison of setp and set, into a predicate of its own.
int Decoder::comparison(size_t first_operand, const std::string& comparison, const std::string& type) {
  const std::string key = "#setp." + comparison + "." + type;
  const Operation* operation = find_operation(key);
  if (!operation) unknown();
  const char letter = operation->signature[1];
  return temporary(key, 0, {source(in_->operands[first_operand], letter), source(in_->operands[first_operand + 1], letter)});
}

// The boolean operator of setp and set, if there is one here.
std::string Decoder::logic(size_t& part) const {
  if (part >= parts_.size()) unknown();
  const std::string& s = parts_[part];
  if (s != "and" && s != "or" && s != "xor") return "";
  ++part;
  return s;
}

// setp.cmp[.logic][.ftz].f16x2 p|q, a, b[, c]: p of the lower halves, q of the upper ones.
void Decoder::set_two_predicates(const std::string& logic, const std::string& type) {
  const auto& o = in_->operands;
  need(logic.empty() ? 4 : 5, logic.empty() ? 4 : 5);
  if (!o[1].second) fail("needs two results, p|q");
  const int a = source(o[2], 'w'), b = source(o[3], 'w');
  const int with = logic.empty() ? -1 : source(o[4], 'p');
  int results[2];
  for (int k = 0; k < 2; ++k) {
    const std::string part = "#part.16." + std::to_string(k);
    const int half = temporary("#setp." + parts_[1] + "." + type, 0, {temporary(part, 4, {a}), temporary(part, 4, {b})});
    results[k] = logic.empty() ? half : temporary(logic + ".pred", 0, {half, with});
  }
  for (size_t k = 0; k < 2; ++k) emit("mov.pred", {destination(o[k], 'P'), results[k]});
}

// setp.cmp[.and|.or|.xor][.ftz].type p[|q], a, b[, c]:  p = cmp op c, q = !cmp op c
void Decoder::set_predicate() {
  size_t i = 2;
  const std::string logic = this->logic(i);
  std::string type;
  for (; i < parts_.size(); ++i) type += (type.empty() ? "" : ".") + parts_[i];
  if (type == "f16x2" || type == "ftz.f16x2") return set_two_predicates(logic, type.substr(0, type.size() - 2));
  const bool two = in_->operands.size() > 1 && in_->operands[1].second;
  const size_t first = two ? 2 : 1;
  need(first + (logic.empty() ? 2 : 3), first + (logic.empty() ? 2 : 3));
  if (logic.empty() && !two) {
    const std::string key = "#setp." + parts_[1] + "." + type;
    const Operation* operation = find_operation(key);
    if (!operation) unknown();
    const char letter = operation->signature[1];
    const int a = source(in_->operands[1], letter), b = source(in_->operands[2], letter);
    emit(key, {destination(in_->operands[0], 'P'), a, b});
    return;
  }
  const int value = comparison(first, parts_[1], type);
  const int with = logic.empty() ? -1 : source(in_->operands[first + 2], 'p');
  const int inverse = two ? temporary("not.pred", 0, {value}) : -1;
  // The operand c may be the register p: both results are computed before one is written.
  int results[2];
  for (size_t k = 0; k < first; ++k) results[k] = logic.empty() ? (k ? inverse : value) : temporary(logic + ".pred", 0, {k ? inverse : value, with});
  for (size_t k = 0; k < first; ++k) emit("mov.pred", {destination(in_->operands[k], 'P'), results[k]});
}

// set.cmp[.logic][.ftz].dtype.stype d, a, b[, c]. Without a boolean operator those of 16 bits are in the table of operations.
void Decoder::set_value() {
  size_t i = 2;
  const std::string op = logic(i);
  const bool flush = i < parts_.size() && parts_[i] == "ftz";
  if (flush) ++i;
  if (i + 2 != parts_.size()) unknown();
  const std::string& d = parts_[i];
  const std::string one = d == "u32" || d == "s32" ? "0xffffffff" : d == "f32" ? "0x3f800000" : d == "f16" ? "0x3c00" : d == "u16" || d == "s16" ? "0xffff" : "";
  if (one.empty()) unknown();
  need(op.empty() ? 3 : 4, op.empty() ? 3 : 4);
  int p = comparison(1, parts_[1], (flush ? "ftz." : "") + parts_[i + 1]);
  if (!op.empty()) p = temporary(op + ".pred", 0, {p, source(in_->operands[3], 'p')});
  emit("selp.b32", {destination(in_->operands[0], 'W'), bits(4, std::stoul(one, nullptr, 16)), bits(4, 0), p});
}

// lop3.or|and.b32 d|p, a, b, c, table, q: p = (d != 0) or|and q
void Decoder::logic_with_predicate() {
  if (parts_.size() != 3 || (parts_[1] != "or" && parts_[1] != "and") || parts_[2] != "b32") unknown();
  need(7, 7);
  const auto& o = in_->operands;
  if (!o[1].second) fail("needs a second result, d|p");
  if (o[5].kind != Operand::Kind::Integer) fail("operand 6 must be an immediate");
  const int v = new_register(4);
  emit("lop3.b32", {v, source(o[2], 'w'), source(o[3], 'w'), source(o[4], 'w')}, false).imm = static_cast<int64_t>(o[5].bits);
  const int any = temporary("#setp.ne.b32", 0, {v, bits(4, 0)});
  const int p = temporary(parts_[1] + ".pred", 0, {any, source(o[6], 'p')});
  emit("mov.b32", {destination(o[0], 'W'), v});
  emit("mov.pred", {destination(o[1], 'P'), p});
}

void Decoder::test() {
  need(2, 2);
  const Operation* operation = parts_.size() == 3 ? find_operation("#testp." + parts_[1] + "." + parts_[2]) : nullptr;
  if (!operation) unknown();
  const int a = source(in_->operands[1], operation->signature[1]);
  emit(operation->key, {destination(in_->operands[0], 'P'), a, a});
}

// Global and constant addresses are generic ones; the other windows are in the table of operations.
void Decoder::convert_address() {
  need(2, 2);
  static const std::set<std::string> same = {"cvta.to.global.u64", "cvta.global.u64", "cvta.to.const.u64", "cvta.const.u64"};
  if (!same.count(in_->opcode)) unknown();
  emit("mov.b64", {destination(in_->operands[0], 'X'), source(in_->operands[1], 'x')});
}

// add.cc, addc[.cc], sub.cc, subc[.cc], mad.lo|hi.cc, madc.lo|hi[.cc]: arithmetic with the carry bit.
void Decoder::carry() {
  const std::string& name = parts_[0];
  const bool product = name.compare(0, 3, "mad") == 0;
  const std::string half = product && parts_.size() > 1 ? parts_[1] : "";
  if (product && half != "lo" && half != "hi") unknown();
  const size_t next = product ? 2 : 1;
  const bool gives = parts_.size() == next + 2 && parts_[next] == "cc";
  const bool takes = name.back() == 'c';
  if (parts_.size() != next + (gives ? 2 : 1) || (!gives && !takes)) unknown();
  const std::string& type = parts_.back();
  const int width = type == "u32" || type == "s32" ? 4 : type == "u64" || type == "s64" ? 8 : 0;
  if (width == 0) unknown();
  const char letter = width == 8 ? 'x' : 'w';
  need(product ? 4 : 3, product ? 4 : 3);
  int a = source(in_->operands[1], letter), b = source(in_->operands[2], letter);
  if (product) {
    a = temporary("mul." + half + "." + type, width, {a, b});
    b = source(in_->operands[3], letter);
  }
  if (carry_ < 0) carry_ = new_register(0);
  std::vector<int> registers = {destination(in_->operands[0], width == 8 ? 'X' : 'W')};
  if (gives) registers.push_back(carry_);
  registers.push_back(a);
  registers.push_back(b);
  if (takes) registers.push_back(carry_);
  const std::string base = name.compare(0, 3, "sub") == 0 ? "#sub" : "#add";
  emit(base + (takes ? "c" : "") + (gives ? ".cc" : "") + (width == 8 ? ".64" : ".32"), registers);
}

void Decoder::is_space() {
  need(2, 2);
  if (in_->opcode != "isspacep.global") unknown();
  const int a = source(in_->operands[1], 'x');
  const int inside = temporary("or.pred", 0, {temporary("isspacep.shared", 0, {a}), temporary("isspacep.local", 0, {a})});
  emit("not.pred", {destination(in_->operands[0], 'P'), inside});
}

}  // namespace softcuda
