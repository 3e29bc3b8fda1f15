#include "trimtab/base/error.hpp"

#include <utility>

namespace trimtab {
namespace {

void append_field(std::string& text, const char* label, const std::string& value) {
  if (!value.empty()) text += std::string("\n  ") + label + value;
}

std::string render_all(const std::vector<ErrorInfo>& infos) {
  std::string text;
  for (const ErrorInfo& info : infos) {
    if (!text.empty()) text += '\n';
    text += render(info);
  }
  return text;
}

}  // namespace

std::string render(const ErrorInfo& info) {
  std::string text = info.where.empty() ? info.what : info.where + ": " + info.what;
  append_field(text, "got:      ", info.got);
  append_field(text, "expected: ", info.expected);
  append_field(text, "hint:     ", info.hint);
  append_field(text, "code:     ", info.code);
  return text;
}

Error::Error(ErrorInfo info) : Error(std::vector<ErrorInfo>{std::move(info)}) {}

Error::Error(std::vector<ErrorInfo> infos) : infos_(std::move(infos)), text_(render_all(infos_)) {}

}  // namespace trimtab
