//! The names of Azure's regions, by which they are told from services.

/// How the feed writes that something runs in no region in particular, and how we do.
const NOWHERE: [&str; 3] = ["Public Non-Regional", "Non-Regional", "*Non-Regional"];
const GLOBAL: &str = "global";

/// Every region that Azure has, had or announced, by the name that people read.
const REGIONS: &[&str] = &[
    // Americas
    "Brazil South",
    "Brazil Southeast",
    "Canada Central",
    "Canada East",
    "Central US",
    "Central US EUAP",
    "Chile Central",
    "East US",
    "East US 2",
    "East US 2 EUAP",
    "East US 3",
    "Mexico Central",
    "North Central US",
    "Northeast US 5",
    "South Central US",
    "Southeast US",
    "Southeast US 3",
    "Southeast US 5",
    "West Central US",
    "West US",
    "West US 2",
    "West US 3",
    // Europe
    "Austria East",
    "Belgium Central",
    "Denmark East",
    "Finland Central",
    "France Central",
    "France South",
    "Germany Central",
    "Germany North",
    "Germany Northeast",
    "Germany West Central",
    "Greece Central",
    "Italy North",
    "North Europe",
    "Norway East",
    "Norway West",
    "Poland Central",
    "Spain Central",
    "Sweden Central",
    "Sweden South",
    "Switzerland North",
    "Switzerland West",
    "UK South",
    "UK West",
    "West Europe",
    // Asia and the Pacific
    "Australia Central",
    "Australia Central 2",
    "Australia East",
    "Australia Southeast",
    "Central India",
    "East Asia",
    "India South Central",
    "Indonesia Central",
    "Japan East",
    "Japan West",
    "Jio India Central",
    "Jio India West",
    "Korea Central",
    "Korea South",
    "Malaysia South",
    "Malaysia West",
    "New Zealand North",
    "South India",
    "Southeast Asia",
    "Taiwan North",
    "Taiwan Northwest",
    "West India",
    // Middle East and Africa
    "Israel Central",
    "Israel Northwest",
    "Qatar Central",
    "Saudi Arabia Central",
    "Saudi Arabia East",
    "South Africa North",
    "South Africa West",
    "UAE Central",
    "UAE North",
    // Clouds of their own
    "China East",
    "China East 2",
    "China East 3",
    "China Non-Regional",
    "China North",
    "China North 2",
    "China North 3",
    "US DoD Central",
    "US DoD East",
    "US Gov Arizona",
    "US Gov Iowa",
    "US Gov Non-Regional",
    "US Gov Texas",
    "US Gov Virginia",
];

/// The region that a category names; `None` if it is a service. Only the whole text counts: "West US" begins "West US 2".
pub(super) fn region(category: &str) -> Option<&'static str> {
    let is = |known: &&&str| known.eq_ignore_ascii_case(category);
    if NOWHERE.iter().any(|known| is(&known)) {
        return Some(GLOBAL);
    }
    REGIONS.iter().find(is).copied()
}
