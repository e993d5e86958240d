//! A document of each format, with something of everything in it.

use serde_json::{Value, json};

/// A format and a document of its family.
pub(super) type Seed = (&'static str, Value);

/// A document of each format, or of each kind of document that it reads, ordered by the formats' names.
#[expect(clippy::too_many_lines, reason = "a table with a row for each document")]
pub(super) fn seeds() -> Vec<Seed> {
    let incident = json!({
        "id": "i1", "name": "Trouble", "status": "investigating", "impact": "critical", "shortlink": "https://x.test/1",
        "created_at": "2026-01-01T00:00:00Z", "components": [{"id": "c1", "name": "API"}],
        "incident_updates": [{"status": "identified", "body": "<p>é &amp; ü</p>", "created_at": "2026-01-01T00:00:00Z"}],
    });
    vec![
        (
            "apple",
            json!({"services": [{"serviceName": "Maps", "events": [{
                "messageId": "7", "statusType": "Outage", "message": "…", "eventStatus": "ongoing",
                "epochStartDate": 1_785_363_840_000_i64, "epochEndDate": null, "affectedServices": ["Maps"],
            }]}]}),
        ),
        (
            "aws",
            json!([{
                "arn": "arn:aws:health:us-east-1::event/EC2/1", "date": "1788472198", "status": "3", "service": "ec2-us-east-1",
                "service_name": "Multiple services", "summary": "[RESOLVED] Slow", "end_time": null,
                "event_log": [{"message": "…", "status": 1, "timestamp": 1_788_472_198}],
                "impacted_services": {
                    "ec2-us-east-1": {"service_name": "Amazon EC2", "current": "3", "max": "3"},
                    "iam": {"service_name": "AWS IAM", "current": "0", "max": "1"},
                },
                "impacted_service_status_changes": [{"service": "iam", "timestamp": 1_788_472_198_000_i64}],
            }]),
        ),
        (
            "azure",
            json!({"value": [
                {"id": "/p/Microsoft.ResourceHealth/events/1", "name": "1", "properties": {
                    "eventType": "ServiceIssue", "status": "Active", "eventLevel": "Error", "title": "…",
                    "impact": [{"impactedService": "SQL", "impactedRegions": [
                        {"impactedRegion": "West US", "status": "Active", "updates": [
                            {"summary": "<p>…</p>", "updateDateTime": "2026-01-01T00:00:00.1234567Z"},
                        ]},
                    ]}],
                }},
                {"id": "/p/Microsoft.ResourceHealth/events/2", "properties": {
                    "eventType": "PlannedMaintenance", "status": "Active", "impactStartTime": "2026-01-01T00:00:00Z",
                }},
            ], "nextLink": null}),
        ),
        (
            "azure",
            json!({"value": [{
                "id": "/subscriptions/s/resourceGroups/g/providers/N/t/n/providers/Microsoft.ResourceHealth/availabilityStatuses/current",
                "name": "current", "location": "eastus",
                "properties": {"availabilityState": "Unavailable", "reasonType": "Planned", "occuredTime": "2026-01-01T00:00:00Z"},
            }]}),
        ),
        (
            "azure-devops",
            json!({
                "status": {"health": "healthy"}, "lastUpdated": "2026-01-01T00:00:00Z",
                "services": [{"id": "Boards", "geographies": [{"id": "EU", "name": "Europe", "health": "degraded"}]}],
            }),
        ),
        (
            "betterstack",
            json!({
                "data": {"id": "1", "type": "status_page", "attributes": {
                    "company_name": "Acme", "aggregate_state": "downtime", "updated_at": "2026-01-01T00:00:00.000Z",
                }},
                "included": [
                    {"id": "5", "type": "status_page_section", "attributes": {"name": "EU"}},
                    {"id": "2", "type": "status_page_resource", "attributes": {
                        "status_page_section_id": 5, "public_name": "API", "status": "downtime",
                    }},
                    {"id": "3", "type": "status_report", "attributes": {
                        "title": "Down", "report_type": "manual", "aggregate_state": "downtime",
                        "affected_resources": [{"status_page_resource_id": "2", "status": "downtime"}],
                    }, "relationships": {"status_updates": {"data": [{"id": "4", "type": "status_update"}]}}},
                    {"id": "4", "type": "status_update", "attributes": {
                        "message": "…", "published_at": "2026-01-01T00:00:00.000Z",
                        "affected_resources": [{"status_page_resource_id": "2", "status": "downtime"}],
                    }},
                ],
            }),
        ),
        (
            "cachet",
            json!({
                "meta": {"pagination": {"links": {"next_page": "http://localhost/?page=2"}}},
                "data": [
                    {"id": 1, "name": "API", "status": 4, "group_id": 1, "enabled": true, "updated_at": "2026-01-01 00:00:00"},
                    {"id": "2", "type": "components", "attributes": {"name": "Web", "status": {"value": 2}, "order": 1},
                     "relationships": {"group": {"data": {"type": "groups", "id": "1"}}}},
                ],
                "included": [{"type": "groups", "id": "1", "attributes": {"name": "EU"}}],
            }),
        ),
        (
            "concur",
            json!({
                "incidents": [{
                    "id": 7, "status": "INVESTIGATION", "severity": "disruption", "affected_services": ["Expense"],
                    "data_centers": ["US2"], "start_date": "2026-07-24T10:57:00+0000", "end_date": null, "end_epoch": 0,
                    "messages": [{"message_type": "Issue Identified", "body": {"en": "…"}, "created_epoch": 1_784_896_866}],
                }],
            }),
        ),
        (
            "concur",
            json!({
                "data": {"Expense": {
                    "Service": "Expense", "Current Status": {"status": "degradation", "incidents": [{"id": 7}]},
                    "2026-07-24T-0500": {"status": "disruption", "incidents": [{"id": 6, "status": "RESOLVED"}]},
                }},
            }),
        ),
        (
            "google-incidents",
            json!([{
                "id": "i1", "begin": "2026-01-01T00:00:00+00:00", "external_desc": "**Title**\nSlow", "severity": "low",
                "most_recent_update": {"when": "2026-01-01T00:00:00+00:00", "status": "SERVICE_OUTAGE"},
                "affected_products": [{"id": "p1", "title": "Compute"}], "updates": [{"text": "…"}],
                "currently_affected_locations": [{"id": "us-west1"}, {"id": "global"}],
            }]),
        ),
        (
            "heroku",
            json!({
                "status": [{"system": "Apps", "status": "yellow"}, {"system": "Data", "status": "green"}],
                "incidents": [{
                    "id": 7, "title": "Slow", "state": "open", "updated_at": "2026-01-01T00:00:00.000Z",
                    "systems": [{"name": "Apps", "status": "yellow"}],
                    "updates": [{"update_type": "issue", "contents": "…", "created_at": "2026-01-01T00:00:00.000Z"}],
                }],
                "scheduled": [{"id": 8, "title": "Work", "state": "upcoming", "updates": [{"update_type": "resolved"}]}],
            }),
        ),
        (
            "ibm",
            json!({
                "statusItems": [{
                    "type": "incident", "state": "new", "id": "INC1", "sev": 1, "outageStart": 1_754_911_620_000_i64,
                    "outageEnd": 0, "updateTime": 1_756_076_416_000_i64, "regions": ["us-south"],
                    "resourceIDs": ["is-vpc"], "name": "VPC", "longDescription": "<b>…</b>", "pnpRemoved": "false",
                }],
                "resources": [{"resourceID": "is-vpc", "displayName": "Virtual Private Cloud"}],
            }),
        ),
        (
            "incident-io",
            json!({"summary": {
                "id": "p", "name": "Acme", "components": [{"id": "c1", "name": "API"}, {"id": "c2", "name": "Web"}],
                "structure": {"items": [
                    {"group": {"name": "EU", "components": [{"component_id": "c1", "hidden": false}]}},
                    {"component": {"component_id": "c2", "name": "Web"}},
                ]},
                "affected_components": [{"component_id": "c1", "status": "full_outage"}],
                "ongoing_incidents": [{
                    "id": "i1", "name": "Trouble", "status": "identified", "published_at": "2026-01-01T00:00:00Z",
                    "affected_components": [{"component_id": "c1", "current_status": "partial_outage"}],
                    "component_impacts": [{"component_id": "c1", "start_at": "2026-01-01T00:00:00Z", "end_at": null}],
                    "updates": [{"message_string": "<i>é</i>", "published_at": "2026-01-01T00:00:00Z"}],
                }],
            }}),
        ),
        (
            "instatus",
            json!({
                "page": {"name": "Acme", "status": "HASISSUES"},
                "activeIncidents": [{"id": "i", "name": "Slow", "status": "IDENTIFIED", "impact": "MAJOROUTAGE"}],
                "activeMaintenances": [{"name": "Work", "status": "INPROGRESS", "start": "2026-01-01T00:00:00.000Z"}],
                "components": [
                    {"id": "g", "name": "EU", "status": "MAJOROUTAGE", "group": null, "children": []},
                    {"id": "c", "name": "API", "status": "MAJOROUTAGE", "group": {"id": "g", "name": "EU"}},
                ],
            }),
        ),
        (
            "meta",
            json!([{"id": "ads", "name": "Ads", "services": [{"id": 5, "name": "Delivery", "status": "Low disruptions", "time": null}]}]),
        ),
        (
            "microsoft-status",
            json!([{
                "ServiceDisplayName": "OneDrive", "ServiceWorkloadName": "OneDriveConsumer", "Id": "1", "Title": "Slow",
                "AuthoredDateTime": "2026-01-01T00:00:00.1234567+00:00", "Message": "<p>…</p>", "Status": "Service degradation",
            }]),
        ),
        (
            "msgraph",
            json!({"@odata.context": "…#admin/serviceAnnouncement/healthOverviews", "value": [{
                "service": "Exchange Online", "status": "serviceDegradation", "id": "Exchange",
                "issues": [{
                    "id": "EX1", "title": "Slow", "service": "Exchange Online", "status": "verifyingService", "isResolved": false,
                    "lastModifiedDateTime": "2026-01-01T00:00:00Z", "posts": [{"description": {"content": "<b>…</b>"}}],
                }],
            }]}),
        ),
        (
            "rollbar",
            json!({"err": 0, "result": {"page": 1, "total_count": 2, "items": [
                {
                    "id": 272_505_123, "counter": 456, "project_id": 12345, "environment": "production", "level": "critical",
                    "status": "active", "title": "KeyError: 'é'", "first_occurrence_timestamp": 1_767_600_000,
                    "last_activated_timestamp": 1_767_600_100, "last_occurrence_timestamp": 1_767_700_000,
                },
                {"id": 272_505_124, "counter": 457, "level": 40, "status": "resolved", "last_resolved_timestamp": 1_767_700_000},
            ]}}),
        ),
        (
            "salesforce",
            json!([{
                "key": "EU1", "location": "EMEA", "environment": "production", "status": "MAJOR_INCIDENT_CORE", "isActive": true,
                "Incidents": [{
                    "id": 7, "isCore": true, "message": {"subject": "Slow"},
                    "IncidentImpacts": [{"startTime": "2026-01-01T00:00:00.000Z", "endTime": null, "severity": "major"}],
                    "IncidentEvents": [{"message": "<b>…</b>", "createdAt": "2026-01-01T00:00:00.000Z"}],
                }],
                "Maintenances": [{"id": 8, "name": "Work", "plannedStartTime": "2026-01-01T00:00:00.000Z"}],
            }]),
        ),
        (
            "slack",
            json!({
                "status": "active", "date_updated": "2026-01-01T00:00:00-08:00",
                "active_incidents": [{
                    "id": 7, "type": "incident", "status": "active", "services": ["Search"], "title": "Slow",
                    "notes": [{"body": "<b>…</b>", "date_created": "2026-01-01T00:00:00-08:00"}],
                }],
            }),
        ),
        (
            "sorry",
            json!({
                "page": {"id": 1, "name": "Acme", "state": "degraded", "updated_at": "2026-01-01T00:00:00.000Z"},
                "components": [{"id": 2, "name": "EU", "state": "operational"}, {
                    "id": 3, "name": "API", "state": "degraded", "parent_id": 2, "updated_at": "2026-01-01T00:00:00.000Z",
                }],
                "notices": [{
                    "id": 4, "type": "unplanned", "state": "identified", "subject": "Slow", "components": [{"id": 3}],
                    "latest_update": {"state": "identified", "content": "…", "created_at": "2026-01-01T00:00:00.000Z"},
                }],
            }),
        ),
        (
            "statusio",
            json!({"result": {
                "status_overall": {"status": "Service Disruption", "status_code": 500, "updated": "2026-01-01T00:00:00Z"},
                "status": [{
                    "id": "c", "name": "API", "status_code": 300,
                    "containers": [{"id": "k", "name": "EU", "status_code": 300, "updated": "2026-01-01T00:00:00Z"}],
                }],
                "incidents": [{
                    "_id": "i", "name": "Slow", "components_affected": [{"_id": "c"}], "containers_affected": [{"_id": "k"}],
                    "messages": [{"state": 100, "status": 300, "details": "…", "datetime": "2026-01-01T00:00:00Z"}],
                }],
                "maintenance": {"active": [{"_id": "m", "name": "Work"}], "upcoming": []},
            }}),
        ),
        (
            "statuspage",
            json!({
                "page": {"id": "p", "name": "Acme", "updated_at": "2026-01-01T00:00:00.123-07:00"},
                "status": {"indicator": "minor", "description": "…"},
                "components": [
                    {"id": "g", "name": "EU", "status": "major_outage", "group": true},
                    {"id": "c1", "name": "API", "status": "major_outage", "group_id": "g", "updated_at": "2026-01-01T00:00:00Z"},
                ],
                "incidents": [incident], "scheduled_maintenances": [{"id": "m", "name": "Work", "status": "in_progress"}],
            }),
        ),
        (
            "uptime-kuma",
            json!({"heartbeatList": {
                "1": [0, {"status": 1, "time": "2026-01-01 00:00:00.123"}, {"status": 3, "time": "2026-01-01 00:00:20.123"}],
                "2": [],
            }}),
        ),
        (
            "zscaler",
            json!({
                "data": {
                    "severity": [{"tid": "19", "name": "Service Degradation", "visible": "1"}],
                    "category": [{"title": "all", "subCategory": [{
                        "tid": "1961", "name": "Data Protection", "status": true,
                        "category_status": [{
                            "id": "7", "title": "Slow", "severityTid": "19", "status": "In Progress",
                            "from": "Mon, 10 Aug 2026 12:50:00 UTC", "description": "<p class=\"post_body\">…</p>",
                        }],
                        "issues": [{"alias": "/posts/6", "title": "Slow", "severityTid": "20", "status": "Resolved"}],
                    }]}],
                },
            }),
        ),
    ]
}
