//! The demo: vendors named like those of the catalog, each in the format that it speaks, with invented services.

use super::build::turn;
use super::{Region, Service, Vendor, World, Zone};
use crate::formats::find_dialect;

/// A vendor of the demo in short.
struct Sketch {
    name: &'static str,
    title: &'static str,
    dialect: &'static str,
    zone: Zone,
    /// Services by group; the group "" is none.
    services: &'static [(&'static str, &'static [&'static str])],
    /// Where each service runs: short name for ids, id, name. None: nowhere in particular.
    regions: &'static [(&'static str, &'static str)],
}

const fn sketch(
    name: &'static str,
    title: &'static str,
    dialect: &'static str,
    services: &'static [(&'static str, &'static [&'static str])],
) -> Sketch {
    Sketch { name, title, dialect, zone: Zone::Utc, services, regions: &[] }
}

const fn regional(
    name: &'static str,
    title: &'static str,
    dialect: &'static str,
    services: &'static [(&'static str, &'static [&'static str])],
    regions: &'static [(&'static str, &'static str)],
) -> Sketch {
    Sketch { name, title, dialect, zone: Zone::Utc, services, regions }
}

static SKETCHES: [Sketch; 20] = [
    sketch(
        "github",
        "GitHub",
        "statuspage",
        &[("", &["Git Transport", "Web Hooks", "Public API", "Issue Tracker", "Merge Requests & Reviews", "Runners"])],
    ),
    Sketch {
        zone: Zone::Pacific,
        ..sketch(
            "zoom",
            "Zoom",
            "statuspage",
            &[
                ("Meetings", &["Video Rooms", "Dial-in", "Recordings"]),
                ("Phone", &["Calls", "Voice Mail"]),
                ("", &["Web Portal", "Developer Platform"]),
            ],
        )
    },
    sketch(
        "bitbucket",
        "Bitbucket",
        "statuspage",
        &[("", &["Website", "Git over SSH", "Git over HTTPS", "Pipelines"])],
    ),
    sketch(
        "gitlab",
        "GitLab System",
        "statusio-html",
        &[("", &["Web", "Programming Interface", "Git", "Package Registry", "CI Runners", "Pages"])],
    ),
    regional(
        "gcp",
        "Google Cloud",
        "google-atom",
        &[("", &["Compute Fleet", "Object Store", "Message Bus"])],
        &[("us-central1", "Iowa"), ("europe-west3", "Frankfurt"), ("asia-south2", "Delhi")],
    ),
    sketch(
        "google-workspace",
        "Google Workspace",
        "google-incidents",
        &[("", &["Mail", "Calendar", "Files", "Video Calls", "Chat Rooms"])],
    ),
    regional(
        "aws",
        "Amazon Web Services",
        "aws-rss",
        &[("", &["ec2", "s3", "lambda", "rds"])],
        &[("us-east-1", "N. Virginia"), ("eu-central-1", "Frankfurt"), ("ap-northeast-1", "Tokyo")],
    ),
    regional(
        "azure-devops",
        "Azure DevOps",
        "azure-devops",
        &[("", &["Boards", "Repos", "Pipelines", "Test Plans", "Artifacts"])],
        &[("US", "United States"), ("EU", "Europe"), ("APAC", "Asia Pacific")],
    ),
    sketch(
        "slack",
        "Slack",
        "slack",
        &[("", &["Sign-in", "Messages", "Huddles", "Uploads", "Search", "Workflows", "Notifications"])],
    ),
    sketch(
        "cloudflare",
        "Cloudflare",
        "statuspage",
        &[
            ("Sites and Services", &["Dashboard", "DNS Resolver", "Edge Functions", "Image Delivery"]),
            ("Europe", &["Amsterdam (AMS)", "Düsseldorf (DUS)", "Zürich (ZRH)"]),
            ("Asia", &["Singapore (SIN)", "Tokyo (NRT)"]),
        ],
    ),
    sketch("atlassian", "Atlassian", "statuspage", &[("", &["Issue Boards", "Wiki", "Accounts", "Marketplace"])]),
    sketch(
        "discord",
        "Discord",
        "statuspage",
        &[("", &["Gateway", "Public API", "Media Proxy"]), ("Voice", &["Brazil", "Rotterdam", "Sydney"])],
    ),
    sketch(
        "digitalocean",
        "DigitalOcean",
        "statuspage",
        &[("Droplets", &["AMS3", "FRA1", "NYC3"]), ("", &["Control Panel", "Load Balancers", "Managed Databases"])],
    ),
    sketch("anthropic", "Claude", "statuspage", &[("", &["Chat", "Console", "Model API", "Code Assistant"])]),
    sketch("openai", "OpenAI", "incident-io", &[("", &["Chat", "Completions", "Images", "Embeddings", "Sign-in"])]),
    sketch(
        "pypi",
        "Python Infrastructure",
        "statuspage",
        &[("Index", &["Downloads", "Uploads", "Search"]), ("", &["Docs"])],
    ),
    sketch("npm", "npm", "statuspage", &[("", &["Registry Reads", "Registry Writes", "Website", "Security Audit"])]),
    regional(
        "intranet",
        "Intranet",
        "jq",
        &[("", &["Directory", "File Shares", "Time Sheets", "Build Farm"])],
        &[("ham", "Hamburg")],
    ),
    regional(
        "factory",
        "Factory",
        "selectors",
        &[("", &["Press Line", "Paint Shop", "Conveyor", "Packing Robots"])],
        &[("hall-1", "Hall 1"), ("hall-2", "Hall 2")],
    ),
    regional(
        "courier",
        "Courier",
        "rules",
        &[("", &["Parcel Tracking", "Pick-up Booking", "Customs Desk"])],
        &[("cgn", "Köln"), ("muc", "München")],
    ),
];

impl World {
    /// A living system: vendors named like those of the catalog. Within any minute something changes at one of them,
    /// and most are fine most of the time. The seed decides what happens.
    pub fn demo(seed: u64) -> Self {
        let drawn = SKETCHES.iter().enumerate().filter_map(|(place, sketch)| {
            Some(Vendor {
                name: sketch.name.to_owned(),
                title: sketch.title.to_owned(),
                dialect: find_dialect(sketch.dialect)?,
                zone: sketch.zone,
                services: sketch.services(),
                script: Some(turn(seed, sketch.name, place, SKETCHES.len())),
            })
        });
        Self { vendors: drawn.collect() }
    }
}

impl Sketch {
    fn services(&self) -> Vec<Service> {
        let mut services = Vec::new();
        for (group, names) in self.services {
            for name in *names {
                let group = (!group.is_empty()).then_some(*group);
                let service = |region: Option<&(&str, &str)>| Service {
                    id: slug([group, Some(*name), region.map(|(id, _)| *id)]),
                    name: (*name).to_owned(),
                    group: group.map(str::to_owned),
                    region: region.map(|&(id, name)| Region { id: id.to_owned(), name: name.to_owned() }),
                };
                services.extend(self.regions.iter().map(|region| service(Some(region))));
                if self.regions.is_empty() {
                    services.push(service(None));
                }
            }
        }
        services
    }
}

/// `[None, Some("Git Transport"), Some("US")]` to `git-transport-us`.
fn slug(parts: [Option<&str>; 3]) -> String {
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join("-").to_lowercase().replace('ü', "ue");
    text.split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_vendor_of_the_demo_is_there_with_services_told_apart_by_id() {
        let world = World::demo(1);
        assert_eq!(world.vendors().len(), SKETCHES.len());
        for vendor in world.vendors() {
            let ids: BTreeSet<_> = vendor.services.iter().map(|service| &service.id).collect();
            assert_eq!(ids.len(), vendor.services.len(), "{}", vendor.name);
            assert!(!ids.is_empty(), "{}", vendor.name);
        }
    }

    #[test]
    fn ids_are_slugs() {
        assert_eq!(slug([None, Some("Merge Requests & Reviews"), None]), "merge-requests-reviews");
        assert_eq!(slug([Some("Europe"), Some("Zürich (ZRH)"), None]), "europe-zuerich-zrh");
        assert_eq!(slug([None, Some("ec2"), Some("us-east-1")]), "ec2-us-east-1");
    }
}
