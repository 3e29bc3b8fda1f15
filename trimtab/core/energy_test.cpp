#include "trimtab/core/energy.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "trimtab/core/study.hpp"

namespace trimtab {
namespace {

StudySpec parse(const std::string& text) {
  return parse_study(Document::parse(text, Document::Format::Toml, "study.toml"));
}

TEST(Energy, ReadsAmountsWithTheirUnits) {
  const auto read = [](const char* text) {
    double joules = -1.0;
    return parse_energy(text, joules) ? joules : -1.0;
  };
  EXPECT_EQ(read("50Wh"), 180'000.0);
  EXPECT_EQ(read("1.5 kWh"), 5.4e6);
  EXPECT_EQ(read("500kJ"), 5e5);
  EXPECT_EQ(read("2MJ"), 2e6);
  EXPECT_EQ(read("7 J"), 7.0);
  EXPECT_EQ(read("7"), 7.0);
  EXPECT_EQ(read("Wh"), -1.0);
  EXPECT_EQ(read("7 W"), -1.0);
}

TEST(Energy, WritesAmountsForPeople) {
  EXPECT_EQ(format_energy(12.34), "12.3 J");
  EXPECT_EQ(format_energy(16'200.0), "4.5 Wh");
  EXPECT_EQ(format_energy(4.32e6), "1.2 kWh");
}

TEST(Energy, AddsWhatWasMeasuredAndWhatWasModelled) {
  EXPECT_EQ(energy_joules({{"energy_measured_j", 2.0}, {"energy_modelled_j", 3.0}, {"loss", 9.0}}),
            5.0);
  EXPECT_TRUE(is_energy_metric("carbon_modelled_g"));
  EXPECT_FALSE(is_energy_metric("energy"));
}

TEST(Energy, StandsInTheStudyFile) {
  const StudySpec spec = parse(
      "[study]\nname = \"s\"\nbudget = { energy = \"50Wh\" }\n[space]\nx = [0.0, 1.0]\n"
      "[energy]\nmeter = \"model\"\ntdp = 65\ngrid = 380\n");
  EXPECT_EQ(spec.budget.energy_joules, 180'000.0);
  ASSERT_TRUE(spec.energy.has_value());
  EXPECT_EQ(spec.energy->meter, EnergyAccount::Meter::Model);
  EXPECT_EQ(spec.energy->tdp_watts, 65.0);
  EXPECT_EQ(spec.energy->grid_grams, 380.0);
  const StudySpec again = study_from_json(spec.to_json());
  EXPECT_EQ(again.to_json(), spec.to_json());
}

TEST(Energy, IsCountedWhenTheBudgetNamesIt) {
  const StudySpec spec =
      parse("[study]\nname = \"s\"\nbudget = { energy = 5 }\n[space]\nx = [0.0, 1.0]\n");
  EXPECT_TRUE(spec.energy.has_value());
  EXPECT_FALSE(parse("[study]\nname = \"s\"\n[space]\nx = [0.0, 1.0]\n").energy.has_value());
}

}  // namespace
}  // namespace trimtab
