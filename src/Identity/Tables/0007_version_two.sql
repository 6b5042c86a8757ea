-- An endpoint of v2.0 has three URLs: it is up to three rows that share this id. NULL for one made by v3.
ALTER TABLE identity_endpoints ADD COLUMN legacy_endpoint_id TEXT;
CREATE INDEX identity_endpoints_legacy ON identity_endpoints (legacy_endpoint_id);
