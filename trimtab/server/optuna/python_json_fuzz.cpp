// Any bytes: the readers of Python's JSON, distributions and times end, and what is read can be
// written.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "trimtab/base/error.hpp"
#include "trimtab/server/optuna/distribution.hpp"
#include "trimtab/server/optuna/local_time.hpp"
#include "trimtab/server/optuna/python_json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace optuna = trimtab::optuna;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  optuna::parse_local_time(text);
  if (const auto value = optuna::parse_python_json(text)) {
    if (!optuna::is_equal(*value, *value)) __builtin_trap();
    if (value->type == optuna::PythonValue::Type::Text) {
      const auto again = optuna::parse_python_json(optuna::python_quote(value->text));
      if (!again || again->type != value->type) __builtin_trap();
    }
  }
  try {
    const optuna::Distribution distribution = optuna::parse_distribution(text);
    if (!optuna::is_compatible(distribution, distribution)) __builtin_trap();
    const std::string definition = optuna::native_definition(distribution);
    if (!definition.empty()) trimtab::Space::parse_text("{\"x\": " + definition + "}");
  } catch (const trimtab::UserError&) {
  }
  return 0;
}
