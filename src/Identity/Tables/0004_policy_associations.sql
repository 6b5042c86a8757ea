-- Which policy an endpoint, a service, or a service in a region has; the more exact one wins.
CREATE TABLE identity_policy_associations (
  policy_id TEXT NOT NULL REFERENCES identity_policies (id) ON DELETE CASCADE, endpoint_id TEXT REFERENCES identity_endpoints (id) ON DELETE CASCADE,
  service_id TEXT REFERENCES identity_services (id) ON DELETE CASCADE, region_id TEXT REFERENCES identity_regions (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX identity_policy_associations_endpoint ON identity_policy_associations (endpoint_id) WHERE endpoint_id IS NOT NULL;
CREATE UNIQUE INDEX identity_policy_associations_region ON identity_policy_associations (service_id, region_id) WHERE region_id IS NOT NULL;
CREATE UNIQUE INDEX identity_policy_associations_service ON identity_policy_associations (service_id) WHERE endpoint_id IS NULL AND region_id IS NULL;
CREATE INDEX identity_policy_associations_policy ON identity_policy_associations (policy_id);
