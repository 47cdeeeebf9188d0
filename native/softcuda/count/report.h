#pragma once
#include <string>

#include "counters.h"

// What all launches of the process have counted, kernel by kernel, and its reports. Thread-safe.
namespace softcuda {

// Adds the counters of a launch. When the process ends what has not been reported is reported.
void count_launch(const std::string& kernel, const Counters& launch);
// Zero for a kernel that has not run.
Counters counters_of(const std::string& kernel);
void reset_counters();

// Writes the counters where option "count" says, or said at the last launch: stderr, or the file, as JSON, CSV or text after its ending. Throws
// Failure when the file cannot be written.
void report_counters();

std::string text_report();
std::string csv_report();
std::string json_report();

}  // namespace softcuda
