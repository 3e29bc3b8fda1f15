// Any bytes as Python's JSON: a value or nothing; what is a value equals itself read again, and an
// object's members are those of the value.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "trimtab/optuna/python_json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trimtab::optuna;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = parse_python_json(text);
  const auto members = split_python_object(text);
  if (members && !value) std::abort();
  if (!value) return 0;
  const auto again = parse_python_json(text);
  if (!again || !is_equal(*value, *again)) std::abort();
  if (!members) return 0;
  for (const PythonMember& member : *members) {
    const auto part = parse_python_json(member.raw);
    if (!part || !is_equal(*part, member.value)) std::abort();
  }
  return 0;
}
