#include "trimtab/cli/soup_ingredients.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <string_view>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/cli/open_study.hpp"

namespace trimtab {
namespace {

constexpr std::string_view kHole = "{trial}";

[[noreturn]] void refuse(const std::string& what, const std::string& got,
                         const std::string& expected) {
  throw UserError({.code = "soup.arguments",
                   .what = what,
                   .where = "trimtab soup",
                   .got = got,
                   .expected = expected,
                   .hint = ""});
}

std::string file_of_trial(std::string pattern, std::int64_t trial) {
  const std::string number = std::to_string(trial);
  for (std::size_t at = pattern.find(kHole); at != std::string::npos;
       at = pattern.find(kHole, at + number.size())) {
    pattern.replace(at, kHole.size(), number);
  }
  return pattern;
}

SoupIngredients ingredients_of_study(const SoupArguments& arguments, const StudyView& view) {
  const Objective& objective = view.history.objectives().front();
  SoupIngredients found = {.metric = objective.name,
                           .sign = objective.goal == Goal::Minimise ? -1.0 : 1.0};
  for (std::int64_t trial = 0; trial < view.history.size(); ++trial) {
    if (view.history.purpose(trial) == Purpose::Confirm || !view.history.is_feasible(trial)) {
      continue;
    }
    std::string file = file_of_trial(arguments.weights, trial);
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored)) {
      found.files.push_back(std::move(file));
      found.scores.push_back(-view.history.loss(trial));
    } else {
      ++found.num_missing;
    }
  }
  return found;
}

}  // namespace

SoupIngredients find_soup_ingredients(const SoupArguments& arguments, const Registry& registry) {
  SoupIngredients found = {.files = arguments.files, .metric = arguments.score};
  if (arguments.study.empty() == arguments.files.empty()) {
    refuse("what is the soup made of?", "", "files of weights, or --study NAME --weights PATTERN");
  }
  if (!arguments.study.empty()) {
    if (arguments.weights.find(kHole) == std::string::npos) {
      refuse("where are the weights of a trial?", quote(arguments.weights),
             "--weights with {trial}, such as trimtab-trials/svm/{trial}-0/model.safetensors");
    }
    open_study(arguments, registry, /*may_create=*/false).view([&](const StudyView& view) {
      found = ingredients_of_study(arguments, view);
    });
  }
  if (found.files.size() < 2) {
    refuse("one file is no soup",
           fmt::format("{} file{}{}", found.files.size(), found.files.size() == 1 ? "" : "s",
                       found.num_missing > 0 ? fmt::format(", {} trials without", found.num_missing)
                                             : std::string()),
           "two or more");
  }
  return found;
}

}  // namespace trimtab
