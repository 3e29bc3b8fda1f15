#include "trimtab/science/kde_regimes/kde_regimes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/rng.hpp"

namespace trimtab {
namespace {

using ::testing::HasSubstr;

Eigen::MatrixXd gaussian(Eigen::Index n, Eigen::Index d, std::uint64_t seed) {
  Rng rng(seed, 0, "points");
  Eigen::MatrixXd x(n, d);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < d; ++j) x(i, j) = rng.normal();
  }
  return x;
}

TEST(KdeRegimes, SeesAMeanInOneDimension) {
  const KdeDiagnosis found = diagnose_kde(gaussian(500, 1, 1), 0.0);
  EXPECT_EQ(found.regime, KdeRegime::Clt);
  EXPECT_GT(found.effective_points, 20.0);
  EXPECT_NEAR(found.bandwidth, std::pow(500.0, -0.2), 1e-12);
  EXPECT_NEAR(found.best_bandwidth, found.bandwidth, 0.15);
}

// Ten good trials in twenty dimensions, at the bandwidth that would be best for points enough.
TEST(KdeRegimes, FlagsAGoodDensityThatIsItsNearestNeighbour) {
  const KdeDiagnosis found = diagnose_kde(gaussian(10, 20, 2), 0.3);
  EXPECT_EQ(found.regime, KdeRegime::NearestOnly);
  EXPECT_LT(found.effective_points, 1.01);
  EXPECT_GT(found.best_bandwidth, 0.6);
  EXPECT_GT(found.best_log_likelihood, found.log_likelihood);
}

TEST(KdeRegimes, CountsTheDirectionsThatThereAre) {
  Eigen::MatrixXd copies(300, 10);
  const Eigen::MatrixXd one = gaussian(300, 1, 3);
  for (Eigen::Index j = 0; j < 10; ++j) copies.col(j) = one.col(0) * (static_cast<double>(j) + 1.0);
  EXPECT_NEAR(diagnose_kde(copies, 0.0).effective_dimension, 1.0, 0.01);
  EXPECT_GT(diagnose_kde(gaussian(300, 10, 3), 0.0).effective_dimension, 9.0);
  // Ten points span nine directions only, and come from twenty all the same.
  EXPECT_GT(diagnose_kde(gaussian(10, 20, 3), 0.0).effective_dimension, 12.0);
}

TEST(KdeRegimes, DoesNotDependOnUnitsOrOnColumnsThatDoNotVary) {
  const Eigen::MatrixXd x = gaussian(100, 3, 4);
  Eigen::MatrixXd other(100, 4);
  other << x.col(0) * 1e6, (x.col(1).array() + 50.0).matrix(), x.col(2) * 1e-3,
      Eigen::VectorXd::Constant(100, 7.0);
  const KdeDiagnosis a = diagnose_kde(x, 0.4), b = diagnose_kde(other, 0.4);
  EXPECT_EQ(b.dimensions, 3u);
  EXPECT_NEAR(a.log_likelihood, b.log_likelihood, 1e-9);
  EXPECT_NEAR(a.effective_points, b.effective_points, 1e-9);
}

TEST(KdeRegimes, FindsTheBestBandwidthWithinOnePerCent) {
  const Eigen::MatrixXd x = gaussian(200, 2, 5);
  const double best = diagnose_kde(x, 0.0).best_bandwidth;
  const double top = diagnose_kde(x, best).log_likelihood;
  EXPECT_GE(top, diagnose_kde(x, best * 1.03).log_likelihood);
  EXPECT_GE(top, diagnose_kde(x, best / 1.03).log_likelihood);
}

TEST(KdeRegimes, RefusesWhatHasNoDensity) {
  EXPECT_THROW(diagnose_kde(gaussian(2, 2, 1), 0.0), UserError);
  EXPECT_THROW(diagnose_kde(Eigen::MatrixXd::Ones(9, 2), 0.0), UserError);
  Eigen::MatrixXd hole = gaussian(9, 2, 1);
  hole(3, 1) = std::nan("");
  EXPECT_THROW(diagnose_kde(hole, 0.0), UserError);
}

TEST(KdeRegimes, TakesTheBestRowsOfATable) {
  std::string csv = "name,loss,x,y\n";
  const Eigen::MatrixXd points = gaussian(50, 2, 6);
  for (Eigen::Index i = 0; i < 50; ++i) {
    csv += "t," + std::to_string(i) + "," + std::to_string(points(i, 0)) + "," +
           std::to_string(points(i, 1)) + "\n";
  }
  csv += "t,nan,0,0\n";
  const AnalysisEntry entry = kde_regimes_entry();
  const AnalysisResult result =
      entry.run_on_table(parse_csv(csv, "t.csv"),
                         OptionValues(entry.info, {{"by", "loss"}, {"share", 0.2}}, "kde_regimes"));
  const Json data = Json::parse(result.data);
  EXPECT_EQ(data["points"], 10);
  EXPECT_EQ(data["columns"], 2);
  EXPECT_NEAR(data["log_likelihood"].get<double>(),
              diagnose_kde(points.topRows(10), 0.0).log_likelihood, 1e-4);
  EXPECT_THAT(result.verdict, HasSubstr("the density of 10 points"));
}

}  // namespace
}  // namespace trimtab
