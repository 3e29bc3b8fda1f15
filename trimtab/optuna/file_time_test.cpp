#include "trimtab/optuna/file_time.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace trimtab::optuna {
namespace {

class FileTime : public ::testing::Test {
 protected:
  FileTime() {
    ::setenv("TZ", "Europe/Berlin", 1);
    ::tzset();
  }
  ~FileTime() override {
    ::unsetenv("TZ");
    ::tzset();
  }
};

// 2026-01-02 03:04:05 UTC.
constexpr Timestamp kMoment = 1'767'323'045'000'000;

TEST_F(FileTime, IsUtcOrLocalByTheRuleAndBothReadWhatTheyWrite) {
  EXPECT_EQ(file_time_text(kMoment + 6, ZoneRule::Utc), "2026-01-02 03:04:05.000006");
  EXPECT_EQ(file_time_text(kMoment + 6, ZoneRule::Local), "2026-01-02 04:04:05.000006");
  EXPECT_EQ(parse_file_time("2026-01-02 03:04:05.000006", ZoneRule::Utc), kMoment + 6);
  EXPECT_EQ(parse_file_time("2026-01-02 04:04:05.000006", ZoneRule::Local), kMoment + 6);
  EXPECT_EQ(file_time_text(-1, ZoneRule::Utc), "1969-12-31 23:59:59.999999");
  EXPECT_EQ(parse_file_time("1969-12-31 23:59:59.999999", ZoneRule::Utc), -1);
}

TEST_F(FileTime, MayHaveFewerDigitsAndAZoneOfItsOwn) {
  EXPECT_EQ(parse_file_time("2026-01-02T03:04:05+00:00", ZoneRule::Local), kMoment);
  EXPECT_EQ(parse_file_time("2026-01-02T03:04:05.5Z", ZoneRule::Local), kMoment + 500'000);
  EXPECT_EQ(parse_file_time("2026-01-02T04:34:05.123456+01:30", ZoneRule::Utc), kMoment + 123'456);
  EXPECT_EQ(parse_file_time("2026-01-01 22:04:05-0500", ZoneRule::Utc), kMoment);
  EXPECT_EQ(parse_file_time("2026-01-02 04:04:05", ZoneRule::Local), kMoment);
}

TEST_F(FileTime, IsNothingElse) {
  for (const char* text : {"", "2026-01-02", "2026-13-02 03:04:05", "2026-02-30 03:04:05",
                           "2026-01-02 24:04:05", "2026-01-02 03:04:05.", "2026-01-02 03:04:05 ",
                           "2026-01-02 03:04:05+1", "2026-01-02_03:04:05", "-026-01-02 03:04:05"}) {
    EXPECT_EQ(parse_file_time(text, ZoneRule::Utc), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace trimtab::optuna
