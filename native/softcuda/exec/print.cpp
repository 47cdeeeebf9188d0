#include "print.h"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "options.h"

// printf of kernels, as the CUDA C++ Programming Guide says (formatted output).
namespace softcuda {

namespace {

constexpr int kMostArguments = 32;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "%-8.3llf" behind its "%": flags, width, precision, size, type.
struct Specifier {
  std::string flags, width, precision;
  bool has_precision = false;
  int longs = 0;
  char type = '\0';
  size_t length = 0;  // of the text, without "%"
};

Specifier parse(const char* s) {
  Specifier p;
  const char* const begin = s;
  while (*s != '\0' && std::strchr("#-+ 0", *s)) p.flags += *s++;
  const auto number = [&](std::string& to) {
    if (*s == '*') to = *s++;
    else while (is_digit(*s)) to += *s++;
  };
  number(p.width);
  if (*s == '.') {
    p.has_precision = true;
    ++s;
    number(p.precision);
  }
  for (; *s == 'h' || *s == 'l' || *s == 'z' || *s == 'j' || *s == 't'; ++s) p.longs += *s == 'l' ? 1 : *s == 'h' ? -1 : 1;
  p.type = *s;
  p.length = static_cast<size_t>(s - begin) + (*s != '\0' ? 1 : 0);
  return p;
}

class Formatter {
 public:
  Formatter(const std::string& format, const PrintSource& source) : format_(format), source_(source) {}

  std::string run() {
    for (size_t i = 0; i < format_.size(); ++i) {
      if (format_[i] != '%') {
        out_ += format_[i];
        continue;
      }
      if (i + 1 < format_.size() && format_[i + 1] == '%') {
        out_ += format_[++i];
        continue;
      }
      const Specifier p = parse(format_.c_str() + i + 1);
      if (!std::strchr("diouxXcpeEfFgGaAs", p.type) || p.type == '\0' || arguments_ >= kMostArguments) {
        out_ += format_.substr(i, 1 + p.length);  // as it stands
      } else {
        argument(p);
      }
      i += p.length;
    }
    return std::move(out_);
  }
  int arguments() const { return arguments_; }

 private:
  template <class T>
  T next() {
    at_ = (at_ + sizeof(T) - 1) / sizeof(T) * sizeof(T);
    T v;
    source_.read(at_, &v, sizeof v);
    at_ += sizeof v;
    ++arguments_;
    return v;
  }

  // The host's own conversion, with the width that the type has here.
  template <class T>
  void convert(const std::string& spec, T v) {
    char few[128];
    const int n = std::snprintf(few, sizeof few, spec.c_str(), v);
    if (n < 0) return;
    if (static_cast<size_t>(n) < sizeof few) {
      out_.append(few, static_cast<size_t>(n));
      return;
    }
    std::string many(static_cast<size_t>(n) + 1, '\0');
    std::snprintf(&many[0], many.size(), spec.c_str(), v);
    out_.append(many, 0, static_cast<size_t>(n));
  }

  std::string count(const std::string& text) {
    if (text != "*") return text;
    const int n = next<int>();
    return std::to_string(n);
  }

  void argument(const Specifier& p) {
    std::string spec = "%" + p.flags + count(p.width);
    const std::string precision = count(p.precision);
    if (p.has_precision && precision[0] != '-') spec += "." + precision;  // a negative one counts as none
    const std::string type(1, p.type);
    switch (p.type) {
      case 's': return convert(spec + "s", source_.text(next<uint64_t>()).c_str());
      case 'p': return convert(spec + "p", reinterpret_cast<void*>(next<uint64_t>()));
      case 'c': return convert(spec + "c", next<int>());
      case 'd':
      case 'i': return p.longs > 0 ? convert(spec + "ll" + type, next<long long>()) : convert(spec + narrow(p) + type, next<int>());
      case 'o':
      case 'u':
      case 'x':
      case 'X': return p.longs > 0 ? convert(spec + "ll" + type, next<unsigned long long>()) : convert(spec + narrow(p) + type, next<unsigned>());
      default: return convert(spec + type, next<double>());
    }
  }

  static std::string narrow(const Specifier& p) { return p.longs < -1 ? "hh" : p.longs < 0 ? "h" : ""; }

  const std::string& format_;
  const PrintSource& source_;
  std::string out_;
  size_t at_ = 0;
  int arguments_ = 0;
};

}  // namespace

std::string format_print(const std::string& format, const PrintSource& source, int& arguments) {
  Formatter f(format, source);
  std::string text = f.run();
  arguments = f.arguments();
  return text;
}

Prints& Prints::all() {
  static Prints& prints = *new Prints;
  return prints;
}

void Prints::append(std::string text) {
  const std::lock_guard<std::mutex> lock(mutex_);
  bytes_ += text.size();
  texts_.push_back(std::move(text));
  pending_ = true;
  while (bytes_ > capacity_ && texts_.size() > 1) {
    bytes_ -= texts_.front().size();
    texts_.pop_front();
    ++lost_;
  }
}

void Prints::set_capacity(size_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  capacity_ = bytes;
}

void Prints::flush() {
  if (!pending_) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (texts_.empty()) return;
  if (lost_ != 0) {
    std::fprintf(stderr, "softcuda: the oldest %zu calls of printf were overwritten: the buffer holds %zu bytes; synchronise more often, or cuCtxSetLimit(CU_LIMIT_PRINTF_FIFO_SIZE)\n",
                 lost_, capacity_);
  }
  const std::string& to = Options::global().printf;
  std::FILE* const file = to == "stdout" ? stdout : to == "stderr" ? stderr : to == "none" ? nullptr : std::fopen(to.c_str(), "ab");
  if (file) {
    for (const std::string& text : texts_) std::fwrite(text.data(), 1, text.size(), file);
    std::fflush(file);
    if (file != stdout && file != stderr) std::fclose(file);
  } else if (to != "none") {
    std::fprintf(stderr, "softcuda: what kernels printed cannot be written to '%s' (option printf): %s\n", to.c_str(), std::strerror(errno));
  }
  texts_.clear();
  pending_ = false;
  bytes_ = lost_ = 0;
}

}  // namespace softcuda
