#include "trimtab/core/energy.hpp"

#include <array>
#include <utility>

#include "trimtab/base/text.hpp"
#include "trimtab/core/card_energy.hpp"

namespace trimtab {

std::string_view name_of(EnergyAccount::Meter meter) {
  constexpr std::array<std::string_view, 3> kNames = {"auto", "rapl", "model"};
  return kNames.at(static_cast<std::size_t>(meter));
}

const char* energy_metric(bool is_measured) {
  return is_measured ? "energy_measured_j" : "energy_modelled_j";
}

const char* carbon_metric(bool is_measured) {
  return is_measured ? "carbon_measured_g" : "carbon_modelled_g";
}

bool is_energy_metric(std::string_view name) {
  if (name == kCardMetric) return true;
  for (const bool is_measured : {true, false}) {
    if (name == energy_metric(is_measured) || name == carbon_metric(is_measured)) return true;
  }
  return false;
}

double energy_joules(const std::map<std::string, double>& metrics) {
  double joules = 0.0;
  for (const bool is_measured : {true, false}) {
    const auto found = metrics.find(energy_metric(is_measured));
    if (found != metrics.end()) joules += found->second;
  }
  return joules;
}

bool parse_energy(std::string_view text, double& joules) {
  constexpr std::pair<std::string_view, double> kUnits[] = {
      {"kWh", kJoulesPerKwh}, {"Wh", 3600.0}, {"kJ", 1e3}, {"MJ", 1e6}, {"J", 1.0}, {"", 1.0}};
  for (const auto& [unit, size] : kUnits) {
    if (!text.ends_with(unit)) continue;
    double number = 0.0;
    if (!parse_double(trim(text.substr(0, text.size() - unit.size())), number)) return false;
    joules = number * size;
    return true;
  }
  return false;
}

std::string format_energy(double joules) {
  if (joules < 3600.0) return format_short(joules, 3) + " J";
  if (joules < kJoulesPerKwh) return format_short(joules / 3600.0, 3) + " Wh";
  return format_short(joules / kJoulesPerKwh, 3) + " kWh";
}

}  // namespace trimtab
