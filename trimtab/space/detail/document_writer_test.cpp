#include "trimtab/space/detail/document_writer.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>

#include "trimtab/base/document.hpp"

namespace trimtab::detail {
namespace {

using Format = Document::Format;

const Json& sample() {
  static const Json kSample = Json::parse(
      R"({"z": 1, "model": {"on": true, "layers": [{"units": 8}, {"units": 16}], "deep": {"rate": 1e-5}},
          "a key": "line\nbreak", "empty": {}, "none": [], "list": [1, 2.5, "x", [true]]})");
  return kSample;
}

TEST(DocumentWriter, WritesTomlWithPlainMembersFirst) {
  EXPECT_EQ(write_toml(sample()), R"(z = 1
"a key" = "line\nbreak"
empty = {}
none = []
list = [1, 2.5, "x", [true]]

[model]
on = true
layers = [{ units = 8 }, { units = 16 }]

[model.deep]
rate = 1.0e-05
)");
}

TEST(DocumentWriter, WritesKeysThatAreTooLongForALineOfYaml) {
  const std::string key(2000, 'k');
  const Json document = {{"a", {{key, 1}, {"b", {{key, {{"c", 2}}}}}}}, {key, Json::array({1, 2})}};
  EXPECT_EQ(Document::parse(write_yaml(document), Document::Format::Yaml, "d").root(), document);
}

TEST(DocumentWriter, WritesYamlInTheGivenOrder) {
  EXPECT_EQ(write_yaml(sample()), R"(z: 1
model:
  "on": true
  layers:
    - units: 8
    - units: 16
  deep:
    rate: 1.0e-05
"a key": "line\nbreak"
empty: {}
none: []
list:
  - 1
  - 2.5
  - "x"
  - - true
)");
}

TEST(DocumentWriter, WritesScalarsAsDocuments) {
  EXPECT_EQ(write_yaml(Json("yes")), "\"yes\"\n");
  EXPECT_EQ(write_yaml(Json(std::numeric_limits<double>::infinity())), ".inf\n");
  EXPECT_EQ(write_json(Json(1.0)), "1.0\n");
  EXPECT_EQ(write_toml(Json{{"x", -std::numeric_limits<double>::infinity()}}), "x = -inf\n");
}

// A document of every kind of value, at most four levels deep.
Json random_value(int depth) {
  const int kind = *rc::gen::inRange(0, depth > 3 ? 5 : 7);
  const auto characters = rc::gen::elementOf(std::string("aZ09_-. :#'\"\\\n\t{}[]=,&*!|>%@`\x7f"));
  if (kind == 0) return *rc::gen::arbitrary<std::int64_t>();
  if (kind == 1) return *rc::gen::arbitrary<double>();
  if (kind == 2) return *rc::gen::arbitrary<bool>();
  if (kind <= 4) return *rc::gen::container<std::string>(characters);
  Json value = kind == 5 ? Json::array() : Json::object();
  const int count = *rc::gen::inRange(0, 4);
  for (int i = 0; i < count; ++i) {
    if (kind == 5) {
      value.push_back(random_value(depth + 1));
    } else {
      value[*rc::gen::container<std::string>(characters)] = random_value(depth + 1);
    }
  }
  return value;
}

RC_GTEST_PROP(DocumentWriter, ReadsBackWhatItWrote, ()) {
  const Json document = {{"root", random_value(0)}, {"next", random_value(0)}};
  RC_ASSERT((Document::parse(write_json(document), Format::Json, "d").root() == document));
  // TOML moves sub-tables to the end; nlohmann::json compares without order.
  const nlohmann::json toml = Document::parse(write_toml(document), Format::Toml, "d").root();
  RC_ASSERT((toml == nlohmann::json(document)));
  RC_ASSERT((Document::parse(write_yaml(document), Format::Yaml, "d").root() == document));
}

}  // namespace
}  // namespace trimtab::detail
