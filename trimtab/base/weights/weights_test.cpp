#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>

#include "trimtab/base/error.hpp"
#include "trimtab/base/rng.hpp"
#include "trimtab/base/weights/mean_of_files.hpp"
#include "trimtab/base/weights/safetensors.hpp"

namespace trimtab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

double read_back(NumberFormat format, std::uint16_t bits) {
  double sum = 0.0;
  add_numbers(format, std::as_bytes(std::span(&bits, 1)), std::span(&sum, 1));
  return sum;
}

std::uint16_t stored(NumberFormat format, double value) {
  std::uint16_t bits = 0;
  store_numbers(format, std::span(&value, 1), std::as_writable_bytes(std::span(&bits, 1)));
  return bits;
}

TEST(NumberFormat, KnowsSizesAndNames) {
  EXPECT_EQ(bytes_of(NumberFormat::BF16), 2u);
  EXPECT_EQ(bytes_of(NumberFormat::F64), 8u);
  EXPECT_EQ(bytes_of(NumberFormat::Bool), 1u);
  for (int i = 0; i <= static_cast<int>(NumberFormat::F64); ++i) {
    const auto format = static_cast<NumberFormat>(i);
    EXPECT_EQ(number_format(name_of(format)), format);
  }
  EXPECT_FALSE(number_format("F33"));
  EXPECT_THROW(stored(NumberFormat::I16, 1.0), BugError);
}

// IEEE 754 binary16: 1 = 3C00, largest 65504 = 7BFF, smallest subnormal 2^-24 = 0001.
TEST(NumberFormat, HasTheBitsOfTheStandard) {
  using enum NumberFormat;
  EXPECT_EQ(stored(F16, 1.0), 0x3C00);
  EXPECT_EQ(stored(F16, -2.0), 0xC000);
  EXPECT_EQ(stored(F16, 1.0 / 3.0), 0x3555);
  EXPECT_EQ(stored(F16, 65504.0), 0x7BFF);
  EXPECT_EQ(stored(F16, 65519.9), 0x7BFF);
  EXPECT_EQ(stored(F16, 65520.0), 0x7C00);  // half a unit over the largest: infinite
  EXPECT_EQ(stored(F16, 1e9), 0x7C00);
  EXPECT_EQ(stored(F16, std::ldexp(1.0, -24)), 0x0001);
  EXPECT_EQ(stored(F16, std::ldexp(1.0, -25)), 0x0000);        // a tie goes to the even one
  EXPECT_EQ(stored(F16, 1.5 * std::ldexp(1.0, -24)), 0x0002);  // so does this one
  EXPECT_EQ(stored(F16, std::ldexp(1.0, -14)), 0x0400);
  EXPECT_EQ(stored(F16, std::ldexp(1023.9, -24)), 0x0400);  // rounds up into the normal numbers
  EXPECT_EQ(stored(F16, -0.0), 0x8000);
  EXPECT_EQ(stored(F16, -INFINITY), 0xFC00);
  EXPECT_EQ(stored(BF16, 1.0), 0x3F80);
  EXPECT_EQ(stored(BF16, 1.0 / 3.0), 0x3EAB);
  EXPECT_EQ(stored(BF16, 1e39), 0x7F80);
  // 1 + 2^-8 + 2^-40 is over the tie; by way of a float it would seem to be on it, and round down.
  EXPECT_EQ(stored(BF16, 1.0 + std::ldexp(1.0, -8) + std::ldexp(1.0, -40)), 0x3F81);
  EXPECT_TRUE(std::isnan(read_back(BF16, stored(BF16, std::nan("")))));
}

TEST(NumberFormat, ReadsBackEveryPatternOfSixteenBits) {
  for (const NumberFormat format : {NumberFormat::F16, NumberFormat::BF16}) {
    for (unsigned bits = 0; bits < 65536; ++bits) {
      const double value = read_back(format, static_cast<std::uint16_t>(bits));
      if (std::isnan(value)) continue;
      // Adding to a sum of 0 forgets the sign of zero.
      const unsigned expected = value == 0.0 ? 0 : bits;
      ASSERT_EQ(stored(format, value), expected) << name_of(format);
    }
  }
}

// A bfloat16 is the upper half of a float.
TEST(NumberFormat, ReadsABfloatAsTheUpperHalfOfAFloat) {
  for (unsigned bits = 0; bits < 65536; ++bits) {
    const auto upper = static_cast<std::uint32_t>(bits << 16);
    float value = 0.0F;
    std::memcpy(&value, &upper, sizeof value);
    if (std::isnan(value)) continue;
    ASSERT_EQ(read_back(NumberFormat::BF16, static_cast<std::uint16_t>(bits)),
              static_cast<double>(value));
  }
}

SafetensorsHeader parse(const std::string& json) { return parse_safetensors_header(json, "t"); }

TEST(Safetensors, ReadsTensorsInTheOrderOfTheirData) {
  const SafetensorsHeader header = parse(R"({"__metadata__": {"format": "pt"},
                "b": {"dtype": "F16", "shape": [2, 3], "data_offsets": [8, 20]},
                "none": {"dtype": "F32", "shape": [0, 7], "data_offsets": [8, 8]},
                "a": {"dtype": "F64", "shape": [], "data_offsets": [0, 8]}}   )");
  ASSERT_EQ(header.tensors.size(), 3u);
  EXPECT_EQ(header.tensors[0].name, "a");
  EXPECT_EQ(header.tensors[0].num_numbers, 1u);
  EXPECT_EQ(header.tensors[1].name, "none");
  EXPECT_EQ(header.find("b")->num_bytes(), 12u);
  EXPECT_EQ(header.find("c"), nullptr);
  EXPECT_EQ(header.num_bytes(), 20u);
  EXPECT_EQ(header.metadata.at("format"), "pt");
  EXPECT_TRUE(parse("{}").tensors.empty());
}

void expect_refused(const std::string& json, const std::string& part) {
  try {
    parse(json);
    ADD_FAILURE() << "accepted " << json;
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr(part)) << json;
    EXPECT_EQ(error.info().code, "safetensors.format");
  }
}

std::string with(const std::string& tensor) { return R"({"a": )" + tensor + "}"; }

TEST(Safetensors, RefusesHeadersThatPromiseWhatCannotBe) {
  expect_refused("", "not a JSON object");
  expect_refused("[1]", "not a JSON object");
  expect_refused("{\"a\": \xFF}", "not a JSON object");
  expect_refused(std::string(100000, '['), "not a JSON object");
  expect_refused(R"({"a": 1})", "described");
  expect_refused(with(R"({"dtype": "F32", "shape": [1]})"), "described");
  expect_refused(with(R"({"dtype": "F32", "shape": [1], "data_offsets": [0, 4, 8]})"), "described");
  expect_refused(with(R"({"dtype": "F32", "shape": [1], "data_offsets": [0, 4], "x": 1})"),
                 "described");
  expect_refused(with(R"({"dtype": "F31", "shape": [1], "data_offsets": [0, 4]})"), "unknown");
  expect_refused(with(R"({"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]})"), "no whole");
  expect_refused(with(R"({"dtype": "F32", "shape": [1.0], "data_offsets": [0, 4]})"), "no whole");
  expect_refused(with(R"({"dtype": "F32", "shape": [1], "data_offsets": [0, 3]})"),
                 "fit its shape");
  expect_refused(with(R"({"dtype": "F32", "shape": [1], "data_offsets": [4, 0]})"),
                 "fit its shape");
  // 2^32 squared wraps to 0; so do 2^62 numbers of 4 bytes.
  expect_refused(
      with(R"({"dtype": "U8", "shape": [4294967296, 4294967296], "data_offsets": [0, 0]})"),
      "larger than any");
  expect_refused(
      with(R"({"dtype": "F32", "shape": [4611686018427387904], "data_offsets": [0, 0]})"),
      "larger than any");
  expect_refused(R"({"__metadata__": {"x": 1}})", "more than texts");
  expect_refused(R"({"__metadata__": {}, "__metadata__": {}})", "stands twice");
}

std::string two(const std::string& name, int begin, int end) {
  return R"({"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}, ")" + name +
         R"(": {"dtype": "U8", "shape": [4], "data_offsets": [)" + std::to_string(begin) + "," +
         std::to_string(end) + "]}}";
}

TEST(Safetensors, RefusesOverlapsHolesAndNamesTwice) {
  EXPECT_EQ(parse(two("b", 4, 8)).num_bytes(), 8u);
  expect_refused(two("b", 3, 7), "overlap");
  expect_refused(two("b", 0, 4), "overlap");
  expect_refused(two("b", 5, 9), "hole");
  expect_refused(two("a", 4, 8), "stands twice");
  expect_refused(with(R"({"dtype": "F32", "dtype": "F32", "shape": [], "data_offsets": [0, 4]})"),
                 "stands twice");
}

RC_GTEST_PROP(Safetensors, ReadsBackWhatItRenders, (std::uint64_t seed)) {
  Rng rng(seed);
  SafetensorsHeader header;
  std::uint64_t end = 0;
  for (std::uint64_t i = 0, count = rng.below(6); i < count; ++i) {
    TensorEntry tensor = {.name = "layer \"" + std::to_string(i),
                          .format = static_cast<NumberFormat>(rng.below(15))};
    for (std::uint64_t d = rng.below(4); d > 0; --d) {
      tensor.shape.push_back(1 + rng.below(9));
      tensor.num_numbers *= tensor.shape.back();
    }
    tensor.begin = end;
    end += tensor.num_bytes();
    header.tensors.push_back(tensor);
  }
  if (rng.bernoulli(0.5)) header.metadata["format"] = "pt";
  const std::string text = render_safetensors_header(header);
  RC_ASSERT(text.size() % 8 == 0u);
  const SafetensorsHeader again = parse(text.substr(8));
  RC_ASSERT(again.tensors == header.tensors);
  RC_ASSERT(again.metadata == header.metadata);
}

class WeightFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "trimtab-weights-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  // A file with one tensor "w" of these numbers, and "count", one I64.
  template <typename Number>
  std::string file(const std::string& name, NumberFormat format, const std::vector<Number>& values,
                   std::int64_t count = 7) const {
    SafetensorsHeader header;
    header.metadata["format"] = "pt";
    header.tensors = {
        {.name = "count", .format = NumberFormat::I64},
        {.name = "w", .format = format, .shape = {values.size()}, .num_numbers = values.size()}};
    std::string bytes = render_safetensors_header(header);
    bytes.append(reinterpret_cast<const char*>(&count), sizeof count);
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Number));
    write_file_atomically(path(name), bytes);
    return path(name);
  }

  template <typename Number>
  std::vector<Number> numbers(const std::string& name) const {
    const SafetensorsFile read(path(name));
    const TensorEntry& tensor = *read.header().find("w");
    std::vector<Number> values(tensor.num_numbers);
    read.read(tensor, 0, std::as_writable_bytes(std::span(values)));
    return values;
  }

  std::string message_of(const std::vector<std::string>& paths) const {
    try {
      write_mean_of_files(paths, path("refused"));
    } catch (const UserError& error) {
      EXPECT_FALSE(std::filesystem::exists(path("refused")));
      return error.what();
    }
    return "accepted";
  }

  std::filesystem::path folder_;
};

TEST_F(WeightFiles, AreAveragedInEveryFormat) {
  const std::string a = file<float>("a", NumberFormat::F32, {1.0F, 4.0F, 0.1F});
  const std::string b = file<float>("b", NumberFormat::F32, {2.0F, 8.0F, 0.1F});
  const MeanOfFiles result = write_mean_of_files(std::vector{a, b}, path("soup"));
  EXPECT_THAT(numbers<float>("soup"), ElementsAre(1.5F, 6.0F, 0.1F));
  EXPECT_EQ(result.num_averaged, 3u);
  EXPECT_TRUE(result.taken_from_first.empty());
  EXPECT_EQ(SafetensorsFile(path("soup")).header().metadata.at("format"), "pt");
  const std::string c = file<double>("c", NumberFormat::F64, {1.0, -3.0});
  const std::string d = file<double>("d", NumberFormat::F64, {2.0, 4.0});
  write_mean_of_files(std::vector{c, d, d}, path("soup"));
  EXPECT_THAT(numbers<double>("soup"), ElementsAre(5.0 / 3.0, 5.0 / 3.0));
  for (const NumberFormat format : {NumberFormat::F16, NumberFormat::BF16}) {
    const std::string e = file<std::uint16_t>("e", format, {stored(format, 1.0)});
    const std::string f = file<std::uint16_t>("f", format, {stored(format, 0.0)});
    write_mean_of_files(std::vector{e, f, f}, path("soup"));
    EXPECT_THAT(numbers<std::uint16_t>("soup"), ElementsAre(stored(format, 1.0 / 3.0)));
  }
}

// More numbers than are held at once; infinities, NaN and zeros with a sign among them.
TEST_F(WeightFiles, OfCopiesGiveTheCopyByteForByte) {
  Rng rng(1);
  std::vector<double> values = {INFINITY, std::nan("1"), -0.0, 5e-324};
  while (values.size() < 150000) values.push_back(rng.normal());
  const std::string original = file<double>("a", NumberFormat::F64, values);
  for (const std::size_t k : {1u, 3u, 7u}) {
    write_mean_of_files(std::vector<std::string>(k, original), path("soup"));
    EXPECT_EQ(read_file(path("soup")), read_file(original)) << k;
  }
}

TEST_F(WeightFiles, AreAveragedAcrossTheBordersOfChunks) {
  Rng rng(2);
  std::vector<float> a, b;
  while (a.size() < 140000) {
    a.push_back(static_cast<float>(rng.normal()));
    b.push_back(static_cast<float>(rng.normal()));
  }
  const std::vector<std::string> paths = {file<float>("a", NumberFormat::F32, a),
                                          file<float>("b", NumberFormat::F32, b)};
  write_mean_of_files(paths, paths[1]);  // in place of an ingredient
  const std::vector<float> mean = numbers<float>("b");
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double sum = static_cast<double>(a[i]) + static_cast<double>(b[i]);
    ASSERT_EQ(mean[i], static_cast<float>(sum / 2.0)) << i;
  }
}

TEST_F(WeightFiles, KeepTheFirstFilesWholeNumbersAndSaySo) {
  const std::string a = file<float>("a", NumberFormat::F32, {1.0F}, 7);
  const std::string b = file<float>("b", NumberFormat::F32, {3.0F}, 8);
  EXPECT_THAT(write_mean_of_files(std::vector{a, b}, path("soup")).taken_from_first,
              ElementsAre("count"));
  const SafetensorsFile soup(path("soup"));
  std::int64_t count = 0;
  soup.read(*soup.header().find("count"), 0, std::as_writable_bytes(std::span(&count, 1)));
  EXPECT_EQ(count, 7);
}

TEST_F(WeightFiles, OfDifferentModelsAreRefusedAndNothingIsWritten) {
  const std::string a = file<float>("a", NumberFormat::F32, {1.0F, 2.0F});
  EXPECT_THAT(message_of({a, file<float>("b", NumberFormat::F32, {1.0F})}),
              HasSubstr("not like the first file's"));
  EXPECT_THAT(message_of({a, file<std::uint16_t>("c", NumberFormat::BF16, {1, 2})}),
              HasSubstr("BF16 [2]"));
  EXPECT_THAT(message_of({file<char>("d", NumberFormat::F8E4M3, {1}),
                          file<char>("e", NumberFormat::F8E4M3, {2})}),
              HasSubstr("8-bit floating"));
  EXPECT_THAT(message_of({}), HasSubstr("nothing to average"));
  EXPECT_THAT(message_of({a, path("missing")}), HasSubstr("cannot be read"));
  EXPECT_THAT(message_of({folder_.string()}), HasSubstr("not an ordinary file"));
}

TEST_F(WeightFiles, ThatLieAboutTheirLengthAreRefused) {
  const std::string whole = read_file(file<float>("a", NumberFormat::F32, {1.0F, 2.0F}));
  const auto refused = [&](const std::string& bytes) {
    write_file_atomically(path("x"), bytes);
    return message_of({path("x")});
  };
  EXPECT_THAT(refused(whole.substr(0, whole.size() - 1)), HasSubstr("do not end"));
  EXPECT_THAT(refused(whole + "x"), HasSubstr("do not end"));
  EXPECT_THAT(refused(whole.substr(0, 20)), HasSubstr("longer than it can be"));
  EXPECT_THAT(refused("short"), HasSubstr("too short"));
  EXPECT_THAT(refused(std::string(8, '\xFF') + "{}"), HasSubstr("longer than it can be"));
  EXPECT_THAT(refused(std::string(8, '\0')), HasSubstr("not a JSON object"));
}

}  // namespace
}  // namespace trimtab
