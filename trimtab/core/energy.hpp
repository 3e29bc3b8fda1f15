#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace trimtab {

/// What a study wants to know of the energy that its trials take. The numbers become metrics of the
/// trial, whose names say how they came about: `energy_measured_j` or `energy_modelled_j` (joules),
/// and with a grid `carbon_measured_g` or `carbon_modelled_g` (grams of CO2 equivalent).
struct EnergyAccount {
  enum class Meter : char {
    Auto,   ///< counters where they can be read, else the model
    Rapl,   ///< counters or nothing
    Model,  ///< processor time through a power model
  };
  Meter meter = Meter::Auto;
  /// Model: thermal design power of the processor, watts; nothing = 4 W a core are assumed.
  std::optional<double> tdp_watts = {};
  /// Model: a measured profile instead, CSV with the columns load (0 to 1) and watts; "" = none.
  std::string profile = {};
  /// Carbon intensity of the electricity, grams of CO2 equivalent a kWh.
  std::optional<double> grid_grams = {};
};

inline constexpr double kJoulesPerKwh = 3.6e6;

std::string_view name_of(EnergyAccount::Meter meter);

/// The metric's name: "energy_measured_j" or "energy_modelled_j".
const char* energy_metric(bool is_measured);
const char* carbon_metric(bool is_measured);
/// Whether the name is one that only the energy account gives.
bool is_energy_metric(std::string_view name);
/// Joules among a trial's metrics, measured or modelled; 0 when there are none.
double energy_joules(const std::map<std::string, double>& metrics);

/// Reads "500J", "90kJ", "3.6MJ", "50Wh", "1.2kWh" or plain joules. Returns false otherwise.
bool parse_energy(std::string_view text, double& joules);
/// "12.3 J", "4.5 Wh", "1.2 kWh". @param joules  >= 0.
std::string format_energy(double joules);

}  // namespace trimtab
