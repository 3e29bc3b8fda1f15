#include "trimtab/numerics/power_model.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

TEST(PowerModel, GoesThroughItsPointsAndOnBeyondThem) {
  const std::vector<double> load = {0.75, 0.25, 0.25}, watts = {70.0, 28.0, 32.0};
  const PowerModel model = PowerModel::from_profile(load, watts);
  EXPECT_DOUBLE_EQ(model.watts(0.25), 30.0);
  EXPECT_DOUBLE_EQ(model.watts(0.5), 50.0);
  EXPECT_DOUBLE_EQ(model.watts(1.0), 90.0);
  EXPECT_DOUBLE_EQ(model.watts(7.0), 90.0);
  EXPECT_DOUBLE_EQ(model.watts(0.0), 10.0);
}

TEST(PowerModel, IsNeverBelowZero) {
  const std::vector<double> load = {0.5, 1.0}, watts = {1.0, 100.0};
  EXPECT_EQ(PowerModel::from_profile(load, watts).watts(0.0), 0.0);
}

TEST(PowerModel, RefusesWhatIsNoProfile) {
  const std::vector<double> one = {0.5, 0.5}, two = {0.5, 1.5}, watts = {1.0, 2.0};
  EXPECT_THROW(PowerModel::from_profile(one, watts), UserError);
  EXPECT_THROW(PowerModel::from_profile(two, watts), UserError);
  EXPECT_THROW(PowerModel::from_profile(two, std::vector<double>{1.0}), UserError);
}

TEST(PowerModel, GrowsFromTheDesignPower) {
  const PowerModel model = PowerModel::from_tdp(100.0);
  EXPECT_NEAR(model.watts(1.0), 92.7, 1e-9);
  EXPECT_GT(model.watts(0.5), model.watts(0.25));
}

struct Profile {
  std::vector<double> load, watts;
};

// Columns cpu_load (per cent) and rapl_power of a recorded profile.
Profile read_profile(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  std::vector<std::string> names;
  std::stringstream header(line);
  for (std::string cell; std::getline(header, cell, ',');) names.push_back(cell);
  Profile profile;
  while (std::getline(file, line)) {
    std::stringstream row(line);
    std::size_t column = 0;
    for (std::string cell; std::getline(row, cell, ','); ++column) {
      if (names[column] == "cpu_load") profile.load.push_back(std::stod(cell) / 100.0);
      if (names[column] == "rapl_power") profile.watts.push_back(std::stod(cell));
    }
  }
  return profile;
}

// Mean |error| over the mean power with each level left out in turn.
double left_out_error(const Profile& profile) {
  double error = 0.0, sum = 0.0;
  for (std::size_t i = 0; i < profile.load.size(); ++i) {
    Profile rest = profile;
    rest.load.erase(rest.load.begin() + static_cast<std::ptrdiff_t>(i));
    rest.watts.erase(rest.watts.begin() + static_cast<std::ptrdiff_t>(i));
    const PowerModel model = PowerModel::from_profile(rest.load, rest.watts);
    error += std::abs(model.watts(profile.load[i]) - profile.watts[i]);
    sum += profile.watts[i];
  }
  return error / sum;
}

TEST(PowerModel, PredictsLeftOutLevelsOfRecordedProfilesWithin13PerCent) {
  const char* data = std::getenv("TRIMTAB_DATA");
  if (data == nullptr) GTEST_SKIP() << "data absent";
  const auto folder = std::filesystem::path(data) / "codecarbon_profiles";
  int num_profiles = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().string().find("_cores-") == std::string::npos) continue;
    ++num_profiles;
    EXPECT_LE(left_out_error(read_profile(entry.path())), 0.13) << entry.path().filename();
  }
  EXPECT_EQ(num_profiles, 10);
}

}  // namespace
}  // namespace trimtab
