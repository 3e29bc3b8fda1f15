#pragma once

#include <nlohmann/json_fwd.hpp>

namespace trimtab {

/// JSON document that keeps the order in which keys were written.
using Json = nlohmann::ordered_json;

}  // namespace trimtab
