#include "trimtab/workloads/tabular_diagnosis/configuration.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab::diagnosis {
namespace {

int square_root(std::size_t p) {
  return std::max(1, static_cast<int>(std::sqrt(static_cast<double>(p))));
}

using Options = SpaceBuilder::Options;

// A parameter of one algorithm.
Options of(const char* algorithm, double default_value, bool is_log = false) {
  return {.is_log = is_log, .default_value = default_value, .when = {{"algorithm", {algorithm}}}};
}
Options choice_of(const char* algorithm, const char* default_choice) {
  return {.default_choice = default_choice, .when = {{"algorithm", {algorithm}}}};
}

// Values of a point by name.
class Reader {
 public:
  Reader(const Space& space, PointView point) : space_(space), point_(point) {}

  double number(std::string_view name, double otherwise) const {
    const std::optional<std::size_t> index = space_.find_dimension(name);
    return index && is_active(point_[*index]) ? point_[*index] : otherwise;
  }
  int whole(std::string_view name, int otherwise) const {
    return static_cast<int>(number(name, otherwise));
  }

  /// The entry of `values` under the chosen text.
  template <typename T>
  T choice(std::string_view name, const std::map<std::string, T>& values, T otherwise) const {
    const Parameter* parameter = space_.find_parameter(name);
    if (parameter == nullptr || !is_active(point_[parameter->first])) return otherwise;
    const std::string text = space_.value_text(point_, *parameter).value_or("");
    if (const auto found = values.find(text); found != values.end()) return found->second;
    std::vector<std::string> names;
    for (const auto& [key, value] : values) names.push_back(key);
    throw UserError({.code = "workload.value",
                     .what = "tabular_diagnosis does not know this value",
                     .where = "parameter " + std::string(name),
                     .got = quote(text),
                     .expected = one_of(names),
                     .hint = did_you_mean(text, names)});
  }

 private:
  const Space& space_;
  PointView point_;
};

LearnerOptions logistic(const Reader& read) {
  LogisticOptions options;
  options.c = read.number("logistic_c", options.c);
  options.penalty = read.choice<Penalty>("logistic_penalty",
                                         {{"l1", Penalty::L1}, {"l2", Penalty::L2}}, Penalty::L2);
  options.is_balanced =
      read.choice<bool>("logistic_class_weight", {{"none", false}, {"balanced", true}}, false);
  return options;
}

LearnerOptions tree(const Reader& read) {
  SingleTreeOptions options;
  options.max_depth = read.whole("tree_depth", options.max_depth);
  options.min_leaf = read.whole("tree_min_leaf", options.min_leaf);
  options.criterion = read.choice<SplitCriterion>(
      "tree_criterion", {{"gini", SplitCriterion::Gini}, {"entropy", SplitCriterion::Entropy}},
      SplitCriterion::Gini);
  return options;
}

LearnerOptions forest(const Reader& read, std::size_t p) {
  ForestOptions options;
  options.num_trees = read.whole("forest_trees", options.num_trees);
  options.num_candidates = read.whole("forest_candidates", square_root(p));
  options.max_depth = read.whole("forest_depth", options.max_depth);
  return options;
}

LearnerOptions boosting(const Reader& read) {
  BoostingOptions options;
  options.learning_rate = read.number("boosting_learning_rate", options.learning_rate);
  options.num_trees = read.whole("boosting_trees", options.num_trees);
  options.max_depth = read.whole("boosting_depth", options.max_depth);
  return options;
}

LearnerOptions svm(const Reader& read, std::size_t p) {
  return SvmOptions{.c = read.number("svm_c", 1.0),
                    .gamma = read.number("svm_gamma", 1.0 / static_cast<double>(p))};
}

LearnerOptions neighbours(const Reader& read) {
  NeighbourOptions options;
  options.k = read.whole("neighbours_k", options.k);
  options.distance = read.choice<Distance>("neighbours_distance",
                                           {{"euclidean", Distance::Euclidean},
                                            {"manhattan", Distance::Manhattan},
                                            {"chebyshev", Distance::Chebyshev}},
                                           Distance::Euclidean);
  return options;
}

LearnerOptions network(const Reader& read) {
  NetworkOptions options;
  options.num_units = read.whole("network_units", options.num_units);
  options.learning_rate = read.number("network_learning_rate", options.learning_rate);
  options.weight_decay = read.number("network_weight_decay", options.weight_decay);
  options.num_epochs = read.whole("network_epochs", options.num_epochs);
  return options;
}

}  // namespace

Space search_space(std::size_t num_features) {
  const auto p = static_cast<std::int64_t>(num_features);
  const double gamma = 1.0 / static_cast<double>(p);
  SpaceBuilder builder;
  builder.categorical("preprocessing", {"none", "z_score", "pca"}, {.default_choice = "z_score"});
  if (p >= 2) {
    builder.integer(
        "components", 1, p,
        {.default_value = static_cast<double>((p + 1) / 2), .when = {{"preprocessing", {"pca"}}}});
  }
  builder
      .categorical("algorithm",
                   {"logistic", "tree", "forest", "boosting", "svm", "neighbours", "network"},
                   {.default_choice = "logistic"})
      .real("logistic_c", 1e-3, 1e3, of("logistic", 1.0, true))
      .categorical("logistic_penalty", {"l1", "l2"}, choice_of("logistic", "l2"))
      .categorical("logistic_class_weight", {"none", "balanced"}, choice_of("logistic", "none"))
      .integer("tree_depth", 1, 12, of("tree", 12))
      .integer("tree_min_leaf", 1, 20, of("tree", 1))
      .categorical("tree_criterion", {"gini", "entropy"}, choice_of("tree", "gini"))
      .integer("forest_trees", 50, 500, of("forest", 100, true))
      .integer("forest_candidates", 1, p, of("forest", square_root(num_features)))
      .integer("forest_depth", 2, 20, of("forest", 20))
      .real("boosting_learning_rate", 0.01, 1.0, of("boosting", 0.1, true))
      .integer("boosting_trees", 20, 300, of("boosting", 100, true))
      .integer("boosting_depth", 1, 6, of("boosting", 3))
      .real("svm_c", 1e-3, 1e3, of("svm", 1.0, true))
      .real("svm_gamma", gamma * 1e-3, gamma * 1e2, of("svm", gamma, true))
      .integer("neighbours_k", 1, 30, of("neighbours", 5))
      .categorical("neighbours_distance", {"euclidean", "manhattan", "chebyshev"},
                   choice_of("neighbours", "euclidean"))
      .integer("network_units", 4, 64, of("network", 32, true))
      .real("network_learning_rate", 1e-3, 1e-1, of("network", 1e-2, true))
      .real("network_weight_decay", 1e-4, 1e1, of("network", 1e-4, true))
      .integer("network_epochs", 10, 80, of("network", 40, true));
  return builder.build();
}

Configuration configuration_of(const Space& space, PointView point, std::size_t num_features) {
  const Reader read(space, point);
  Configuration configuration;
  configuration.preprocessing.scaling = read.choice<Scaling>(
      "preprocessing",
      {{"none", Scaling::None}, {"z_score", Scaling::ZScore}, {"pca", Scaling::Pca}},
      Scaling::ZScore);
  configuration.preprocessing.num_components =
      read.whole("components", static_cast<int>((num_features + 1) / 2));
  const std::size_t p = configuration.preprocessing.scaling == Scaling::Pca
                            ? static_cast<std::size_t>(configuration.preprocessing.num_components)
                            : num_features;
  const std::map<std::string, int> algorithms = {{"logistic", 0}, {"tree", 1}, {"forest", 2},
                                                 {"boosting", 3}, {"svm", 4},  {"neighbours", 5},
                                                 {"network", 6}};
  switch (read.choice<int>("algorithm", algorithms, 0)) {
    case 1:
      configuration.learner = tree(read);
      break;
    case 2:
      configuration.learner = forest(read, p);
      break;
    case 3:
      configuration.learner = boosting(read);
      break;
    case 4:
      configuration.learner = svm(read, p);
      break;
    case 5:
      configuration.learner = neighbours(read);
      break;
    case 6:
      configuration.learner = network(read);
      break;
    default:
      configuration.learner = logistic(read);
  }
  return configuration;
}

Model fit(const Configuration& configuration, const Eigen::MatrixXd& x,
          const std::vector<int>& label, int num_classes, std::uint64_t seed) {
  struct Fit {
    const TrainingSet& data;
    std::uint64_t seed;
    Model operator()(const LogisticOptions& o) const { return fit_logistic_regression(data, o); }
    Model operator()(const SingleTreeOptions& o) const { return fit_tree(data, o); }
    Model operator()(const ForestOptions& o) const { return fit_forest(data, o, seed); }
    Model operator()(const BoostingOptions& o) const { return fit_boosting(data, o); }
    Model operator()(const SvmOptions& o) const { return fit_svm(data, o); }
    Model operator()(const NeighbourOptions& o) const { return fit_neighbours(data, o); }
    Model operator()(const NetworkOptions& o) const { return fit_network(data, o, seed); }
  };
  auto preprocessing = std::make_shared<const Preprocessing>(x, configuration.preprocessing);
  const TrainingSet data{preprocessing->apply(x), label, num_classes};
  const Model model = std::visit(Fit{data, seed}, configuration.learner);
  return [preprocessing, model](const Eigen::MatrixXd& cases) {
    return model(preprocessing->apply(cases));
  };
}

}  // namespace trimtab::diagnosis
