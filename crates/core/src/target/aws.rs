//! What the feeds and the JSON of AWS have in common: slugs that name a service and its region, and marked headlines.

use crate::schema::{Service, collapse, dimension_names};

/// The marks that close an incident wherever they stand in its headline, in lower case.
const CLOSING_MARKS: [&str; 2] = ["[resolved]", "[解決済]"];

/// The service that a slug stands for; the slug is its key. It bears its own name where the document tells it, without
/// the place that AWS adds ("Amazon Elastic Compute Cloud (Tokyo)"): that is the region's name, which is a dimension.
///
/// `told` is the region that the document names beside the slug.
pub(super) fn service(slug: &str, own_name: Option<&str>, told: Option<&str>) -> Service {
    let (id, region) = split_region(slug, told);
    let name = match (own_name, region) {
        (Some(name), Some(_)) if name.ends_with(')') => name.rsplit_once(" (").map_or(name, |(name, _)| name),
        (Some(name), _) => name,
        (None, _) => id,
    };
    let mut service = Service::named(slug, name);
    service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), slug.into());
    if let Some(region) = region {
        service.dimensions.insert(dimension_names::REGION.to_owned(), region.into());
    }
    service
}

/// Splits the region off a slug: `internetconnectivity-us-gov-west-1`, `s3-us-standard`; `None` for global services,
/// whatever region is told beside them. A told region is known by its name, others by how AWS names regions.
fn split_region<'a>(slug: &'a str, told: Option<&str>) -> (&'a str, Option<&'a str>) {
    const AREAS: [&str; 10] = ["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx", "cn"];
    const SIDES: [&str; 9] =
        ["north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest"];
    /// The name that S3 in us-east-1 still goes by.
    const STANDARD: &str = "-us-standard";

    if let Some(service) = slug.strip_suffix(STANDARD).filter(|service| !service.is_empty()) {
        return (service, Some("us-east-1"));
    }
    let parts: Vec<&str> = slug.split('-').collect();
    let length = match parts.as_slice() {
        [_, .., area, partition, side, number]
            if (*partition == "gov" || partition.starts_with("iso"))
                && AREAS.contains(area)
                && SIDES.contains(side)
                && is_number(number) =>
        {
            area.len() + partition.len() + side.len() + number.len() + 3
        }
        [_, .., area, side, number] if AREAS.contains(area) && SIDES.contains(side) && is_number(number) => {
            area.len() + side.len() + number.len() + 2
        }
        _ => match told {
            Some(region) if slug.strip_suffix(region).is_some_and(|service| service.ends_with('-')) => region.len(),
            _ => return (slug, None),
        },
    };
    match slug.split_at_checked(slug.len() - length) {
        Some((service, region)) if service != "-" => (service.trim_end_matches('-'), Some(region)),
        _ => (slug, None),
    }
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// A headline without its closing marks, and whether it had any.
pub(super) fn without_marks(headline: &str) -> (String, bool) {
    let mut headline = headline.to_owned();
    let mut is_marked = false;
    for mark in CLOSING_MARKS {
        // ASCII lower case keeps every byte in its place.
        let lower = headline.to_ascii_lowercase();
        let mut kept = String::with_capacity(headline.len());
        let mut from = 0;
        for (at, _) in lower.match_indices(mark) {
            kept.push_str(&headline[from..at]);
            kept.push(' ');
            from = at + mark.len();
        }
        is_marked |= from > 0;
        kept.push_str(&headline[from..]);
        headline = kept;
    }
    (collapse(&headline), is_marked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_split_into_service_and_region() {
        for (slug, service, region) in [
            ("ec2-us-east-1", "ec2", Some("us-east-1")),
            ("internetconnectivity-us-gov-west-1", "internetconnectivity", Some("us-gov-west-1")),
            ("s3-us-isob-east-1", "s3", Some("us-isob-east-1")),
            ("s3-us-standard", "s3", Some("us-east-1")),
            ("dynamodb-ap-northeast-3", "dynamodb", Some("ap-northeast-3")),
            ("multipleservices-me-south-1", "multipleservices", Some("me-south-1")),
            ("management-console", "management-console", None),
            ("management-console-mx-central-1", "management-console", Some("mx-central-1")),
            ("route53", "route53", None),
            ("us-east-1", "us-east-1", None),
            ("", "", None),
        ] {
            assert_eq!(split_region(slug, None), (service, region), "{slug}");
        }
    }

    #[test]
    fn a_region_of_a_new_kind_is_known_where_it_is_told() {
        for (slug, service, region) in [
            ("ec2-eusc-de-east-1", "ec2", Some("eusc-de-east-1")),
            ("ec2-us-east-1", "ec2", Some("us-east-1")),
            ("cloudfront", "cloudfront", None),
            ("eusc-de-east-1", "eusc-de-east-1", None),
            ("-eusc-de-east-1", "-eusc-de-east-1", None),
        ] {
            assert_eq!(split_region(slug, Some("eusc-de-east-1")), (service, region), "{slug}");
        }
    }

    #[test]
    fn a_service_leaves_its_place_to_its_region() {
        let name = |slug, own| service(slug, Some(own), None).name;
        assert_eq!(name("ec2-ap-northeast-1", "Amazon EC2 (Tokyo)"), "Amazon EC2");
        assert_eq!(name("ec2-ap-northeast-1", "Amazon EC2"), "Amazon EC2");
        assert_eq!(name("chime", "Amazon Chime (all)"), "Amazon Chime (all)");
        assert_eq!(service("ec2-ap-northeast-1", None, None).name, "ec2");
    }

    #[test]
    fn marks_are_found_anywhere() {
        for (headline, rest, is_marked) in [
            ("[RESOLVED] API errors", "API errors", true),
            ("API [Resolved] errors", "API errors", true),
            ("[解決済] エラー | errors", "エラー | errors", true),
            ("Not yet resolved", "Not yet resolved", false),
        ] {
            assert_eq!(without_marks(headline), (rest.to_owned(), is_marked));
        }
    }
}
