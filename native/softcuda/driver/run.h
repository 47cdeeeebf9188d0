#pragma once
#include "scheduler.h"

namespace softcuda {

// Runs an operation or a whole graph launch. A failure makes the context fail; after one nothing of it runs any more, as on a GPU.
void run_entry(const Entry& entry) noexcept;
// Runs what the scheduler drew.
void run_piece(const Scheduler::Piece& piece) noexcept;
bool is_host_function(const Scheduler::Piece& piece);

}  // namespace softcuda
