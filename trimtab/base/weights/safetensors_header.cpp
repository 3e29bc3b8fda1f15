#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "trimtab/base/error.hpp"
#include "trimtab/base/json.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/base/weights/safetensors.hpp"

namespace trimtab {
namespace {

constexpr const char* kMetadata = "__metadata__";

[[noreturn]] void refuse(const std::string& where, const std::string& what, const std::string& got,
                         const std::string& expected) {
  throw UserError({.code = "safetensors.format",
                   .what = what,
                   .where = where,
                   .got = got,
                   .expected = expected,
                   .hint = ""});
}

// Parses the text; a key that an object has twice is refused, where the parser would take the last.
Json parse_strictly(std::string_view text, const std::string& where) {
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  std::string repeated;
  const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && repeated.empty() &&
        !keys.back().insert(parsed.get<std::string>()).second) {
      repeated = parsed.get<std::string>();
    }
    return true;
  };
  Json json = Json::parse(text, watch, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object()) {
    refuse(where, "the header is not a JSON object", quote(text), "a safetensors file");
  }
  if (!repeated.empty()) refuse(where, "a name stands twice", quote(repeated), "each name once");
  return json;
}

std::uint64_t whole_number(const Json& json, const std::string& where) {
  if (!json.is_number_unsigned()) {
    refuse(where, "a size is no whole number", quote(json.dump(-1, ' ', true)), "0, 1, 2, ...");
  }
  return json.get<std::uint64_t>();
}

// a * b, refused when it does not fit.
std::uint64_t product(std::uint64_t a, std::uint64_t b, const std::string& where) {
  if (b != 0 && a > std::numeric_limits<std::uint64_t>::max() / b) {
    refuse(where, "a tensor is larger than any file", fmt::format("{} x {}", a, b), "");
  }
  return a * b;
}

TensorEntry entry_of(const std::string& name, const Json& json, const std::string& file) {
  const std::string where = fmt::format("{}, tensor {}", file, quote(name));
  if (!json.is_object() || json.size() != 3 || !json.contains("dtype") || !json.contains("shape") ||
      !json.contains("data_offsets") || !json["dtype"].is_string() || !json["shape"].is_array() ||
      !json["data_offsets"].is_array() || json["data_offsets"].size() != 2) {
    refuse(where, "a tensor is not described as it should be", quote(json.dump(-1, ' ', true)),
           "dtype, shape and two data_offsets");
  }
  const std::string& dtype = json["dtype"].get_ref<const std::string&>();
  const std::optional<NumberFormat> format = number_format(dtype);
  if (!format) refuse(where, "the format of its numbers is unknown", quote(dtype), "F32, F16, ...");
  TensorEntry entry = {.name = name, .format = *format};
  for (const Json& size : json["shape"]) {
    entry.shape.push_back(whole_number(size, where));
    entry.num_numbers = product(entry.num_numbers, entry.shape.back(), where);
  }
  entry.begin = whole_number(json["data_offsets"][0], where);
  const std::uint64_t end = whole_number(json["data_offsets"][1], where);
  const std::uint64_t size = product(entry.num_numbers, bytes_of(*format), where);
  if (end < entry.begin || end - entry.begin != size) {
    refuse(where, "the place of its data does not fit its shape",
           fmt::format("{} to {}", entry.begin, end), fmt::format("{} bytes", size));
  }
  return entry;
}

std::map<std::string, std::string> metadata_of(const Json& json, const std::string& where) {
  std::map<std::string, std::string> metadata;
  if (!json.is_object()) refuse(where, "__metadata__ is no object", "", "texts by text");
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string()) {
      refuse(where, "__metadata__ holds more than texts", quote(key), "texts by text");
    }
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

}  // namespace

std::uint64_t SafetensorsHeader::num_bytes() const {
  return tensors.empty() ? 0 : tensors.back().begin + tensors.back().num_bytes();
}

const TensorEntry* SafetensorsHeader::find(std::string_view name) const {
  const auto found = places.find(name);
  return found == places.end() ? nullptr : &tensors[found->second];
}

SafetensorsHeader parse_safetensors_header(std::string_view text, const std::string& where) {
  const Json json = parse_strictly(text, where);
  SafetensorsHeader header;
  for (const auto& [name, value] : json.items()) {
    if (name == kMetadata) {
      header.metadata = metadata_of(value, where);
    } else {
      header.tensors.push_back(entry_of(name, value, where));
    }
  }
  // Tensors without numbers stand before what begins where they do.
  std::stable_sort(header.tensors.begin(), header.tensors.end(),
                   [](const TensorEntry& a, const TensorEntry& b) {
                     return a.begin != b.begin ? a.begin < b.begin : a.num_bytes() < b.num_bytes();
                   });
  std::uint64_t end = 0;
  for (const TensorEntry& tensor : header.tensors) {
    if (tensor.begin != end) {
      refuse(where, tensor.begin < end ? "two tensors overlap" : "there is a hole in the data",
             fmt::format("{} begins at {}", quote(tensor.name), tensor.begin),
             fmt::format("byte {}", end));
    }
    end += tensor.num_bytes();
    header.places.emplace(tensor.name, header.places.size());
  }
  return header;
}

std::string render_safetensors_header(const SafetensorsHeader& header) {
  Json json = Json::object();
  if (!header.metadata.empty()) json[kMetadata] = header.metadata;
  std::uint64_t end = 0;
  for (const TensorEntry& tensor : header.tensors) {
    json[tensor.name] = {{"dtype", name_of(tensor.format)},
                         {"shape", tensor.shape},
                         {"data_offsets", {end, end + tensor.num_bytes()}}};
    end += tensor.num_bytes();
  }
  std::string text = json.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  std::string result;
  for (int byte = 0; byte < 8; ++byte) {
    result += static_cast<char>((static_cast<std::uint64_t>(text.size()) >> (8 * byte)) & 0xFF);
  }
  return result + text;
}

}  // namespace trimtab
