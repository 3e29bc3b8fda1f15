# Installs the libraries, the headers and a package that find_package(Trimtab) finds.
# Link Trimtab::engine for ask/tell, Trimtab::registry for every sampler and storage.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

get_property(rooms GLOBAL PROPERTY TRIMTAB_ROOMS)
set(targets trimtab_options)
foreach(room IN LISTS rooms)
  if(NOT room MATCHES "^(cli|server)$")
    list(APPEND targets trimtab_${room})
    set_target_properties(trimtab_${room} PROPERTIES EXPORT_NAME ${room})
  endif()
endforeach()
install(TARGETS ${targets} EXPORT TrimtabTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/trimtab)
install(EXPORT TrimtabTargets NAMESPACE Trimtab:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Trimtab)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/trimtab DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.hpp" PATTERN "cli" EXCLUDE PATTERN "server" EXCLUDE)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/TrimtabConfig.cmake.in
  ${PROJECT_BINARY_DIR}/TrimtabConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Trimtab)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/TrimtabConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/TrimtabConfig.cmake ${PROJECT_BINARY_DIR}/TrimtabConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Trimtab)
