#include "trimtab/workloads/value_dynamics/value_dynamics.hpp"

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/workloads/value_dynamics/second_stage.hpp"

namespace trimtab {
namespace {

using values::Dynamics;
using values::Network;
using values::Scores;
using values::Survey;
using values::SurveyOptions;

constexpr std::size_t kNumCommunities = 12;  // of a generated network

std::vector<OptionInfo> network_options() {
  return {
      {"graph",
       std::string("generated"),
       "the social network: generated, or the edges of ego-Facebook (SNAP)",
       {},
       {},
       {"generated", "facebook"}},
      {"data", std::string(),
       "facebook: the file, or a folder that holds it; empty = $TRIMTAB_DATA"},
      {"people", std::int64_t{1000}, "generated: size of the network", 100.0, 1e6},
      {"mean_degree", 16.0, "generated: friends per person, about", 1.0, 1000.0},
      {"egos", std::int64_t{275}, "people whose later scores are known: those with most friends",
       20.0, 1e5},
      {"data_seed", std::int64_t{1}, "of the network, the scores and who is held out", 0.0},
  };
}

std::vector<OptionInfo> survey_options() {
  const Dynamics usual{.epsilon = 0.35, .mu = 0.3, .steps = 6, .stubbornness = 0.1};
  return {
      {"noise", 0.05, "standard deviation of a later answer", 0.0, 1.0},
      {"first_noise", 0.0, "standard deviation of a first answer", 0.0, 1.0},
      {"drift", 0.2, "share of the way to a common profile that everybody went anyway", 0.0, 1.0},
      {"hidden_epsilon", usual.epsilon, "what really moved people: confidence bound", 0.0, 3.0},
      {"hidden_mu", usual.mu, "what really moved people: rate", 0.0, 1.0},
      {"hidden_steps", std::int64_t{usual.steps}, "what really moved people: steps", 0.0, 1000.0},
      {"hidden_stubbornness", usual.stubbornness, "what really moved people: pull back", 0.0, 1.0},
      {"folds", std::int64_t{5}, "of the cross-validation over tuning egos", 2.0, 20.0},
  };
}

Info make_info() {
  Info info;
  info.name = "value_dynamics";
  info.purpose = "how values change through friends: bounded confidence on a social network";
  info.source =
      "Deffuant et al. 2000; Hegselmann and Krause 2002; Friedkin and Johnsen 1990; second stage: "
      "Smola and Schoelkopf 2004";
  info.options = network_options();
  const std::vector<OptionInfo> rest = survey_options();
  info.options.insert(info.options.end(), rest.begin(), rest.end());
  return info;
}

std::string find_edges(const std::string& data) {
  namespace fs = std::filesystem;
  const char* folder = std::getenv("TRIMTAB_DATA");
  const std::string root = data.empty() && folder != nullptr ? folder : data;
  for (const char* name : {"", "facebook_combined.txt", "ego_facebook/facebook_combined.txt"}) {
    const fs::path path = *name == '\0' ? fs::path(root) : fs::path(root) / name;
    if (!root.empty() && fs::is_regular_file(path)) return path.string();
  }
  throw UserError({.code = "workload.absent",
                   .what = "the edges of ego-Facebook are not on this machine",
                   .where = "option data",
                   .got = root.empty() ? "TRIMTAB_DATA is not set" : quote(root, 200),
                   .expected = "the file facebook_combined.txt, or a folder that holds it",
                   .hint = "graph = \"generated\" needs no file"});
}

Network network_of(const OptionValues& options) {
  Rng rng(static_cast<std::uint64_t>(options.integer("data_seed")), 0, "network");
  if (options.text("graph") == "facebook") {
    const std::string path = find_edges(options.text("data"));
    return values::parse_network(read_file(path), path, rng);
  }
  return values::generate_network(static_cast<std::size_t>(options.integer("people")),
                                  kNumCommunities, options.number("mean_degree"), rng);
}

Survey survey_of(const OptionValues& options) {
  SurveyOptions survey;
  survey.hidden = {.epsilon = options.number("hidden_epsilon"),
                   .mu = options.number("hidden_mu"),
                   .steps = static_cast<int>(options.integer("hidden_steps")),
                   .stubbornness = options.number("hidden_stubbornness")};
  survey.noise = options.number("noise");
  survey.first_noise = options.number("first_noise");
  survey.drift = options.number("drift");
  survey.num_egos = static_cast<std::size_t>(options.integer("egos"));
  return values::conduct_survey(network_of(options), survey,
                                static_cast<std::uint64_t>(options.integer("data_seed")));
}

Space search_space() {
  using Options = SpaceBuilder::Options;
  const auto of = [](const char* regressor, double value, bool is_log) {
    return Options{.is_log = is_log, .default_value = value, .when = {{"regressor", {regressor}}}};
  };
  return SpaceBuilder()
      .real("epsilon", 0.01, 1.0)
      .real("mu", 0.01, 1.0)
      .integer("steps", 1, 50, {.default_value = 10.0})
      .real("stubbornness", 0.0, 1.0, {.default_value = 0.0})
      .categorical("regressor", {"none", "ridge", "svr", "forest"}, {.default_choice = "none"})
      .real("ridge_penalty", 1e-2, 1e4, of("ridge", 10.0, true))
      .real("svr_c", 1e-2, 1e3, of("svr", 0.1, true))
      .real("svr_gamma", 1e-3, 10.0, of("svr", 0.01, true))
      .real("svr_tube", 1e-4, 1e-1, of("svr", 0.01, true))
      .integer("forest_trees", 20, 300, of("forest", 100.0, true))
      .integer("forest_depth", 1, 12, of("forest", 6.0, false))
      .build();
}

// The value of a parameter, or `otherwise` when it is inactive or not part of the study's space.
double number(const Space& space, PointView point, std::string_view name, double otherwise) {
  const std::optional<std::size_t> j = space.find_dimension(name);
  return j && is_active(point[*j]) ? point[*j] : otherwise;
}

values::Regressor regressor_of(const Space& space, PointView point) {
  const Parameter* parameter = space.find_parameter("regressor");
  const std::string name =
      parameter == nullptr ? "none" : space.value_text(point, *parameter).value_or("none");
  const auto read = [&](std::string_view key, double otherwise) {
    return number(space, point, key, otherwise);
  };
  if (name == "none") return values::NoRegressor{};
  if (name == "ridge") return values::Ridge{.penalty = read("ridge_penalty", 10.0)};
  if (name == "forest") {
    return values::Forest{.num_trees = static_cast<int>(read("forest_trees", 100.0)),
                          .max_depth = static_cast<int>(read("forest_depth", 6.0))};
  }
  if (name == "svr") {
    return values::SvrOptions{
        .c = read("svr_c", 0.1), .gamma = read("svr_gamma", 0.01), .tube = read("svr_tube", 0.01)};
  }
  throw UserError({.code = "workload.value",
                   .what = "value_dynamics does not know this regressor",
                   .where = "parameter regressor",
                   .got = quote(name),
                   .expected = "one of none, ridge, svr, forest",
                   .hint = ""});
}

Metrics run(const Survey& survey, std::size_t num_folds, const Space& space, PointView point,
            std::uint64_t seed) {
  const auto read = [&](std::string_view name, double otherwise) {
    return number(space, point, name, otherwise);
  };
  const Dynamics dynamics{.epsilon = read("epsilon", 0.505),
                          .mu = read("mu", 0.505),
                          .steps = static_cast<int>(read("steps", 10.0)),
                          .stubbornness = read("stubbornness", 0.0)};
  const values::Regressor regressor = regressor_of(space, point);
  const std::vector<Scores> first = values::of_egos(survey, survey.first);
  const std::vector<Scores> moved =
      values::of_egos(survey, values::simulate(survey.network, survey.first, dynamics));
  const Eigen::MatrixXd features = values::features_of(survey, moved, dynamics.epsilon);
  const auto error = [&](const std::vector<Scores>& scores, bool is_tuning) {
    return values::mean_squared_error(survey, scores, is_tuning ? survey.tuning : survey.held_out);
  };
  return {
      {"mse", values::cross_validated_error(survey, features, moved, regressor, num_folds, seed)},
      {"held_out_mse", error(values::predict(survey, features, moved, regressor, survey.tuning,
                                             survey.held_out, seed),
                             false)},
      {"dynamics_mse", error(moved, true)},
      {"held_out_dynamics_mse", error(moved, false)},
      {"no_change_mse", error(first, true)},
      {"held_out_no_change_mse", error(first, false)}};
}

Workload make(const OptionValues& options) {
  const auto survey = std::make_shared<const Survey>(survey_of(options));
  const auto num_folds = static_cast<std::size_t>(options.integer("folds"));
  Workload workload;
  workload.space = search_space();
  workload.objectives = {{.name = "mse", .goal = Goal::Minimise}};
  workload.metrics = {
      {"mse", "mean squared error of a score, tuning egos, each predicted unseen"},
      {"held_out_mse", "the same for egos that tuning never sees"},
      {"dynamics_mse", "tuning egos, without the regressor"},
      {"held_out_dynamics_mse", "held-out egos, without the regressor"},
      {"no_change_mse", "tuning egos, if the first answers are the prediction"},
      {"held_out_no_change_mse", "held-out egos, if the first answers are the prediction"}};
  workload.run = [survey, num_folds](const Space& space, PointView point, TrialContext& context) {
    return run(*survey, num_folds, space, point, context.seed());
  };
  return workload;
}

}  // namespace

WorkloadEntry value_dynamics() { return {make_info(), make}; }

}  // namespace trimtab

TRIMTAB_WORKLOAD(value_dynamics, value_dynamics())
