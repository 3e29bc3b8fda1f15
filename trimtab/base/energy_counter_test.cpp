#include "trimtab/base/energy_counter.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace trimtab {
namespace {

namespace fs = std::filesystem;

// A powercap tree as Linux shows it: two packages, one with cores and memory below it.
class EnergyCounterTest : public ::testing::Test {
 protected:
  EnergyCounterTest()
      : root_(fs::temp_directory_path() /
              ("trimtab-powercap-" + std::to_string(::getpid()) + "-" +
               ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  ~EnergyCounterTest() override { fs::remove_all(root_); }

  void write(const std::string& domain, const std::string& file, const std::string& text) const {
    fs::create_directories(root_ / domain);
    std::ofstream(root_ / domain / file) << text << "\n";
  }
  void add(const std::string& domain, const std::string& name, const std::string& energy) const {
    write(domain, "name", name);
    write(domain, "max_energy_range_uj", "1000000");
    write(domain, "energy_uj", energy);
  }
  void set(const std::string& domain, const std::string& energy) const {
    write(domain, "energy_uj", energy);
  }

  fs::path root_;
};

TEST_F(EnergyCounterTest, SumsPackagesAndMemoryExactlyOverOneRound) {
  add("intel-rapl:0", "package-0", "999990");
  add("intel-rapl:0:0", "core", "5");
  add("intel-rapl:0:1", "dram", "100");
  add("intel-rapl:1", "package-1", "0");
  add("intel-rapl:2", "psys", "0");
  EnergyCounter counter(root_.string());
  ASSERT_TRUE(counter.is_there()) << counter.problem();
  EXPECT_EQ(counter.joules(), 0.0);
  set("intel-rapl:0", "15");  // round: 10 + 15
  set("intel-rapl:0:0", "500000");
  set("intel-rapl:0:1", "107");
  set("intel-rapl:1", "400000");
  set("intel-rapl:2", "900000");
  EXPECT_NEAR(counter.joules(), 0.400032, 1e-9);
  EXPECT_NEAR(counter.joules(), 0.400032, 1e-9);
}

TEST_F(EnergyCounterTest, SaysThatThereAreNone) {
  EnergyCounter counter(root_.string());
  EXPECT_FALSE(counter.is_there());
  EXPECT_EQ(counter.problem(), "no counters under " + root_.string());
  EXPECT_EQ(EnergyCounter((root_ / "absent").string()).joules(), 0.0);
}

TEST_F(EnergyCounterTest, DoesNotTakeAPartForTheWhole) {
  add("intel-rapl:0", "package-0", "10");
  add("intel-rapl:1", "package-1", "10");
  fs::remove(root_ / "intel-rapl:1" / "energy_uj");
  EnergyCounter counter(root_.string());
  EXPECT_FALSE(counter.is_there());
  EXPECT_NE(counter.problem().find("intel-rapl:1/energy_uj may not be read"), std::string::npos);
}

TEST_F(EnergyCounterTest, SaysThatThisUserMayNotRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  add("intel-rapl:0", "package-0", "10");
  fs::permissions(root_ / "intel-rapl:0" / "energy_uj", fs::perms::none);
  EXPECT_NE(EnergyCounter(root_.string()).problem().find("may not be read"), std::string::npos);
}

TEST(MachineTime, Passes) {
  const double before = machine_busy_seconds();
  EXPECT_GT(before, 0.0);
  EXPECT_GE(machine_busy_seconds(), before);
  EXPECT_GE(num_machine_processors(), 1);
}

}  // namespace
}  // namespace trimtab
