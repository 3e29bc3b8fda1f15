#include "trimtab/science/effective_rank/effective_rank.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

[[noreturn]] void refuse(const DataTable& table, const std::string& what, const std::string& got,
                         const std::string& expected) {
  throw UserError({.code = "effective_rank.table",
                   .what = what,
                   .where = table.source,
                   .got = got,
                   .expected = expected,
                   .hint = ""});
}

RankedEmbedding measure(const DataTable& table, const std::string& name,
                        const std::vector<std::size_t>& rows,
                        const std::vector<std::vector<double>>& coordinates) {
  if (rows.size() < 2) refuse(table, "a run has too few items", quote(name), "at least 2 rows");
  std::vector<double> z;
  z.reserve(rows.size() * coordinates.size());
  for (const std::size_t row : rows) {
    for (const std::vector<double>& column : coordinates) {
      if (!std::isfinite(column[row])) {
        refuse(table, "an embedding has a hole", "row " + std::to_string(row + 1), "numbers");
      }
      z.push_back(column[row]);
    }
  }
  RankedEmbedding result;
  result.name = name;
  result.num_items = rows.size();
  result.num_columns = coordinates.size();
  result.sigma = singular_values(z, coordinates.size());
  result.rank = effective_rank(result.sigma);
  const double k = static_cast<double>(coordinates.size());
  result.is_small_sample = static_cast<double>(rows.size()) < 10.0 * k;
  result.is_collapsed = result.rank < 0.1 * k;
  return result;
}

}  // namespace

std::vector<double> singular_values(std::span<const double> z, std::size_t num_columns) {
  if (num_columns == 0 || z.empty() || z.size() % num_columns != 0) {
    throw BugError({.code = "effective_rank.size",
                    .what = "an embedding must be a full matrix",
                    .where = "singular_values",
                    .got = "",
                    .expected = "n rows of num_columns numbers",
                    .hint = ""});
  }
  const auto k = static_cast<Eigen::Index>(num_columns);
  const auto n = static_cast<Eigen::Index>(z.size() / num_columns);
  Eigen::MatrixXd matrix = Eigen::Map<const RowMajor>(z.data(), n, k);
  if (n < k) matrix.transposeInPlace();
  // The triangle has the singular values of the whole; a Gram matrix would lose the small ones.
  const Eigen::HouseholderQR<Eigen::MatrixXd> decomposition(matrix);
  const Eigen::Index size = std::min(n, k);
  const Eigen::MatrixXd triangle =
      decomposition.matrixQR().topRows(size).triangularView<Eigen::Upper>();
  const Eigen::VectorXd sigma = Eigen::BDCSVD<Eigen::MatrixXd>(triangle).singularValues();
  return {sigma.begin(), sigma.end()};
}

double effective_rank(std::span<const double> sigma, double epsilon) {
  const double sum = std::accumulate(sigma.begin(), sigma.end(), 0.0);
  if (!(sum > 0.0)) return 0.0;
  double entropy = 0.0;
  for (const double value : sigma) {
    const double p = value / sum + epsilon;
    if (p > 0.0) entropy -= p * std::log(p);
  }
  return std::exp(entropy);
}

std::vector<RankedEmbedding> measure_embeddings(const DataTable& table, const std::string& run,
                                                const std::string& score) {
  std::vector<std::vector<double>> coordinates;
  for (const std::string& name : table.names) {
    if (name != run && name != score) coordinates.push_back(table.numbers(name));
  }
  if (coordinates.empty()) refuse(table, "the table has no coordinates", "", "numeric columns");
  std::vector<std::string> names;
  std::map<std::string, std::vector<std::size_t>> rows;
  for (std::size_t row = 0; row < table.num_rows(); ++row) {
    const std::string name = run.empty() ? "all" : table.texts(run)[row];
    if (!rows.contains(name)) names.push_back(name);
    rows[name].push_back(row);
  }
  std::vector<RankedEmbedding> runs;
  const std::vector<double> scores = score.empty() ? std::vector<double>() : table.numbers(score);
  for (const std::string& name : names) {
    runs.push_back(measure(table, name, rows[name], coordinates));
    runs.back().score = score.empty() ? std::nan("") : scores[rows[name].front()];
  }
  if (runs.empty()) refuse(table, "the table has no rows", "0", "at least 2");
  return runs;
}

}  // namespace trimtab
