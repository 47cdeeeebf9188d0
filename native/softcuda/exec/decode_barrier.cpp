#include <set>

#include "decoder.h"

// Barriers in shared memory (mbarrier), and what caches are told, which changes nothing here.
namespace softcuda {

namespace {

Effect on_barrier(Effect::Kind kind, Effect::Order order) {
  Effect e;
  e.kind = kind;
  e.space = Effect::Shared;
  e.order = order;
  e.scope = Effect::Block;
  e.bytes = 8;
  e.wide = true;
  return e;
}

}  // namespace

void Decoder::memory_barrier_step(const std::string& key, const Address& a, std::vector<int> others, const Effect& effect) {
  others.insert(others.begin(), a.reg);
  auto& step = emit(key, std::move(others));
  step.imm = a.displacement;
  step.effect = effect;
}

// mbarrier.init|inval|arrive|arrive_drop[.noComplete]|test_wait[.parity][.release|.acquire][.cta][.shared[::cta]].b64, as sm_80 has them,
// and cp.async.mbarrier.arrive[.noinc]: here the copies of the thread land at once, and it arrives.
void Decoder::memory_barrier() {
  const bool after_copies = parts_[0] == "cp";
  std::string form;
  bool shared = false;
  for (size_t i = after_copies ? 3 : 1; i + 1 < parts_.size(); ++i) {
    const std::string& m = parts_[i];
    if (m == "shared" || m == "shared::cta") shared = true;
    else if (m != "release" && m != "acquire" && m != "cta") form += (form.empty() ? "" : ".") + m;
  }
  if (parts_.back() != "b64") unknown();
  const auto& o = in_->operands;
  const bool drops = form.compare(0, 11, "arrive_drop") == 0, arrives = form.compare(0, 6, "arrive") == 0;
  const bool partly = form == "arrive.noComplete" || form == "arrive_drop.noComplete";
  if (after_copies) {
    if (form != "arrive" && form != "arrive.noinc") unknown();
    need(1, 1);
    wait_for_copies(-1);
    const Address a = shared_address(o[0], shared);
    if (form == "arrive.noinc") {
      memory_barrier_step("#mbarrier.arrive", a, {bits(4, 1), new_register(8)}, on_barrier(Effect::Atomic, Effect::Release));
    }
  } else if (form == "init") {
    need(2, 2);
    const Address a = shared_address(o[0], shared);
    Effect effect = on_barrier(Effect::Store, Effect::Weak);
    effect.elements = 0;  // what is stored is no register
    memory_barrier_step("#mbarrier.init", a, {source(o[1], 'w')}, effect);
  } else if (form == "inval") {
    need(1, 1);
    Effect effect = on_barrier(Effect::Store, Effect::Weak);
    effect.elements = 0;
    memory_barrier_step("#mbarrier.inval", shared_address(o[0], shared), {}, effect);
  } else if (arrives && (partly || form == "arrive" || form == "arrive_drop")) {
    need(partly ? 3 : 2, partly ? 3 : 2);
    const Address a = shared_address(o[1], shared);
    const int count = partly ? source(o[2], 'w') : bits(4, 1);
    const std::string key = std::string("#mbarrier.arrive") + (drops ? "_drop" : "") + (partly ? ".noComplete" : "");
    memory_barrier_step(key, a, {count, destination(o[0], 'X')}, on_barrier(Effect::Atomic, Effect::Release));
  } else if (form == "test_wait" || form == "test_wait.parity") {
    need(3, 3);
    const Address a = shared_address(o[1], shared);
    const int state = source(o[2], form == "test_wait" ? 'x' : 'w');
    memory_barrier_step("#mbarrier." + form, a, {destination(o[0], 'P'), state}, on_barrier(Effect::Load, Effect::Acquire));
  } else {
    unknown();
  }
}

// createpolicy.fractional|range|cvt: a policy is a number that nobody looks at.
void Decoder::create_policy() {
  static const std::set<std::string> levels = {"L2::evict_last", "L2::evict_normal", "L2::evict_first", "L2::evict_unchanged"};
  const std::string kind = parts_.size() > 1 ? parts_[1] : "";
  size_t i = 2;
  if (kind == "range" && i < parts_.size() && parts_[i] == "global") ++i;
  if (kind == "cvt") {
    if (in_->opcode != "createpolicy.cvt.L2.b64") unknown();
    need(2, 2);
    source(in_->operands[1], 'x');
  } else {
    size_t names = 0;
    for (; i + 1 < parts_.size() && levels.count(parts_[i]); ++i) ++names;
    if ((kind != "fractional" && kind != "range") || names < 1 || names > 2 || i + 1 != parts_.size() || parts_[i] != "b64") unknown();
    if (kind == "range") {
      need(4, 4);
      address(in_->operands[1], "flat");
      source(in_->operands[2], 'w');
      source(in_->operands[3], 'w');
    } else {
      need(1, 2);
    }
  }
  emit("mov.b64", {destination(in_->operands[0], 'X'), bits(8, 0)});
}

// Nothing to do, but what is not known stays an error. discard leaves the data as they are, one of the values that PTX allows.
void Decoder::advise_cache() {
  static const std::set<std::string> known = {
      "prefetch.L1", "prefetch.L2", "prefetch.global.L1", "prefetch.global.L2", "prefetch.local.L1", "prefetch.local.L2", "prefetchu.L1",
      "prefetch.global.L2::evict_last", "prefetch.global.L2::evict_normal", "applypriority.L2::evict_normal",
      "applypriority.global.L2::evict_normal", "discard.L2", "discard.global.L2", "pmevent", "pmevent.mask"};
  if (!known.count(in_->opcode)) unknown();
  const bool sized = parts_[0] == "applypriority" || parts_[0] == "discard";
  need(sized ? 2 : 1, sized ? 2 : 1);
  const bool is_local = parts_.size() > 1 && parts_[1] == "local";
  if (parts_[0] != "pmevent") address(in_->operands[0], is_local ? "local" : "flat");
  if (sized && in_->operands[1].bits != 128) fail("the size must be 128");
  emit("#nothing", {});
}

}  // namespace softcuda
