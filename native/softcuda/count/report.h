#pragma once
#include <string>

#include "counters.h"

// What all launches of the process have counted, kernel by kernel, and its reports. Thread-safe.
namespace softcuda {

// Whether option "count" names a file that ends in .launches.csv: a line a launch, in their order, with the longest chain of dependent
// steps and the time by each limit.
bool lists_launches();
// Adds the counters of a launch. When the process ends what has not been reported is reported. `longest`: clocks of its longest chain, 0 where
// launches are not listed.
void count_launch(const std::string& kernel, const Counters& launch, double longest);
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
