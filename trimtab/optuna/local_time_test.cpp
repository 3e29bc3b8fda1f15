#include "trimtab/optuna/local_time.hpp"

#include <gtest/gtest.h>

namespace trimtab::optuna {
namespace {

TEST(LocalTime, ComesBackAsItWas) {
  for (const Timestamp time : {Timestamp{1'700'000'000'000'006}, Timestamp{0}, Timestamp{-1},
                               Timestamp{1'764'057'600'999'999}}) {
    EXPECT_EQ(parse_local_time(local_time_text(time)), time);
  }
  EXPECT_EQ(local_time_text(*parse_local_time("2026-01-02 03:04:05.000006")),
            "2026-01-02 03:04:05.000006");
}

TEST(LocalTime, RefusesOtherForms) {
  for (const char* text : {"", "2026-01-02", "2026-01-02 03:04:05", "2026-01-02T03:04:05.000006",
                           "2026-01-02 03:04:05.00000x", "-026-01-02 03:04:05.000006"}) {
    EXPECT_FALSE(parse_local_time(text)) << text;
  }
}

}  // namespace
}  // namespace trimtab::optuna
