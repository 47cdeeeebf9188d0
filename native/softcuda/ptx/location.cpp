#include "location.h"

namespace softcuda::ptx {

Locations::Place Locations::place(Cursor& cursor) {
  const auto number = [&] { return static_cast<int>(cursor.integer()); };
  const int file = number(), line = number(), column = number();
  return {file, line, column};
}

void Locations::directive(Cursor& cursor) {
  const int here = cursor.take().line;
  const Place at = place(cursor);
  file_ = std::get<0>(at);
  line_ = std::get<1>(at);
  call_ = -1;
  while (cursor.now().line == here && cursor.now().kind != Token::Kind::End) {
    if (!cursor.take().is("inlined_at")) continue;
    const Place from = place(cursor);
    // The place of the call was itself inlined if an earlier directive said so.
    const auto around = inlined_.find(from);
    const int outer = around == inlined_.end() ? -1 : around->second;
    const auto inserted = known_.emplace(std::make_pair(from, outer), static_cast<int>(calls_.size()));
    if (inserted.second) calls_.push_back({std::get<0>(from), std::get<1>(from), outer});
    call_ = inserted.first->second;
  }
  if (call_ >= 0) inlined_[at] = call_;
  else inlined_.erase(at);
}

void Locations::apply(Instruction& in) const {
  in.source_file = file_;
  in.source_line = line_;
  in.call = call_;
}

}  // namespace softcuda::ptx
