#pragma once

#include <Eigen/Core>
#include <string>
#include <string_view>
#include <vector>

namespace trimtab::diagnosis {

/// A classification table. Rows with equal features share a group, so that no copy of a row can
/// stand on both sides of a split.
struct Table {
  std::string name;
  Eigen::MatrixXd x;                  ///< (n, p); NaN = missing
  std::vector<int> label;             ///< (n), 0..K-1
  std::vector<std::string> features;  ///< (p)
  std::vector<std::string> classes;   ///< (K); with two classes the last one is the diseased
  std::vector<int> group;             ///< (n), 0..num_groups-1

  std::size_t num_rows() const { return label.size(); }
  std::size_t num_classes() const { return classes.size(); }
};

/// The names that `read_table` knows: "wdbc", "wisconsin", "coimbra", "breast_tissue", "csv".
std::vector<std::string> table_names();

/// Reads a table.
///   wdbc           569 x 30: scikit-learn's breast_cancer.csv, else tables/wdbc.csv
///   wisconsin      699 x 9, missing values: breast-cancer-wisconsin.data (UCI) or BreastCancer.csv
///   coimbra        116 x 9: coimbra/dataR2.csv
///   breast_tissue  106 x 9, six classes: coimbra/BreastTissue.csv
///   csv            any file with a header row, numbers, and the class in the last column
/// @param data  a file, or a folder that holds the names above; "" = the folder TRIMTAB_DATA and
///   the places where scikit-learn is installed.
/// @throws UserError "table.absent" with every place that was tried, "table.malformed" with the
///   line.
Table read_table(const std::string& name, const std::string& data);

/// Parses one of the formats from text. @param where  the file's name, for messages.
Table parse_table(const std::string& name, std::string_view text, const std::string& where);

}  // namespace trimtab::diagnosis
